/* A group of experts for each target language, and what teaches it which languages are related.
 *
 *   forward    l_i = W_t t_i,  G_i = softmax(l_i) of every language;  candidates of a sentence = the largest of G_i of
 *              its target language, as many as the language's group has
 *   losses     L_family of the l_i; it alone gives W_t and t a gradient, as the mask has none
 *   backward   d_W_t = d_l^T t,  d_t = d_l W_t */
#include <string.h>

#include "nn/family.h"
#include "nn/stages.h"
#include "nn/task_router.h"

typedef struct {
    thor_linear router;                 /* W_t [E,d] */
    int64_t languages;
} own_weights;

typedef struct {
    float *logits;                      /* l [languages,E] */
    float *probs;                       /* G [languages,E] */
    int32_t *groups;                    /* [languages,E] 0/1 */
    float *sentence_probs;              /* [B,E] G of each sentence's language */
    thor_family_saved family;
    float *d_logits, *d_table;          /* [languages,E], [languages,d] */
} own_saved;

void thor_candidates_language_set(thor_mixture *mixture, int64_t languages)
{
    own_weights *own = mixture->own[THOR_STAGE_CANDIDATES];
    own->languages = languages;
}

static void name_weights(thor_mixture *mixture, const thor_weights *weights)
{
    own_weights *own = mixture->own[THOR_STAGE_CANDIDATES];
    own->router = thor_weights_linear(weights, "moe.task_router", mixture->router.E, mixture->router.d, false);
}

static void place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room)
{
    const own_weights *own = mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *kept = saved->own[THOR_STAGE_CANDIDATES];
    int64_t E = mixture->router.E, n = own->languages;
    kept->logits = THOR_TAKE(room->arena, float, n * E);
    kept->probs = THOR_TAKE(room->arena, float, n * E);
    kept->groups = THOR_TAKE(room->arena, int32_t, n * E);
    kept->sentence_probs = THOR_TAKE(room->arena, float, room->sentences * E);
    saved->candidates = THOR_TAKE(room->arena, int32_t, room->sentences * E);
    thor_family_place(&kept->family, room->arena, n, E);
    kept->d_logits = THOR_TAKE(room->arena, float, n * E);
    kept->d_table = THOR_TAKE(room->arena, float, n * mixture->router.d);
}

static void forward(const thor_mixture_call *call)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *saved = call->saved->own[THOR_STAGE_CANDIDATES];
    int64_t E = call->mixture->router.E;
    thor_linear_forward(call->compute, saved->logits, call->given->table, &own->router, own->languages);
    for (int64_t i = 0; i < own->languages; i++) {
        call->compute->kernels->softmax(saved->probs + i * E, saved->logits + i * E, E, NULL, NULL);
        thor_task_router_largest(saved->groups + i * E, saved->probs + i * E, E, call->given->group[i]);
    }
    for (int64_t b = 0; b < call->packing->sentences; b++) {
        int64_t from = call->given->target_language[b] * E;
        memcpy(saved->sentence_probs + b * E, saved->probs + from, (size_t)E * sizeof *saved->probs);
        memcpy(call->saved->candidates + b * E, saved->groups + from, (size_t)E * sizeof *saved->groups);
    }
}

static void losses(const thor_mixture_call *call, double *part)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *saved = call->saved->own[THOR_STAGE_CANDIDATES];
    if (call->given->family)
        part[THOR_LOSS_FAMILY] += thor_family_forward(call->compute, &saved->family, saved->logits,
                                                      call->given->family, own->languages, call->mixture->router.E);
}

static void backward(const thor_mixture_call *call, float *d_x, const float *d)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *saved = call->saved->own[THOR_STAGE_CANDIDATES];
    int64_t n = own->languages, E = call->mixture->router.E;
    const thor_linear_gradient gradient = thor_mixture_linear_gradient(call, &own->router);
    (void)d_x, (void)d;
    if (!call->given->family) {
        memset(gradient.weight, 0, (size_t)(E * call->mixture->router.d) * sizeof *gradient.weight);
        return;
    }
    thor_family_backward(call->compute, saved->d_logits, &saved->family,
                         call->weight[THOR_LOSS_FAMILY] / (double)call->shards, n, E);
    call->saved->handed.table = saved->d_table;
    thor_linear_backward(call->compute, saved->d_table, THOR_GEMM_STORE, &gradient, saved->d_logits,
                         call->given->table, &own->router, n);
}

static void show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view)
{
    const own_saved *kept = saved->own[THOR_STAGE_CANDIDATES];
    int64_t E = mixture->router.E;
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_F32, kept->sentence_probs, E, "moe.task_probs");
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_I32, saved->candidates, E, "moe.candidates");
}

const thor_stage thor_candidates_language = { .name = "language router", .weights_size = sizeof(own_weights),
                                              .saved_size = sizeof(own_saved), .weights = name_weights,
                                              .place = place, .forward = forward, .losses = losses,
                                              .backward = backward, .show = show };
