/* What a configuration says about its languages: which are related, and how many experts serve each. */
#ifndef THOR_MODEL_FAMILIES_H
#define THOR_MODEL_FAMILIES_H

#include "model/config.h"

/* family[i] of language i: equal where one line of lingual.families names both; a language that no line names is a
 * family of its own. */
void thor_families_of(int32_t *family, const thor_config *config);

/* THOR_E_USAGE where a language appears twice. */
thor_status thor_families_check(const thor_names *families, thor_error *error);

/* The difficulty class of a language, an index of lingual.sizes: its group, high where it has none. */
int thor_language_class(const thor_config *config, int32_t language);

/* Candidate experts of a sentence into that language: the size of its class where groups grow, else C. */
int32_t thor_language_group_size(const thor_config *config, int32_t language);

#endif
