#include "nn/weights.h"

#include <math.h>
#include <stdio.h>

thor_status thor_weights_check(const thor_weights *weights, thor_error *error)
{
    if (weights->dtype == THOR_F32)
        return THOR_OK;
    return thor_fail(error, THOR_E_FAILED, "the parameters are of type %s; this version multiplies F32 only",
                     thor_dtype_name(weights->dtype));
}

const float *thor_weights_take(const thor_weights *weights, const thor_weight *weight)
{
    char name[THOR_MAX_NAME];
    thor_weight full = *weight;
    snprintf(name, sizeof name, "%s%s", weights->prefix, weight->name);
    full.name = name;
    return weights->take(weights->context, &full);
}

thor_matrix thor_weights_matrix(const thor_weights *weights, const char *name, thor_init init, double scale,
                                int64_t rows, int64_t columns)
{
    const thor_weight weight = { .name = name, .shape = { rows, columns }, .init = init, .scale = scale };
    return (thor_matrix){ thor_weights_take(weights, &weight), weights->dtype, rows, columns };
}

thor_linear thor_weights_linear(const thor_weights *weights, const char *name, int64_t out, int64_t in, bool bias)
{
    char full[64];
    double bound = 1 / sqrt((double)in);
    thor_linear linear = { .bias = NULL };
    snprintf(full, sizeof full, "%s.weight", name);
    linear.weight = thor_weights_matrix(weights, full, THOR_INIT_UNIFORM, bound, out, in);
    if (bias) {
        snprintf(full, sizeof full, "%s.bias", name);
        const thor_weight weight = { .name = full, .shape = { out }, .init = THOR_INIT_UNIFORM, .scale = bound };
        linear.bias = thor_weights_take(weights, &weight);
    }
    return linear;
}

thor_scaling thor_weights_norm(const thor_weights *weights, const char *name, int64_t d)
{
    char gain[64], bias[64];
    snprintf(gain, sizeof gain, "%s.weight", name);
    snprintf(bias, sizeof bias, "%s.bias", name);
    const thor_weight one = { .name = gain, .shape = { d }, .init = THOR_INIT_ONE },
                      zero = { .name = bias, .shape = { d }, .init = THOR_INIT_ZERO };
    thor_scaling scaling = { .gain = thor_weights_take(weights, &one) };
    scaling.bias = thor_weights_take(weights, &zero);
    return scaling;
}
