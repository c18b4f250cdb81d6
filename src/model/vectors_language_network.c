/* Vectors of all languages by a small network, and what a configuration says about them.
 *
 *   forward    t_i = LN(W2 gelu(W1 e_i + b1) + b2) for every language i, e = language.embedding
 *   backward   d_t is what the mixtures hand back, in the order of the forward pass; without any it is 0 */
#include <string.h>

#include "model/families.h"
#include "model/vectors.h"
#include "nn/gelu.h"

typedef struct {
    thor_matrix embedding;              /* [n,d], n languages */
    thor_linear fc1, fc2;               /* [d,d] */
    thor_scaling norm;
} own_weights;

typedef struct {
    float *hidden, *wave, *sum;         /* [n,d] W1 e + b1, its gelu, W2 gelu + b2 */
    float *table, *normal, *rstd;       /* [n,d] t; what its norm keeps */
    float *d_table, *d_hidden, *scratch;    /* [n,d], [n,d], [2,n,d] */
    int32_t *family, *group;            /* [n] */
} own_saved;

static void name_weights(void *own, const thor_weights *weights, const thor_config *config)
{
    own_weights *w = own;
    int64_t d = config->model.width;
    w->embedding = thor_weights_matrix(weights, "language.embedding.weight", THOR_INIT_NORMAL, 1,
                                       config->languages.count, d);
    w->fc1 = thor_weights_linear(weights, "language.fc1", d, d, true);
    w->fc2 = thor_weights_linear(weights, "language.fc2", d, d, true);
    w->norm = thor_weights_norm(weights, "language.norm", d);
}

static void place(thor_pass *pass, const thor_sublayer_room *room)
{
    const own_weights *w = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    int64_t n = w->embedding.rows, size = n * w->embedding.columns;
    float **arrays[] = { &saved->hidden, &saved->wave, &saved->sum, &saved->table, &saved->normal, &saved->d_table,
                         &saved->d_hidden };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        *arrays[i] = THOR_TAKE(room->arena, float, size);
    saved->rstd = THOR_TAKE(room->arena, float, n);
    saved->scratch = THOR_TAKE(room->arena, float, 2 * size);
    saved->family = THOR_TAKE(room->arena, int32_t, n);
    saved->group = THOR_TAKE(room->arena, int32_t, n);
}

/* Which languages are related, and how many experts each has. */
static void give_facts(thor_pass *pass)
{
    const thor_config *config = &pass->model->config;
    own_saved *saved = pass->vectors_saved;
    for (int32_t i = 0; i < config->languages.count; i++)
        saved->group[i] = thor_language_group_size(config, i);
    thor_families_of(saved->family, config);
    pass->given.group = saved->group;
    pass->given.family = config->lingual.family_loss ? saved->family : NULL;
}

static void forward(thor_pass *pass, const float *stream, thor_losses *losses)
{
    const own_weights *w = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    int64_t n = w->embedding.rows, d = w->embedding.columns;
    (void)stream, (void)losses;
    thor_linear_forward(pass->compute, saved->hidden, thor_matrix_f32(&w->embedding), &w->fc1, n);
    thor_gelu_forward(pass->compute->kernels, saved->wave, saved->hidden, n * d);
    thor_linear_forward(pass->compute, saved->sum, saved->wave, &w->fc2, n);
    thor_layernorm_forward(pass->compute, saved->table, saved->normal, saved->rstd, saved->sum, &w->norm, n, d);
    pass->given.table = saved->table;
    pass->given.table_rows = n;
    give_facts(pass);
}

static void backward(thor_pass *pass)
{
    const own_weights *w = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    int64_t n = w->embedding.rows, d = w->embedding.columns;
    const thor_linear_gradient fc1 = thor_gradient_of_linear(pass, &w->fc1),
                               fc2 = thor_gradient_of_linear(pass, &w->fc2);
    float *d_sum = saved->d_table;
    if (!thor_vectors_collect(pass, saved->d_table, false, true, n * d))
        memset(saved->d_table, 0, (size_t)(n * d) * sizeof *saved->d_table);
    thor_layernorm_backward(pass->compute, d_sum, false, thor_gradient_of(pass, w->norm.gain),
                            thor_gradient_of(pass, w->norm.bias), saved->d_table, saved->normal, saved->rstd, &w->norm,
                            n, d);
    thor_linear_backward(pass->compute, saved->d_hidden, THOR_GEMM_STORE, &fc2, d_sum, saved->wave, &w->fc2, n);
    thor_gelu_backward(pass->compute->kernels, saved->d_hidden, saved->d_hidden, saved->hidden, saved->scratch, n * d);
    thor_linear_backward(pass->compute, thor_gradient_of(pass, w->embedding.data), THOR_GEMM_STORE, &fc1,
                         saved->d_hidden, thor_matrix_f32(&w->embedding), &w->fc1, n);
}

const thor_vectors thor_vectors_language_network = { .name = "language network", .weights_size = sizeof(own_weights),
                                                     .saved_size = sizeof(own_saved), .weights = name_weights,
                                                     .last = true, .place = place, .forward = forward,
                                                     .backward = backward };
