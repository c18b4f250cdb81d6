/* One mixture layer. It is put together of exchangeable stages and knows rows, sentences and the vectors they are
 * given, and nothing of the stack that holds it.
 *
 *   candidates    the experts that a sentence may use        all; those of a task router
 *   input         what the token router reads: u, z = W_r u  the row; the row with its context
 *                 router and experts: the same for all
 *   blend         the layer's output                         the experts' sum
 *
 * A stage is a file: a thor_stage, and the structs of its own weights and of what it saves. model/systems.c says which
 * system has which. */
#ifndef THOR_NN_MIXTURE_H
#define THOR_NN_MIXTURE_H

#include "nn/experts.h"
#include "nn/losses.h"
#include "nn/shared.h"
#include "nn/site_line.h"
#include "nn/viewer.h"
#include "nn/weights.h"

typedef struct thor_mixture thor_mixture;
typedef struct thor_mixture_saved thor_mixture_saved;
typedef struct thor_mixture_call thor_mixture_call;

/* For how much a mixture takes memory. */
typedef struct thor_mixture_room {
    thor_arena *arena;
    const thor_scratch *scratch;        /* gathered rows lie in `assigned`, activation dropout's masks in `wide` */
    int64_t rows, sentences;
    bool masks, activation_masks;       /* dropout is on */
} thor_mixture_room;

/* All functions may be NULL: nothing is done; but an input stage has `forward` and `backward`. */
typedef struct thor_stage {
    const char *name;
    size_t weights_size, saved_size;    /* of the stage's own structs */
    /* Names the stage's parameters, behind those of the experts and the token router, stages in their order. */
    void (*weights)(thor_mixture *mixture, const thor_weights *weights);
    /* Takes the memory of one pass. */
    void (*place)(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room);
    /* Candidates: saved->candidates. Input: saved->input, and z in saved->routing.probs. Blend: saved->output from
     * saved->sum. In translation (call->step) candidates stay from the start. */
    void (*forward)(const thor_mixture_call *call);
    /* Adds the stage's losses, before their weights, to part[]. */
    void (*losses)(const thor_mixture_call *call, double *part);
    /* Stores the gradients of the stage's parameters, and d_x [R,d].
     * Candidates: `d` and d_x are NULL. Input: `d` is d_z [R,E]; W_r's gradient is the stage's task.
     * Blend: `d` is d_y [R,d]; calls thor_mixture_experts_backward for its own d_sum. */
    void (*backward)(const thor_mixture_call *call, float *d_x, const float *d);
    /* Shows what golden folders have. */
    void (*show)(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view);
    /* Floating-point operations of a row, products only. */
    double (*work)(double d, double F, double E);
    const thor_site_line *sites;        /* of dropout, `site_count` of them; thor_site_line.find gets a
                                         * thor_mixture_saved */
    int site_count;
} thor_stage;

typedef enum thor_stage_place {
    THOR_STAGE_CANDIDATES,
    THOR_STAGE_INPUT,
    THOR_STAGE_BLEND,
    THOR_STAGES
} thor_stage_place;

struct thor_mixture {
    const thor_stage *stage[THOR_STAGES];   /* NULL: all experts are candidates; the experts' sum is the output */
    void *own[THOR_STAGES];             /* the stages' weights and settings, behind this struct */
    thor_router router;
    thor_experts experts;
    bool feed_experts;                  /* the experts read the routing input */
    bool decoder;                       /* rows see their prefix alone, and are the target's */
};

struct thor_mixture_saved {
    void *own[THOR_STAGES];             /* what the stages save, behind this struct */
    int32_t *candidates;                /* [B,E] 0/1; NULL: all */
    float *input;                       /* u [R,d] */
    thor_routing routing;
    thor_experts_saved experts;
    float *sum;                         /* [R,d] the experts' sum */
    float *output;                      /* y [R,d]; the sum itself where there is no blend */
    thor_handed handed;
};

/* Where a mixture stands in translation: row i is position `position` of slot slots[i]. */
typedef struct thor_mixture_step {
    float *state;                       /* [slots,d] running sums of the context */
    const int32_t *slots;               /* [R] */
    int64_t position;
} thor_mixture_step;

/* Finds where the gradient of a parameter belongs. */
typedef struct thor_gradients {
    float *(*of)(const void *context, const void *parameter);
    const void *context;
} thor_gradients;

/* One call: a shard forward or backward, or a position of translation. */
struct thor_mixture_call {
    const thor_compute *compute;
    const thor_mixture *mixture;
    thor_mixture_saved *saved;
    const float *x;                     /* [R,d] */
    const thor_packing *packing;
    const thor_given *given;
    const thor_mixture_step *step;      /* translation; else NULL */
    bool training;                      /* capacity acts */
    /* backward */
    const thor_scratch *scratch;
    const thor_gradients *gradients;
    const double *weight;               /* [THOR_LOSS_PARTS] of the losses */
    int32_t shards;                     /* S */
};

/* Bytes of a mixture and of what it saves, with those stages: the memory is the caller's, cleared, and is given to
 * thor_mixture_start and thor_mixture_saved_start, which set `stage` and `own`. */
size_t thor_mixture_size(const thor_stage *const stage[THOR_STAGES]);
void thor_mixture_start(thor_mixture *mixture, const thor_stage *const stage[THOR_STAGES]);
size_t thor_mixture_saved_size(const thor_mixture *mixture);
void thor_mixture_saved_start(thor_mixture_saved *saved, const thor_mixture *mixture);

/* Names all parameters: experts, W_r, then the stages'. Sizes (router.d, E, experts.F) have to be set. */
void thor_mixture_weights(thor_mixture *mixture, const thor_weights *weights);

/* Takes the memory of a pass or of a step of translation. */
void thor_mixture_place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room);

/* The candidates of each sentence; where there is such a stage. */
void thor_mixture_candidates(const thor_mixture_call *call);

/* saved->output from call->x. */
void thor_mixture_forward(const thor_mixture_call *call);

/* Adds this mixture's losses to part[]. */
void thor_mixture_losses(const thor_mixture_call *call, double *part);

/* d_x [R,d] from d_y [R,d]; saved->handed too. */
void thor_mixture_backward(const thor_mixture_call *call, float *d_x, const float *d_y);

/* The part of it between x and the experts' sum: routing, losses of routing, experts. Uses scratch->rows 0 to 5. */
void thor_mixture_experts_backward(const thor_mixture_call *call, float *d_x, const float *d_sum);

/* weight / S of a loss, rounded once. */
float thor_mixture_loss_weight(const thor_mixture_call *call, thor_loss_part part);

/* Where a parameter's gradient belongs; NULL for NULL. */
float *thor_mixture_gradient(const thor_mixture_call *call, const void *parameter);
thor_linear_gradient thor_mixture_linear_gradient(const thor_mixture_call *call, const thor_linear *linear);

void thor_mixture_show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view);

#endif
