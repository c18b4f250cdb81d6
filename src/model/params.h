/* The table of parameters: name, shape, initial values, place. All of them lie in one block of binary32 in the order of
 * the table, each tensor on a 64-byte line; experts' tensors lie expert by expert, so that a process can own some of
 * them. */
#ifndef THOR_MODEL_PARAMS_H
#define THOR_MODEL_PARAMS_H

#include "base/par.h"
#include "base/tensor.h"
#include "model/config.h"
#include "nn/weights.h"

typedef struct thor_param {
    char name[THOR_MAX_NAME];   /* as in weights.safetensors */
    int dims;
    int64_t shape[3];
    int64_t count;              /* elements */
    int64_t offset;             /* floats from the block's start, a multiple of 16 */
    int32_t experts;            /* E for expert tensors (slices of count / E), else 0 */
    thor_init init;
    double scale;
    bool zero_padding_row;      /* embed.weight: row <pad> starts as 0 */
} thor_param;

typedef struct thor_params {
    thor_param *items;
    int32_t count;
    int64_t floats;             /* size of a block (values, gradients, moments) in floats */
    int64_t elements;           /* sum of counts, without gaps */
    int32_t *sorted;            /* indices in the order of the names (strcmp), for norms and digests */
} thor_params;

/* Lays out the table; needs vocab.ids and languages. Free with thor_params_free. */
thor_status thor_params_make(thor_params *params, const thor_config *config, thor_error *error);
void thor_params_free(thor_params *params);

/* Index by name, or -1. */
int32_t thor_params_find(const thor_params *params, const char *name);

/* Initial values: element i of parameter number t uses Philox site THOR_SITE_INIT + t, step 0, shard 0. Uniform: scale
 * * (2u - 1) in double, rounded once. Normal: Box and Muller on elements 2i, 2i+1 in the project's own functions
 * (thor-numerics(7)). par NULL: on this thread. */
void thor_params_init(float *values, const thor_params *params, uint64_t seed, const thor_par *par);

#endif
