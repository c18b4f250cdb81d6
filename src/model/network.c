#include "model/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/vectors.h"

/* The list of a stack's sub-layers, without weights. */
static thor_status list_sublayers(thor_stack *stack, const thor_config *config, thor_error *error)
{
    bool decoder = stack->number == 1;
    int32_t layers = decoder ? config->model.decoder_layers : config->model.encoder_layers;
    stack->items = calloc((size_t)layers * THOR_MOST_SUBLAYERS + 1, sizeof *stack->items);
    if (!stack->items)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %d layers", stack->name, (int)layers);
    for (int32_t layer = 0; layer < layers; layer++) {
        const thor_sublayer_ops *kinds[THOR_MOST_SUBLAYERS];
        int count = thor_layer_kinds(kinds, config, layer, decoder);
        for (int i = 0; i < count; i++) {
            thor_sublayer *sub = &stack->items[stack->count++];
            *sub = (thor_sublayer){ .ops = kinds[i], .layer = layer, .decoder = decoder, .ends_layer = i + 1 == count };
            sub->weights = calloc(1, sub->ops->weights_size(config, decoder));
            if (!sub->weights)
                return thor_fail(error, THOR_E_MEMORY, "%s: no memory for layer %d", stack->name, (int)layer);
        }
    }
    return THOR_OK;
}

static thor_status open_stacks(thor_network *network, const thor_config *config, thor_error *error)
{
    bool post = config->model.norm == THOR_NORM_POST;
    network->encoder = (thor_stack){ .name = "encoder", .number = 0, .post = post };
    network->decoder = (thor_stack){ .name = "decoder", .number = 1, .post = post };
    THOR_TRY(list_sublayers(&network->encoder, config, error));
    return list_sublayers(&network->decoder, config, error);
}

static void name_stack(thor_stack *stack, const thor_weights *weights, const thor_config *config)
{
    thor_weights of_layer = *weights;
    for (int32_t i = 0; i < stack->count; i++) {
        thor_sublayer *sub = &stack->items[i];
        snprintf(of_layer.prefix, sizeof of_layer.prefix, "%s.layers.%d.", stack->name, (int)sub->layer);
        sub->ops->weights(sub, &of_layer, config);
    }
}

static void name_vectors(thor_network *network, const thor_weights *weights, const thor_config *config, bool last)
{
    if (network->vectors && network->vectors->last == last)
        network->vectors->weights(network->vectors_weights, weights, config);
}

/* The order of the table of parameters, which numbers the initial values. */
static void name_all(thor_network *network, const thor_weights *weights, const thor_config *config)
{
    int64_t d = network->d;
    network->embedding = thor_weights_matrix(weights, "embed.weight", THOR_INIT_NORMAL, 1 / sqrt((double)d), network->V,
                                             d).data;
    name_vectors(network, weights, config, false);
    if (!network->encoder.post) {
        network->encoder.norm = thor_weights_norm(weights, "encoder.layer_norm", d);
        network->decoder.norm = thor_weights_norm(weights, "decoder.layer_norm", d);
    }
    name_stack(&network->encoder, weights, config);
    name_stack(&network->decoder, weights, config);
    name_vectors(network, weights, config, true);
}

static thor_status open_vectors(thor_network *network, const thor_config *config, thor_error *error)
{
    const thor_system_line *line = thor_system_of(config);
    network->vectors = line->vectors_of ? line->vectors_of(config) : NULL;
    if (!network->vectors)
        return THOR_OK;
    network->vectors_weights = calloc(1, network->vectors->weights_size);
    if (!network->vectors_weights)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the %s", network->vectors->name);
    if (network->vectors->tap)
        network->tap = network->vectors->tap(&network->encoder, config);
    return THOR_OK;
}

thor_status thor_network_make(thor_network *network, const thor_config *config, const thor_weights *weights,
                              thor_error *error)
{
    *network = (thor_network){ .d = config->model.width, .F = config->model.ffn_width, .V = config->vocab.ids,
                               .H = config->model.heads, .E = config->moe.experts };
    THOR_TRY(thor_weights_check(weights, error));
    thor_status status = open_stacks(network, config, error);
    if (status == THOR_OK)
        status = open_vectors(network, config, error);
    if (status == THOR_OK)
        name_all(network, weights, config);
    else
        thor_network_close(network);
    return status;
}

static void close_stack(thor_stack *stack)
{
    for (int32_t i = 0; i < stack->count; i++)
        free(stack->items[i].weights);
    free(stack->items);
    *stack = (thor_stack){ .items = NULL };
}

void thor_network_close(thor_network *network)
{
    close_stack(&network->encoder);
    close_stack(&network->decoder);
    free(network->vectors_weights);
    network->vectors_weights = NULL;
}
