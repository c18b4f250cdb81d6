/* What the routers and the task predictor of a model do with a set of sentences: experts by language and layer,
 * predictions by task. */
#ifndef THOR_RUN_RUN_ROUTING_H
#define THOR_RUN_RUN_ROUTING_H

#include "data/prepared.h"
#include "model/pass.h"

enum { THOR_ROUTING_INTO_ENGLISH, THOR_ROUTING_FROM_ENGLISH, THOR_ROUTING_OTHER, THOR_ROUTING_GROUPS };

/* One mixture: by the language of a row's own side, source language in the encoder and target language in the
 * decoder. */
typedef struct thor_routing_layer {
    char name[THOR_MAX_NAME];           /* "encoder.layers.1" */
    bool decoder;
    double *chosen;                     /* [languages, E] choices before capacity */
    double *rows;                       /* [languages] rows that chose */
} thor_routing_layer;

typedef struct thor_routing_report {
    const thor_config *config;
    int32_t languages, experts, tasks;  /* tasks 0: no predictor */
    thor_routing_layer *layers;
    int32_t layer_count;
    int64_t *confusion;                 /* [K, K] label, prediction */
    int64_t right[THOR_ROUTING_GROUPS], sentences[THOR_ROUTING_GROUPS];
    double nll;                         /* natural logarithms, summed over target tokens */
    int64_t tokens;
} thor_routing_report;

/* Runs the model over a split of the corpus in `folder`, in the directions that it was trained on, with the references
 * as targets. The model has to outlive *routing. Free it also after an error. */
thor_status thor_routing_run(thor_routing_report *routing, const thor_model *model, const thor_compute *compute,
                             const thor_prepared *corpus, const char *folder, thor_split split, thor_error *error);
void thor_routing_free(thor_routing_report *routing);

#endif
