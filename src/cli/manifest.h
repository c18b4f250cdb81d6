/* A corpus described by a small JSON file (thor-prepare(1)). */
#ifndef THOR_CLI_MANIFEST_H
#define THOR_CLI_MANIFEST_H

#include "data/bitext.h"

/* Paths in the manifest are relative to its folder. Errors name the file and the place in it. Free with
 * thor_bitext_free, also after an error. */
thor_status thor_manifest_read(thor_bitext *corpus, const char *path, thor_error *error);

#endif
