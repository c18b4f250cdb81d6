/* The kinds of sub-layers, and which of them a layer has. */
#include "model/sublayer.h"

int thor_layer_kinds(const thor_sublayer_ops *kinds[THOR_MOST_SUBLAYERS], const thor_config *config, int32_t layer,
                     bool decoder)
{
    int count = 0;
    kinds[count++] = &thor_self_attention;
    if (decoder)
        kinds[count++] = &thor_cross_attention;
    kinds[count++] = thor_config_is_mixture(config, layer) ? &thor_mixture_sublayer : &thor_feed_forward;
    return count;
}
