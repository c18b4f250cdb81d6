/* Directions by name, and the task label that a sentence of one has. */
#ifndef THOR_MODEL_LABELS_H
#define THOR_MODEL_LABELS_H

#include "model/config.h"

/* "src-tgt" with its zero byte. */
enum { THOR_DIRECTION_NAME = 2 * THOR_NAME_LETTERS + 2 };

/* "de-en" of the codes "de" and "en". Returns `name`. */
const char *thor_direction_name(char name[THOR_DIRECTION_NAME], const char *source, const char *target);

/* The name of a direction between languages of the configuration. Returns `name`. */
const char *thor_config_direction(char name[THOR_DIRECTION_NAME], const thor_config *config, int32_t source,
                                  int32_t target);

/* Adds `name` to a list that is sorted by strcmp, unless it is there. */
thor_status thor_directions_add(thor_names *pairs, const char *name, thor_error *error);

/* The class of task.label: an index into languages, pairs or domains; -1 where the direction is not among the pairs,
 * or `domain` (an index into config->domains) is -1. */
int32_t thor_direction_label(const thor_config *config, int32_t source, int32_t target, int32_t domain);

/* The name of class `task`, "3" where it has none. Returns `text`. */
const char *thor_task_name(const thor_config *config, int32_t task, char text[THOR_DIRECTION_NAME]);

#endif
