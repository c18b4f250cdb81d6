/* Opening a pass, and the forward direction: ids -> encoder -> decoder -> losses. */
#include "model/pass.h"

#include <stdlib.h>
#include <string.h>

#include "model/activations.h"
#include "model/loss_weights.h"
#include "model/sites.h"
#include "model/vectors.h"

static thor_squares squares_of_shape(const thor_shape *shape)
{
    return (thor_squares){ shape->source_rows * shape->source_width, shape->target_rows * shape->target_width,
                           shape->target_rows * shape->source_width };
}

static thor_status open_stack(thor_stack_saved *saved, const thor_stack *stack, thor_error *error)
{
    saved->items = calloc((size_t)stack->count + 1, sizeof *saved->items);
    bool good = saved->items != NULL;
    for (int32_t i = 0; i < stack->count && good; i++) {
        const thor_sublayer *sub = &stack->items[i];
        saved->items[i].kept = calloc(1, sub->ops->kept_size(sub));
        good = saved->items[i].kept != NULL;
        if (good && sub->ops->start)
            sub->ops->start(sub, saved->items[i].kept);
    }
    return good ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for the list of sub-layers");
}

static thor_status open_saved(thor_pass *pass, thor_error *error)
{
    const thor_network *network = &pass->network;
    THOR_TRY(open_stack(&pass->encoder, &network->encoder, error));
    THOR_TRY(open_stack(&pass->decoder, &network->decoder, error));
    pass->vectors_saved = calloc(1, network->vectors ? network->vectors->saved_size : 1);
    return pass->vectors_saved ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for the list of sub-layers");
}

/* A pass with its network and without memory for activations. */
static thor_status open_bare(thor_pass **out, const thor_model *model, const thor_compute *compute,
                             const thor_shape *most, bool training, thor_error *error)
{
    thor_pass *pass = *out = calloc(1, sizeof *pass);
    if (!pass)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a pass");
    pass->model = model;
    pass->compute = compute;
    pass->most = *most;
    pass->training = training;
    thor_loss_weights(pass->weight, &model->config);
    thor_status status = thor_network_open(&pass->network, model, error);
    if (status == THOR_OK)
        status = open_saved(pass, error);
    return status;
}

static void place_all(thor_pass *pass)
{
    thor_squares squares = squares_of_shape(&pass->most);
    thor_activations_place_fixed(pass);
    thor_activations_place(pass, &pass->most, &squares, pass->training);
}

size_t thor_pass_bytes(const thor_model *model, const thor_shape *most, bool training, int threads)
{
    thor_compute only_threads = { .par = { threads } };
    thor_pass *pass;
    size_t bytes = SIZE_MAX;
    if (open_bare(&pass, model, &only_threads, most, training, NULL) == THOR_OK) {
        pass->arena = thor_arena_measure();
        place_all(pass);
        bytes = pass->arena.overflow ? SIZE_MAX : pass->arena.used;
    }
    thor_pass_close(pass);
    return bytes;
}

/* Refuses early what every full batch would be refused for: a batch of many sentences is not one of long ones, so its
 * padded tokens are taken to be batch.max_tokens at most. */
static thor_status check_sites(const thor_config *config, const thor_shape *most, thor_error *error)
{
    int64_t width = most->source_width > most->target_width ? most->source_width : most->target_width;
    int64_t full = config->batch.max_tokens / (width > 0 ? width : 1);
    int64_t sentences = most->sentences < full ? most->sentences : full;
    return thor_sites_check(config, sentences > 0 ? sentences : 1, most->source_width, most->target_width, error);
}

thor_status thor_pass_open(thor_pass **out, const thor_model *model, const thor_compute *compute,
                           const thor_shape *most, bool training, thor_error *error)
{
    *out = NULL;
    if (training)
        THOR_TRY(check_sites(&model->config, most, error));
    size_t bytes = thor_pass_bytes(model, most, training, compute->par.threads);
    thor_status status = open_bare(out, model, compute, most, training, error);
    if (status == THOR_OK)
        status = thor_arena_create(&(*out)->arena, bytes, "activations", error);
    if (status != THOR_OK) {
        thor_pass_close(*out);
        *out = NULL;
        return status;
    }
    thor_pass *pass = *out;
    thor_activations_place_fixed(pass);
    pass->fixed = thor_arena_mark(&pass->arena);
    int64_t widest = most->source_width > most->target_width ? most->source_width : most->target_width;
    thor_positions_make(pass->positions, widest + 2, pass->network.d);
    return THOR_OK;
}

static void close_stack(thor_stack_saved *saved, const thor_stack *stack)
{
    for (int32_t i = 0; saved->items && i < stack->count; i++)
        free(saved->items[i].kept);
    free(saved->items);
}

void thor_pass_close(thor_pass *pass)
{
    if (!pass)
        return;
    close_stack(&pass->encoder, &pass->network.encoder);
    close_stack(&pass->decoder, &pass->network.decoder);
    free(pass->vectors_saved);
    thor_network_close(&pass->network);
    thor_arena_free(&pass->arena);
    free(pass);
}

static void number_body(void *context, int64_t begin, int64_t end, int thread)
{
    const thor_stack_saved *saved = context;
    (void)thread;
    for (int64_t b = begin; b < end; b++)
        for (int64_t r = saved->packing.offset[b]; r < saved->packing.offset[b + 1]; r++)
            saved->sentence[r] = (int32_t)b;
}

static void begin_packing(const thor_pass *pass, thor_stack_saved *saved, int64_t sentences, int64_t rows,
                          int64_t width, const int64_t *offset)
{
    saved->packing = (thor_packing){ sentences, rows, width, offset, saved->sentence };
    thor_par_for(&pass->compute->par, sentences, 64, number_body, saved);
}

/* offsets[b] = elements of the squares (all heads) of the sentences before b. */
static int64_t square_offsets(int64_t *offsets, const int64_t *queries, const int64_t *keys, int64_t sentences,
                              int64_t heads)
{
    int64_t sum = 0;
    for (int64_t b = 0; b < sentences; b++) {
        if (offsets)
            offsets[b] = sum * heads;
        sum += (queries[b + 1] - queries[b]) * (keys[b + 1] - keys[b]);
    }
    if (offsets)
        offsets[sentences] = sum * heads;
    return sum;
}

static thor_status place_batch(thor_pass *pass, const thor_batch *batch, thor_error *error)
{
    thor_shape shape = { batch->sentences, batch->source_rows, batch->target_rows, batch->source_width,
                         batch->target_width };
    thor_squares squares = { square_offsets(NULL, batch->source_offset, batch->source_offset, batch->sentences, 1),
                             square_offsets(NULL, batch->target_offset, batch->target_offset, batch->sentences, 1),
                             square_offsets(NULL, batch->target_offset, batch->source_offset, batch->sentences, 1) };
    thor_arena_release(&pass->arena, pass->fixed);
    thor_activations_place(pass, &shape, &squares, pass->training);
    int64_t widest = pass->most.source_width > pass->most.target_width ? pass->most.source_width
                                                                       : pass->most.target_width;
    if (pass->arena.overflow || shape.source_width > widest || shape.target_width > widest) {
        pass->arena.overflow = false;
        return thor_fail(
            error, THOR_E_MEMORY,
            "a batch of %lld sentences (%lld source and %lld target tokens, up to %lld a sentence) is "
            "larger than the memory that was measured for it",
            (long long)shape.sentences, (long long)shape.source_rows, (long long)shape.target_rows,
            (long long)(shape.source_width > shape.target_width ? shape.source_width : shape.target_width));
    }
    int64_t H = pass->network.H;
    begin_packing(pass, &pass->encoder, shape.sentences, shape.source_rows, shape.source_width, batch->source_offset);
    begin_packing(pass, &pass->decoder, shape.sentences, shape.target_rows, shape.target_width, batch->target_offset);
    square_offsets(pass->encoder.self_offset, batch->source_offset, batch->source_offset, shape.sentences, H);
    square_offsets(pass->decoder.self_offset, batch->target_offset, batch->target_offset, shape.sentences, H);
    square_offsets(pass->decoder.cross_offset, batch->target_offset, batch->source_offset, shape.sentences, H);
    return THOR_OK;
}

/* Sets the rule of one site; without training the masks go. */
static void site(const thor_pass *pass, thor_dropout *dropout, uint32_t stack, uint32_t layer, thor_site_kind kind,
                 double rate)
{
    if (!pass->options.training)
        dropout->keep = NULL;
    dropout->rule = (thor_dropout_rule){ thor_rng_make(pass->options.seed, thor_site(stack, layer, kind),
                                                       pass->options.step, pass->options.shard),
                                         (float)rate, (float)(1.0 / (1.0 - rate)) };
}

static void sites_of_sublayer(const thor_pass *pass, const thor_stack *stack, const thor_sublayer *sub,
                              thor_sublayer_saved *saved)
{
    const thor_config *config = &pass->model->config;
    const thor_site_line *line;
    for (int i = 0; (line = sub->ops->site(config, i)) != NULL; i++)
        site(pass, line->find ? line->find(saved->kept) : &saved->residual, stack->number, (uint32_t)sub->layer,
             line->kind, thor_site_rate_of(line, config));
}

/* Pre-norm: the norm in front of sub-layer i, or the last one, which is made as soon as the stream stands there. */
static thor_next_norm norm_before(const thor_stack *stack, const thor_stack_saved *saved, int32_t i)
{
    if (i == stack->count)
        return (thor_next_norm){ saved->output, saved->normal, saved->rstd, &stack->norm };
    thor_sublayer_saved *s = &saved->items[i];
    return (thor_next_norm){ s->normed, s->normal, s->rstd, &stack->items[i].norm };
}

static void sublayer_forward(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved, int32_t i,
                             const float *x, thor_losses *losses)
{
    const thor_sublayer *sub = &stack->items[i];
    thor_sublayer_saved *s = &saved->items[i];
    int64_t d = pass->network.d;
    sites_of_sublayer(pass, stack, sub, s);
    s->input = stack->post ? x : s->normed;
    if (!stack->post)
        thor_inside_norm(pass, stack, saved, i);
    thor_pass_enter(pass, THOR_PHASE_FORWARD, sub->ops->part);
    const float *y = sub->ops->forward(pass, sub, s, saved, losses);
    thor_pass_enter(pass, THOR_PHASE_FORWARD, THOR_PART_NORM);
    float *sum = stack->post ? pass->scratch.rows[1] : s->output;
    thor_next_norm next = stack->post ? (thor_next_norm){ s->output, s->normal, s->rstd, &sub->norm }
                                      : norm_before(stack, saved, i + 1);
    thor_inside_output(pass, stack, saved, i, y);
    thor_rows_dropout(pass->compute, sum, x, y, &s->residual, &next, &saved->packing, d);
    if (stack->post)
        thor_inside_norm(pass, stack, saved, i);
}

static void make_vectors(thor_pass *pass, const float *stream, thor_losses *losses)
{
    thor_pass_enter(pass, THOR_PHASE_FORWARD, THOR_PART_TASK);
    pass->network.vectors->forward(pass, stream, losses);
    thor_pass_enter(pass, THOR_PHASE_FORWARD, THOR_PART_NORM);
}

static void stack_forward(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved, const int32_t *ids,
                          thor_losses *losses)
{
    bool makes = stack->number == 0 && pass->network.vectors;
    int64_t d = pass->network.d;
    const float *x = saved->embedded;
    thor_pass_enter(pass, THOR_PHASE_FORWARD, THOR_PART_EMBEDDING);
    site(pass, &saved->embed, stack->number, THOR_SITE_EMBED_LAYER, THOR_SITE_EMBED,
         pass->model->config.model.dropout);
    thor_embed_forward(pass->compute, saved->embedded, pass->network.embedding, pass->positions, ids, NULL,
                       &saved->packing, d);
    thor_next_norm first = norm_before(stack, saved, 0);
    thor_rows_dropout(pass->compute, saved->embedded, NULL, saved->embedded, &saved->embed, stack->post ? NULL : &first,
                      &saved->packing, d);
    thor_inside_embedding(pass, stack, saved);
    thor_pass_enter(pass, THOR_PHASE_FORWARD, THOR_PART_NORM);
    for (int32_t i = 0; i < stack->count; i++) {
        if (makes && i == pass->network.tap)
            make_vectors(pass, x, losses);
        sublayer_forward(pass, stack, saved, i, x, losses);
        x = saved->items[i].output;
    }
    if (makes && pass->network.tap == stack->count)
        make_vectors(pass, x, losses);
}

static void begin_batch(thor_pass *pass, const thor_batch *batch, const thor_pass_options *options)
{
    pass->batch = batch;
    pass->options = *options;
    pass->given = (thor_given){ .source_language = batch->source_language,
                                .target_language = batch->target_language };
}

thor_status thor_pass_forward(thor_pass *pass, const thor_batch *batch, const thor_pass_options *options,
                              thor_losses *losses, thor_error *error)
{
    *losses = (thor_losses){ .tokens = batch->target_rows };
    if (options->training)
        THOR_TRY(thor_sites_check(&pass->model->config, batch->sentences, batch->source_width, batch->target_width,
                                  error));
    THOR_TRY(place_batch(pass, batch, error));
    begin_batch(pass, batch, options);
    stack_forward(pass, &pass->network.encoder, &pass->encoder, batch->source, losses);
    stack_forward(pass, &pass->network.decoder, &pass->decoder, batch->target_in, losses);
    bool training = options->training && pass->training;
    thor_pass_enter(pass, THOR_PHASE_FORWARD, THOR_PART_LOSS);
    thor_loss_result loss = thor_loss(
        pass->compute, training ? pass->decoder.d_stream : NULL,
        training ? thor_gradient_of(pass, pass->network.embedding) : NULL, pass->decoder.output,
        pass->network.embedding, batch->target_out, batch->target_rows, pass->network.d, pass->network.V,
        (float)pass->model->config.loss.label_smoothing, (float)(1.0 / (double)options->step_tokens), pass->row_nll,
        pass->row_smooth, &pass->scratch);
    losses->nll_sum = loss.nll;
    losses->smooth_sum = loss.smooth;
    return THOR_OK;
}

thor_status thor_pass_encode(thor_pass *pass, const thor_batch *batch, thor_error *error)
{
    thor_losses losses = { .tokens = 0 };
    THOR_TRY(place_batch(pass, batch, error));
    const thor_pass_options options = { .shards = 1 };
    begin_batch(pass, batch, &options);
    stack_forward(pass, &pass->network.encoder, &pass->encoder, batch->source, &losses);
    return THOR_OK;
}

void thor_pass_logits(thor_pass *pass, float *logits, int64_t first, int64_t count)
{
    const thor_network *net = &pass->network;
    thor_gemm product = thor_gemm_forward(logits, pass->decoder.output + first * net->d, net->embedding, NULL, count,
                                          net->d, net->V);
    thor_gemm_run(pass->compute, &product, 1);
}
