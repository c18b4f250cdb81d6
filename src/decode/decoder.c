#include "decode/decoder.h"

#include <stdlib.h>
#include <string.h>

/* What one sub-layer remembers. Self-attention: k, v [slots][room][d]. Cross-attention: k, v [source rows][d]. Mixture:
 * the context's running sums [slots][d]. */
typedef struct {
    float *k, *v, *sum;
} memory;

struct thor_decoder {
    thor_pass *pass;
    const thor_stack *stack;
    int64_t beam, slots, room;          /* room: positions that the caches hold */
    memory *memories;                   /* [sub-layers] */
    float *table;                       /* positions [table_count, d] */
    int64_t table_count;
    thor_arena arena;                   /* rows of one step, for all slots */
    float *x, *normed, *y, *q, *k, *v, *context, *probs;
    thor_ffn_saved ffn;
    thor_mixture_saved mixture;
    int32_t *positions, *sentence;
    int64_t *offset;                    /* [slots+1] every row is its own span */
    float *logits;
};

enum { FIRST_ROOM = 32 };

static int64_t widest_source(const thor_pass *pass)
{
    return pass->batch->source_width;
}

/* Probabilities of one head: keys of the source, or all positions so far (at most as many as the caches hold). */
static int64_t probs_floats(const thor_decoder *decoder)
{
    int64_t source = widest_source(decoder->pass);
    return source > decoder->room ? source : decoder->room;
}

static const thor_mixture *any_mixture(const thor_stack *stack)
{
    for (int32_t i = 0; i < stack->count; i++)
        if (stack->items[i].kind == THOR_MIXTURE)
            return &stack->items[i].is.mixture;
    return NULL;
}

static void place_mixture(thor_decoder *decoder, thor_arena *arena, const thor_mixture *mixture)
{
    int64_t rows = decoder->slots, d = mixture->router.d, E = mixture->router.E, F = mixture->experts.F;
    int64_t most = thor_router_most_assignments(&mixture->router, rows);
    thor_mixture_saved *s = &decoder->mixture;
    thor_routing *routing = &s->routing;
    s->context = THOR_TAKE(arena, float, rows * d);
    s->gate = THOR_TAKE(arena, float, rows * d);
    s->input = THOR_TAKE(arena, float, rows * d);
    s->output = THOR_TAKE(arena, float, rows * d);
    routing->probs = THOR_TAKE(arena, float, rows * E);
    routing->selected = THOR_TAKE(arena, int32_t, rows * E);
    routing->gates = THOR_TAKE(arena, float, rows * E);
    routing->gate_sum = THOR_TAKE(arena, float, rows);
    routing->choice = THOR_TAKE(arena, int32_t, rows * (mixture->router.policy == THOR_TOP_K ? mixture->router.k : 1));
    routing->offset = THOR_TAKE(arena, int64_t, E + 1);
    routing->row = THOR_TAKE(arena, int32_t, most);
    routing->place = THOR_TAKE(arena, int32_t, rows * E);
    s->experts.input = THOR_TAKE(arena, float, most * d);
    s->experts.hidden = THOR_TAKE(arena, float, most * F);
    s->experts.output = THOR_TAKE(arena, float, most * d);
    s->experts.products = THOR_TAKE(arena, thor_gemm, 2 * E);
}

static void place(thor_decoder *decoder, thor_arena *arena)
{
    const thor_network *net = &decoder->pass->network;
    int64_t rows = decoder->slots, d = net->d;
    float **row_arrays[] = { &decoder->x, &decoder->normed, &decoder->y,      &decoder->q,
                             &decoder->k, &decoder->v,      &decoder->context };
    for (size_t i = 0; i < sizeof row_arrays / sizeof *row_arrays; i++)
        *row_arrays[i] = THOR_TAKE(arena, float, rows * d);
    decoder->ffn.hidden = THOR_TAKE(arena, float, rows * net->F);
    decoder->positions = THOR_TAKE(arena, int32_t, rows);
    decoder->sentence = THOR_TAKE(arena, int32_t, rows);
    decoder->offset = THOR_TAKE(arena, int64_t, rows + 1);
    decoder->logits = THOR_TAKE(arena, float, rows * net->V);
    const thor_mixture *mixture = any_mixture(decoder->stack);
    if (mixture)
        place_mixture(decoder, arena, mixture);
}

/* New caches of `room` positions; what the old ones held is carried over. */
static bool grow_one(thor_decoder *decoder, float **cache, int64_t room)
{
    int64_t d = decoder->pass->network.d;
    float *larger = malloc((size_t)(decoder->slots * room * d) * sizeof *larger);
    if (!larger)
        return false;
    for (int64_t slot = 0; slot < decoder->slots && *cache; slot++)
        memcpy(larger + slot * room * d, *cache + slot * decoder->room * d,
               (size_t)(decoder->room * d) * sizeof *larger);
    free(*cache);
    *cache = larger;
    return true;
}

static bool make_positions(thor_decoder *decoder, int64_t count)
{
    float *table = malloc((size_t)(count * decoder->pass->network.d) * sizeof *table);
    if (!table)
        return false;
    thor_positions_make(table, count, decoder->pass->network.d);
    free(decoder->table);
    decoder->table = table;
    decoder->table_count = count;
    return true;
}

static thor_status grow(thor_decoder *decoder, int64_t room, thor_error *error)
{
    bool grown = make_positions(decoder, room + 2);
    for (int32_t i = 0; i < decoder->stack->count && grown; i++)
        if (decoder->stack->items[i].kind == THOR_SELF_ATTENTION)
            grown = grow_one(decoder, &decoder->memories[i].k, room) &&
                    grow_one(decoder, &decoder->memories[i].v, room);
    if (!grown)
        return thor_fail(error, THOR_E_MEMORY,
                         "no memory for the keys and values of %lld hypotheses at %lld positions; translate fewer "
                         "sentences at a time or with a smaller beam",
                         (long long)decoder->slots, (long long)room);
    decoder->room = room;
    float *probs = realloc(decoder->probs,
                           (size_t)(probs_floats(decoder) * decoder->pass->compute->par.threads) * sizeof *probs);
    if (!probs)
        return thor_fail(error, THOR_E_MEMORY, "no memory for attention over %lld positions", (long long)room);
    decoder->probs = probs;
    return THOR_OK;
}

/* Keys and values of the encoder's output, once for all positions; candidates of each sentence. */
static bool prepare(thor_decoder *decoder)
{
    thor_pass *pass = decoder->pass;
    int64_t rows = pass->encoder.packing.rows, d = pass->network.d;
    for (int32_t i = 0; i < decoder->stack->count; i++) {
        const thor_sublayer *sub = &decoder->stack->items[i];
        memory *m = &decoder->memories[i];
        if (sub->kind == THOR_CROSS_ATTENTION) {
            m->k = malloc((size_t)(rows * d + 1) * sizeof *m->k);
            m->v = malloc((size_t)(rows * d + 1) * sizeof *m->v);
            if (!m->k || !m->v)
                return false;
            thor_linear_forward(pass->compute, m->k, pass->encoder.output, &sub->is.attention.k, rows);
            thor_linear_forward(pass->compute, m->v, pass->encoder.output, &sub->is.attention.v, rows);
        } else if (sub->kind == THOR_MIXTURE) {
            m->sum = calloc((size_t)(decoder->slots * d), sizeof *m->sum);
            if (!m->sum)
                return false;
            if (sub->is.mixture.has_candidates)
                thor_mixture_candidates(pass->compute, &pass->decoder.items[i].is.mixture, pass->task.mixed,
                                        pass->batch->sentences, &sub->is.mixture);
        }
    }
    return true;
}

thor_status thor_decoder_open(thor_decoder **out, thor_pass *pass, int64_t beam, thor_error *error)
{
    thor_decoder *decoder = *out = calloc(1, sizeof *decoder);
    if (!decoder)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a decoder");
    decoder->pass = pass;
    decoder->stack = &pass->network.decoder;
    decoder->beam = beam;
    decoder->slots = pass->batch->sentences * beam;
    decoder->memories = calloc((size_t)decoder->stack->count + 1, sizeof *decoder->memories);
    thor_arena measure = thor_arena_measure();
    place(decoder, &measure);
    thor_status status = thor_arena_create(&decoder->arena, measure.used, "a step of translation", error);
    if (status == THOR_OK) {
        place(decoder, &decoder->arena);
        if (!decoder->memories || !prepare(decoder))
            status = thor_fail(error, THOR_E_MEMORY, "no memory for the keys and values of %lld sentences",
                               (long long)pass->batch->sentences);
    }
    if (status == THOR_OK)
        status = grow(decoder, FIRST_ROOM, error);
    if (status != THOR_OK) {
        thor_decoder_close(decoder);
        *out = NULL;
    }
    return status;
}

void thor_decoder_close(thor_decoder *decoder)
{
    if (!decoder)
        return;
    for (int32_t i = 0; i < decoder->stack->count && decoder->memories; i++) {
        free(decoder->memories[i].k);
        free(decoder->memories[i].v);
        free(decoder->memories[i].sum);
    }
    free(decoder->memories);
    free(decoder->table);
    free(decoder->probs);
    thor_arena_free(&decoder->arena);
    free(decoder);
}

typedef struct {
    thor_decoder *decoder;
    const thor_attention *attention;
    memory *memory;
    const int32_t *slots;
    int64_t step;
} attention_job;

static void self_body(void *context, int64_t begin, int64_t end, int thread)
{
    const attention_job *job = context;
    thor_decoder *decoder = job->decoder;
    int64_t d = job->attention->d;
    float *probs = decoder->probs + thread * probs_floats(decoder);
    for (int64_t r = begin; r < end; r++) {
        float *k = job->memory->k + job->slots[r] * decoder->room * d,
              *v = job->memory->v + job->slots[r] * decoder->room * d;
        memcpy(k + job->step * d, decoder->k + r * d, (size_t)d * sizeof *k);
        memcpy(v + job->step * d, decoder->v + r * d, (size_t)d * sizeof *v);
        thor_attention_rows(decoder->pass->compute, decoder->context + r * d, decoder->q + r * d, 1, k, v,
                            job->step + 1, probs, job->attention, thread);
    }
}

static void cross_body(void *context, int64_t begin, int64_t end, int thread)
{
    const attention_job *job = context;
    thor_decoder *decoder = job->decoder;
    const thor_packing *source = &decoder->pass->encoder.packing;
    int64_t d = job->attention->d;
    float *probs = decoder->probs + thread * probs_floats(decoder);
    for (int64_t r = begin; r < end; r++) {
        int64_t first = source->offset[decoder->sentence[r]], count = source->offset[decoder->sentence[r] + 1] - first;
        thor_attention_rows(decoder->pass->compute, decoder->context + r * d, decoder->q + r * d, 1,
                            job->memory->k + first * d, job->memory->v + first * d, count, probs, job->attention,
                            thread);
    }
}

static void attention_step(thor_decoder *decoder, const thor_sublayer *sub, memory *m, const float *x,
                           const int32_t *slots, int64_t rows, int64_t step)
{
    const thor_compute *compute = decoder->pass->compute;
    const thor_attention *attention = &sub->is.attention;
    bool self = sub->kind == THOR_SELF_ATTENTION;
    attention_job job = { decoder, attention, m, slots, step };
    thor_linear_forward(compute, decoder->q, x, &attention->q, rows);
    thor_rows_scale(compute, decoder->q, decoder->q, thor_attention_scale(attention), rows * attention->d);
    if (self) {
        thor_linear_forward(compute, decoder->k, x, &attention->k, rows);
        thor_linear_forward(compute, decoder->v, x, &attention->v, rows);
    }
    thor_par_each(&compute->par, rows, self ? self_body : cross_body, &job);
    thor_linear_forward(compute, decoder->y, decoder->context, &attention->o, rows);
}

static const float *mixture_step(thor_decoder *decoder, const thor_sublayer *sub, int32_t i, const float *x,
                                 const int32_t *slots, const thor_packing *packing, int64_t step)
{
    const thor_pass *pass = decoder->pass;
    const thor_mixture *mixture = &sub->is.mixture;
    thor_mixture_saved *s = &decoder->mixture;
    int64_t d = mixture->router.d;
    for (int64_t r = 0; r < packing->rows && mixture->form != THOR_CONTEXT_NONE; r++)
        thor_context_step(pass->compute, s->context + r * d, decoder->memories[i].sum + slots[r] * d, x + r * d,
                          step + 1, d);
    thor_mixture_input(pass->compute, s, x, pass->network.uses_task ? pass->task.mixed : NULL, packing, mixture);
    thor_router_forward(pass->compute, &s->routing, s->input,
                        mixture->has_candidates ? pass->decoder.items[i].is.mixture.candidates : NULL, packing,
                        &mixture->router, false);
    thor_experts_forward(pass->compute, s->output, &s->experts, mixture->feed_experts ? s->input : x, &s->routing,
                         packing, &mixture->experts);
    return s->output;
}

static void sublayer_step(thor_decoder *decoder, int32_t i, const int32_t *slots, const thor_packing *packing,
                          int64_t step)
{
    const thor_compute *compute = decoder->pass->compute;
    const thor_sublayer *sub = &decoder->stack->items[i];
    int64_t rows = packing->rows, d = decoder->pass->network.d;
    const float *input = decoder->x, *y = decoder->y;
    if (!decoder->stack->post) {
        thor_layernorm_forward(compute, decoder->normed, NULL, NULL, decoder->x, &sub->norm, rows, d);
        input = decoder->normed;
    }
    if (sub->kind == THOR_FFN)
        thor_ffn_forward(compute, decoder->y, &decoder->ffn, input, packing, &sub->is.ffn);
    else if (sub->kind == THOR_MIXTURE)
        y = mixture_step(decoder, sub, i, input, slots, packing, step);
    else
        attention_step(decoder, sub, &decoder->memories[i], input, slots, rows, step);
    thor_rows_add(compute, decoder->x, decoder->x, y, rows * d);
    if (decoder->stack->post) {
        thor_layernorm_forward(compute, decoder->normed, NULL, NULL, decoder->x, &sub->norm, rows, d);
        memcpy(decoder->x, decoder->normed, (size_t)(rows * d) * sizeof *decoder->x);
    }
}

thor_status thor_decoder_step(thor_decoder *decoder, float **logits, const int32_t *ids, const int32_t *slots,
                              int64_t rows, int64_t step, thor_error *error)
{
    const thor_network *net = &decoder->pass->network;
    const thor_compute *compute = decoder->pass->compute;
    if (step >= decoder->room)
        THOR_TRY(grow(decoder, decoder->room * 2, error));
    for (int64_t r = 0; r < rows; r++) {
        decoder->positions[r] = (int32_t)(2 + step);
        decoder->sentence[r] = (int32_t)(slots[r] / decoder->beam);
        decoder->offset[r] = r;
    }
    decoder->offset[rows] = rows;
    thor_packing packing = { rows, rows, 1, decoder->offset, decoder->sentence };
    thor_embed_forward(compute, decoder->x, net->embedding, decoder->table, ids, decoder->positions, &packing, net->d);
    for (int32_t i = 0; i < decoder->stack->count; i++)
        sublayer_step(decoder, i, slots, &packing, step);
    const float *last = decoder->x;
    if (!decoder->stack->post) {
        thor_layernorm_forward(compute, decoder->normed, NULL, NULL, decoder->x, &decoder->stack->norm, rows, net->d);
        last = decoder->normed;
    }
    thor_gemm product = thor_gemm_forward(decoder->logits, last, net->embedding, NULL, rows, net->d, net->V);
    thor_gemm_run(compute, &product, 1);
    *logits = decoder->logits;
    return THOR_OK;
}

void thor_decoder_copy(thor_decoder *decoder, int32_t to, int32_t from, int64_t step)
{
    int64_t d = decoder->pass->network.d, slot = decoder->room * d;
    for (int32_t i = 0; i < decoder->stack->count; i++) {
        memory *m = &decoder->memories[i];
        if (decoder->stack->items[i].kind == THOR_SELF_ATTENTION) {
            memcpy(m->k + to * slot, m->k + from * slot, (size_t)((step + 1) * d) * sizeof *m->k);
            memcpy(m->v + to * slot, m->v + from * slot, (size_t)((step + 1) * d) * sizeof *m->v);
        } else if (m->sum) {
            memcpy(m->sum + to * d, m->sum + from * d, (size_t)d * sizeof *m->sum);
        }
    }
}
