/* Configurations as JSON, and as --set key=value. Names, types and ranges come from model/keys.h; thor-config(5) is the
 * manual. Every error names the file (or --set), the key, what was found and what is possible. */
#ifndef THOR_FILE_CONFIG_JSON_H
#define THOR_FILE_CONFIG_JSON_H

#include <stddef.h>

#include "model/setup.h"

/* Parses `count` bytes of JSON into the defaults; `name` stands in errors. Free with thor_config_free. Each key's
 * range is checked, combinations are not (thor_config_check). */
thor_status thor_config_parse(thor_config *config, const char *text, size_t count, const char *name, thor_error *error);

/* The same from a file. */
thor_status thor_config_read(thor_config *config, const char *path, thor_error *error);

/* A configuration that the program wrote, as into a checkpoint: combinations are checked too, and whatever is wrong is
 * THOR_E_FORMAT, for nobody has asked for it: the file was damaged. */
thor_status thor_config_read_written(thor_config *config, const char *path, thor_error *error);

/* A recipe by its name, or else a configuration file: what --recipe takes. */
thor_status thor_config_load(thor_config *config, const char *recipe, thor_error *error);

/* "section.key=value"; lists are separated by commas. */
thor_status thor_config_set(thor_config *config, const char *assignment, thor_error *error);

/* What may follow a recipe, in its order: the set-up, the scale (NULL: the sizes stay), `set_count` assignments. */
thor_status thor_config_adjust(thor_config *config, thor_setup setup, const char *scale, const char *const *set,
                               size_t set_count, thor_error *error);

/* All keys as JSON; the caller frees *text. `version` is written as thor_version unless NULL, vocab.ids where known. */
thor_status thor_config_text(char **text, const thor_config *config, const char *version, thor_error *error);

/* A key's value as JSON, e.g. for saying what changed; the caller frees. NULL without memory. */
char *thor_config_value(const thor_config *config, const char *key);

#endif
