/* What the routers and the task predictor of a model do with a set of sentences: experts by layer and by language or
 * domain, candidates of the sentences, predictions by task. */
#ifndef THOR_RUN_RUN_ROUTING_H
#define THOR_RUN_RUN_ROUTING_H

#include "data/prepared.h"
#include "model/pass.h"
#include "run/run_split.h"

enum { THOR_ROUTING_INTO_ENGLISH, THOR_ROUTING_FROM_ENGLISH, THOR_ROUTING_OTHER, THOR_ROUTING_SIDES };

/* One mixture. */
typedef struct thor_routing_layer {
    char name[THOR_MAX_NAME];           /* "encoder.layers.1" */
    bool decoder;
    double *chosen;                     /* [groups, E] choices before capacity */
    double *rows;                       /* [groups] rows that chose */
    uint64_t *sets;                     /* [set_count, (E+63)/64] the different sets of candidates, a bit an expert */
    int64_t set_count;                  /* 0: sentences have no candidates, every expert can be chosen */
} thor_routing_layer;

/* Rows are counted in groups: the domains of the configuration and then one for sentences of no domain of it, where
 * task.label is domain; else the languages, the source's in the encoder and the target's in the decoder. */
typedef struct thor_routing_report {
    const thor_config *config;
    bool by_domain;
    int32_t groups, experts, tasks;     /* tasks 0: no predictor */
    thor_routing_layer *layers;
    int32_t layer_count;
    int64_t *confusion;                 /* [K, K] label, prediction */
    int64_t right[THOR_ROUTING_SIDES], sentences[THOR_ROUTING_SIDES];
    double nll;                         /* natural logarithms, summed over target tokens */
    int64_t tokens;
} thor_routing_report;

/* Runs the model over a split of the corpus in `folder`, in the directions that it was trained on, with the references
 * as targets. A split without sentences is THOR_E_FAILED, and the sentence names those that have some. The model has to
 * outlive *routing. Free it also after an error. */
thor_status thor_routing_run(thor_routing_report *routing, const thor_model *model, const thor_compute *compute,
                             const thor_prepared *corpus, const char *folder, thor_split split, thor_error *error);
/* The same step by step: nothing counted yet; adds what a step of thor_split_run did. THOR_E_MEMORY. */
thor_status thor_routing_open(thor_routing_report *routing, const thor_config *config, thor_error *error);
thor_status thor_routing_add(thor_routing_report *routing, const thor_split_step *step, thor_error *error);
void thor_routing_free(thor_routing_report *routing);

/* Of `sets`, for one set. */
static inline size_t thor_routing_words(const thor_routing_report *routing)
{
    return ((size_t)routing->experts + 63) / 64;
}

/* --- run_routing_numbers.c: what the counts say. `layer` NULL: all mixtures together; `group` -1: all groups. --- */

/* "de", "law"; "none" for sentences of no domain. */
const char *thor_routing_group_name(const thor_routing_report *routing, int32_t group);

/* Experts that a row chose, in the mean. NaN without rows. */
double thor_routing_experts_per_token(const thor_routing_report *routing, const thor_routing_layer *layer,
                                      int32_t group);

/* The part of the group's choices that fell to the expert. NaN without choices. */
double thor_routing_share(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t group,
                          int32_t expert);

/* How evenly the choices of a mixture fall to the experts: the entropy of their shares divided by its largest value,
 * - sum over e of u_e ln u_e / ln E, where 0 ln 0 is 0. 1: all alike; 0: one has all; NaN without choices or with one
 * expert. */
double thor_routing_evenness(const thor_routing_report *routing, const thor_routing_layer *layer);

/* Experts of a mixture that no row chose; and those that were no sentence's candidate, which are among them. */
bool thor_routing_is_unused(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t expert);
bool thor_routing_is_excluded(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t expert);

/* The part of the experts of all mixtures that some row chose, and the number of different sets of candidates, the mean
 * over the mixtures that have candidates. NaN without mixtures, or without candidates. */
double thor_routing_used_share(const thor_routing_report *routing);
double thor_routing_candidate_sets(const thor_routing_report *routing);

#endif
