/* A model from two files in which nothing is trusted: a configuration, and the weights that it describes. */
#ifndef THOR_FILE_STORED_MODEL_H
#define THOR_FILE_STORED_MODEL_H

#include "model/model.h"

/* Everything but the values, from a config.json that thor wrote: what is wrong with it is THOR_E_FORMAT and not usage.
 * Close the model after any result. */
thor_status thor_stored_model_plan(thor_model *model, const char *config, thor_error *error);

/* Takes memory for the values of a planned model and fills them, after the file was found to hold them: a configuration
 * alone decides no allocation. */
thor_status thor_stored_model_take(thor_model *model, const char *weights, thor_error *error);

#endif
