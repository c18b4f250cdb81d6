/* The two set-ups of the paper's experiments: languages as tasks, and domains as tasks. */
#ifndef THOR_MODEL_SETUP_H
#define THOR_MODEL_SETUP_H

#include "model/config.h"

typedef enum thor_setup { THOR_SETUP_MULTILINGUAL, THOR_SETUP_MULTIDOMAIN, THOR_SETUPS } thor_setup;

/* "multilingual", "multidomain" */
const char *thor_setup_name(thor_setup setup);

/* The set-up of this name, the multilingual one for NULL; another name is THOR_E_USAGE. */
thor_status thor_setup_find(thor_setup *setup, const char *name, thor_error *error);

/* Changes a recipe into that of the set-up: comes behind the recipe and before its scale and single keys. Recipes are
 * multilingual as they stand. Multidomain: task.label = domain, batch.temperature = 1, and 1e-2 for the weights of the
 * losses of task and balance where the system has a task predictor. */
void thor_config_setup(thor_config *config, thor_setup setup);

/* Does the set-up train only into English, where English is among the `count` languages and nobody names directions? */
bool thor_setup_into_english(thor_setup setup, char *const *languages, int32_t count);

#endif
