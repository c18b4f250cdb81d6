/* Which directions of a corpus are trained or looked at. */
#ifndef THOR_DATA_DIRECTIONS_H
#define THOR_DATA_DIRECTIONS_H

#include "data/sampler.h"

/* Makes *pairs the corpus's directions that match `list`, sorted: "de-en,fr-*,*-en", where * stands for any language.
 * An item that matches none is THOR_E_USAGE; `folder` names the corpus there. */
thor_status thor_directions_choose(thor_names *pairs, const thor_prepared *corpus, const char *list,
                                   const char *folder, thor_error *error);

/* Opens a sampler (thor_sampler_open) of the corpus's directions that are in config->pairs, in the order of the corpus;
 * of all of them where that list is empty. */
thor_status thor_directions_sampler(thor_sampler **sampler, const thor_prepared *corpus, const thor_config *config,
                                    const char *folder, thor_error *error);

#endif
