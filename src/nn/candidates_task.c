/* The task router's candidates, and the balance of tasks.
 *
 *   forward    P_task = softmax(W_t r) of each sentence; candidates = the C largest
 *   losses     L_tb over the K tasks, each with its own row of U as r, or over the sentences
 *   backward   L_tb's to W_t, and to U or r; the mask has no gradient */
#include "nn/stages.h"
#include "nn/task_router.h"

typedef struct {
    thor_linear router;                 /* W_t [E,d] */
    int64_t tasks;                      /* K; 0: L_tb over sentences */
} own_weights;

typedef struct {
    float *probs;                       /* P_task [B,E] */
    float *balance_probs;               /* what L_tb is over: [K,E], or probs */
    int32_t *balance_candidates;
    float *f, *Q;                       /* [E] of L_tb */
    float *d_logits;                    /* [K or B,E] */
} own_saved;

void thor_candidates_task_set(thor_mixture *mixture, int64_t tasks)
{
    own_weights *own = mixture->own[THOR_STAGE_CANDIDATES];
    own->tasks = tasks;
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
    int64_t E = mixture->router.E, rows = own->tasks > 0 ? own->tasks : room->sentences;
    kept->probs = kept->balance_probs = THOR_TAKE(room->arena, float, room->sentences * E);
    saved->candidates = kept->balance_candidates = THOR_TAKE(room->arena, int32_t, room->sentences * E);
    if (own->tasks > 0) {
        kept->balance_probs = THOR_TAKE(room->arena, float, rows * E);
        kept->balance_candidates = THOR_TAKE(room->arena, int32_t, rows * E);
    }
    kept->f = THOR_TAKE(room->arena, float, E);
    kept->Q = THOR_TAKE(room->arena, float, E);
    kept->d_logits = THOR_TAKE(room->arena, float, rows * E);
    float *handed = THOR_TAKE(room->arena, float, rows * mixture->router.d);
    *(own->tasks > 0 ? &saved->handed.table : &saved->handed.vectors) = handed;
}

static void forward(const thor_mixture_call *call)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *saved = call->saved->own[THOR_STAGE_CANDIDATES];
    thor_task_router_forward(call->compute, saved->probs, call->saved->candidates, call->given->vectors, &own->router,
                             call->packing->sentences, call->mixture->router.C);
}

static void losses(const thor_mixture_call *call, double *part)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *saved = call->saved->own[THOR_STAGE_CANDIDATES];
    if (own->tasks > 0)
        thor_task_router_forward(call->compute, saved->balance_probs, saved->balance_candidates, call->given->table,
                                 &own->router, own->tasks, call->mixture->router.C);
    part[THOR_LOSS_TASK_BALANCE] += thor_task_balance(call->compute, saved->f, saved->Q, saved->balance_probs,
                                                      saved->balance_candidates,
                                                      own->tasks > 0 ? own->tasks : call->packing->sentences,
                                                      call->mixture->router.E);
}

static void backward(const thor_mixture_call *call, float *d_x, const float *d)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_CANDIDATES];
    own_saved *saved = call->saved->own[THOR_STAGE_CANDIDATES];
    bool over_tasks = own->tasks > 0;
    (void)d_x, (void)d;
    thor_task_balance_backward(call->compute, over_tasks ? call->saved->handed.table : call->saved->handed.vectors,
                               thor_mixture_gradient(call, own->router.weight.data), saved->d_logits, saved->f,
                               saved->balance_probs, over_tasks ? call->given->table : call->given->vectors,
                               &own->router, over_tasks ? own->tasks : call->packing->sentences,
                               thor_mixture_loss_weight(call, THOR_LOSS_TASK_BALANCE));
}

static void show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view)
{
    const own_saved *kept = saved->own[THOR_STAGE_CANDIDATES];
    int64_t E = mixture->router.E;
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_F32, kept->probs, E, "moe.task_probs");
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_I32, saved->candidates, E, "moe.candidates");
}

const thor_stage thor_candidates_task = { .name = "task router", .weights_size = sizeof(own_weights),
                                          .saved_size = sizeof(own_saved), .weights = name_weights, .place = place,
                                          .forward = forward, .losses = losses, .backward = backward, .show = show };
