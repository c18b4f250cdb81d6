/* A model: its configuration, the table of its parameters and their values. */
#ifndef THOR_MODEL_MODEL_H
#define THOR_MODEL_MODEL_H

#include "base/par.h"
#include "model/config.h"
#include "model/params.h"

typedef struct thor_model {
    thor_config config;
    thor_params params;
    float *values;              /* [params.floats], 64-byte aligned, owned; gaps between tensors are 0 */
} thor_model;

/* Everything but the values: for saying how much memory a model will take. The copy of the configuration is settled
 * (thor_config_settle). */
thor_status thor_model_plan(thor_model *model, const thor_config *config, thor_error *error);
/* Allocates the values of a planned model, all 0, on the threads that will train it (NULL: on this one). */
thor_status thor_model_take(thor_model *model, const thor_par *par, thor_error *error);

/* Copies the configuration (vocab.ids and languages have to be known), lays out the table and allocates values,
 * all 0. */
thor_status thor_model_open(thor_model *model, const thor_config *config, thor_error *error);
void thor_model_close(thor_model *model);

#endif
