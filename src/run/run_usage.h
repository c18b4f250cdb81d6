/* How the experts of a model are used: which are ever chosen, which sets of candidates sentences have, how even it
 * is. */
#ifndef THOR_RUN_RUN_USAGE_H
#define THOR_RUN_RUN_USAGE_H

#include "model/pass.h"

/* One mixture. */
typedef struct thor_usage_layer {
    char name[THOR_MAX_NAME];           /* "encoder.layers.1" */
    int64_t *chosen;                    /* [E] choices before capacity */
} thor_usage_layer;

typedef struct thor_usage {
    int32_t experts, layer_count, most_layers;
    thor_usage_layer *layers;
    size_t set_count, set_room;         /* different sets of candidates, those of all mixtures of a sentence together */
    unsigned char *sets;                /* [set_room, most_layers * experts] of 0 and 1 */
    bool has_candidates;
    unsigned char *sentences;           /* [sentences of a batch, most_layers * experts] */
} thor_usage;

/* Nothing counted yet. Free also after an error. THOR_E_MEMORY. */
thor_status thor_usage_open(thor_usage *usage, const thor_config *config, thor_error *error);
void thor_usage_free(thor_usage *usage);

/* Adds what the last forward pass of `pass`, over `batch`, did. */
thor_status thor_usage_add(thor_usage *usage, const thor_pass *pass, const thor_batch *batch, thor_error *error);

/* Experts of all mixtures that were chosen at least once, divided by all; NaN without mixtures. */
double thor_usage_share(const thor_usage *usage);
/* Different sets of candidates; NaN where experts are not chosen in advance. */
double thor_usage_sets(const thor_usage *usage);
/* Of one mixture: entropy of the choices divided by log E; 1 is even, 0 is one expert alone, NaN without a choice. */
double thor_usage_evenness(const thor_usage_layer *layer, int32_t experts);

#endif
