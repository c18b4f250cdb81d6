/* A mixture layer on trial: its sizes, what it reads, and the same layer on the tape. */
#ifndef TESTS_NN_MIXTURE_TRIAL_H
#define TESTS_NN_MIXTURE_TRIAL_H

#include "judge.h"
#include "nn/mixture.h"

enum { MIXTURE_SENTENCES = 3, MIXTURE_MOST_E = 64 };

typedef struct mixture_sizes {
    const char *name;
    int64_t lengths[MIXTURE_SENTENCES], d, F, E, C, k;      /* C < E: candidates by the task router */
    thor_policy policy;
    double p, capacity, dropout;
    bool renormalize;
    thor_capacity_order order;
    thor_balance_count count;
    thor_context_form form;
    bool prefix, infuse, feed;
    bool own;                           /* two experts of each sentence's language, C = 2 */
    int gates;                          /* of a shared network: 1 cmr, 2 softmax; 0: there is none */
    double budget;
    bool groups;                /* r is a table of three languages; the task router chooses their groups, of C, C + 1
                                 * and C experts, and learns by the family loss, which stands where L_tb does */
    bool language;              /* the router reads r, the sentence's vector, for all its rows */
} mixture_sizes;

/* What the layer reads, in the order of judge_layer's `in`. Arrays that a case has no use for are empty. */
enum { MIXTURE_X, MIXTURE_R, MIXTURE_ROUTER, MIXTURE_TASK_ROUTER, MIXTURE_GATE, MIXTURE_GATE_BIAS, MIXTURE_FC1,
       MIXTURE_FC1_BIAS, MIXTURE_FC2, MIXTURE_FC2_BIAS, MIXTURE_SHARED_FC1, MIXTURE_SHARED_FC1_BIAS, MIXTURE_SHARED_FC2,
       MIXTURE_SHARED_FC2_BIAS, MIXTURE_SHARED_GATE, MIXTURE_SHARED_GATE_BIAS, MIXTURE_INPUTS };

/* Weights of L_lb, L_dyn, L_tb and L_budget, which stand behind y [R,d]. */
enum { MIXTURE_LOSSES = 4 };
extern const float mixture_loss_weights[MIXTURE_LOSSES];

/* Of the sentences, on the side of the mixture; with `groups` also the family of each language. */
extern const int32_t mixture_languages[MIXTURE_SENTENCES], mixture_families[MIXTURE_SENTENCES];
int32_t mixture_group(const mixture_sizes *sizes, int64_t language);

int64_t mixture_rows(const mixture_sizes *sizes);
bool mixture_has_candidates(const mixture_sizes *sizes);

/* A layer with drawn numbers and without `run`; context is `sizes`. */
void mixture_open(judge_layer *layer, const mixture_sizes *sizes);

#endif
