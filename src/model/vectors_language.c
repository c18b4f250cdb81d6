/* The vector of each sentence's target language.
 *
 *   forward    e, a row of language.embedding as it stands
 *   backward   its gradient is added sentence by sentence, mixtures in the order of the forward pass */
#include <string.h>

#include "model/vectors.h"

typedef struct {
    thor_matrix embedding;              /* [languages,d] */
} own_weights;

typedef struct {
    float *vectors;                     /* [B,d] */
} own_saved;

static void name_embedding(void *own, const thor_weights *weights, const thor_config *config)
{
    own_weights *w = own;
    w->embedding = thor_weights_matrix(weights, "language.embedding.weight", THOR_INIT_NORMAL, 1,
                                       config->languages.count, config->model.width);
}

static void place(thor_pass *pass, const thor_sublayer_room *room)
{
    own_saved *saved = pass->vectors_saved;
    saved->vectors = THOR_TAKE(room->arena, float, room->sentences * pass->network.d);
}

static void forward(thor_pass *pass, const float *stream, thor_losses *losses)
{
    const own_weights *w = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    const float *embedding = thor_matrix_f32(&w->embedding);
    int64_t d = pass->network.d;
    (void)stream, (void)losses;
    for (int64_t b = 0; b < pass->batch->sentences; b++)
        memcpy(saved->vectors + b * d, embedding + pass->batch->target_language[b] * d, (size_t)d * sizeof *embedding);
    pass->given.vectors = saved->vectors;
}

/* What one mixture handed back. */
static void add_handed(void *context, const thor_handed *handed)
{
    thor_pass *pass = context;
    const own_weights *w = pass->network.vectors_weights;
    float *d_embedding = thor_gradient_of(pass, w->embedding.data);
    int64_t d = pass->network.d;
    for (int64_t b = 0; handed->vectors && b < pass->batch->sentences; b++) {
        float *row = d_embedding + pass->batch->target_language[b] * d;
        pass->compute->kernels->add(row, row, handed->vectors + b * d, d);
    }
}

static void backward(thor_pass *pass)
{
    const own_weights *w = pass->network.vectors_weights;
    memset(thor_gradient_of(pass, w->embedding.data), 0,
           (size_t)(w->embedding.rows * w->embedding.columns) * sizeof(float));
    thor_vectors_each(pass, add_handed, pass);
}

const thor_vectors thor_vectors_language = { .name = "vectors of languages", .weights_size = sizeof(own_weights),
                                             .saved_size = sizeof(own_saved), .weights = name_embedding, .last = true,
                                             .place = place, .forward = forward, .backward = backward };
