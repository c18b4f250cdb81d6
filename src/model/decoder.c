#include "model/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "model/step.h"

enum { FIRST_ROOM = 32 };

/* ---- memory of one position ------------------------------------------------------------------------------------ */

/* The first sub-layer of the same kind, whose struct all of them use: only one is at work at a time. */
static int32_t first_of_kind(const thor_stack *stack, int32_t i)
{
    int32_t first = 0;
    while (stack->items[first].ops != stack->items[i].ops)
        first++;
    return first;
}

static thor_status open_kept(thor_decoder *decoder, thor_error *error)
{
    const thor_stack *stack = decoder->stack;
    decoder->kept = calloc((size_t)stack->count + 1, sizeof *decoder->kept);
    decoder->memories = calloc((size_t)stack->count + 1, sizeof *decoder->memories);
    bool good = decoder->kept && decoder->memories;
    for (int32_t i = 0; i < stack->count && good; i++) {
        const thor_sublayer *sub = &stack->items[i];
        int32_t first = first_of_kind(stack, i);
        decoder->kept[i] = first < i ? decoder->kept[first] : calloc(1, sub->ops->kept_size(sub));
        good = decoder->kept[i] != NULL;
        if (good && first == i && sub->ops->start)
            sub->ops->start(sub, decoder->kept[i]);
    }
    return good ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for a decoder");
}

static int64_t most_assignments(const thor_decoder *decoder)
{
    int64_t most = 0;
    for (int32_t i = 0; i < decoder->stack->count; i++) {
        const thor_sublayer *sub = &decoder->stack->items[i];
        int64_t of_row = sub->ops->experts_of_row ? sub->ops->experts_of_row(sub) : 0;
        most = of_row > most ? of_row : most;
    }
    return most * decoder->slots;
}

static void place(thor_decoder *decoder, thor_arena *arena)
{
    const thor_network *net = &decoder->pass->network;
    int64_t rows = decoder->slots, d = net->d;
    decoder->x = THOR_TAKE(arena, float, rows * d);
    decoder->normed = THOR_TAKE(arena, float, rows * d);
    decoder->y = THOR_TAKE(arena, float, rows * d);
    decoder->places = THOR_TAKE(arena, int32_t, rows);
    decoder->sentence = THOR_TAKE(arena, int32_t, rows);
    decoder->offset = THOR_TAKE(arena, int64_t, rows + 1);
    decoder->logits = THOR_TAKE(arena, float, rows * net->V);
    decoder->scratch.assigned = THOR_TAKE(arena, float, most_assignments(decoder) * d);
    const thor_sublayer_room room = { .arena = arena, .scratch = &decoder->scratch,
                                      .config = &decoder->pass->model->config, .rows = rows };
    for (int32_t i = 0; i < decoder->stack->count; i++)
        if (first_of_kind(decoder->stack, i) == i)
            decoder->stack->items[i].ops->place(&decoder->stack->items[i], decoder->kept[i], &room);
}

static thor_status take_rows(thor_decoder *decoder, thor_error *error)
{
    thor_arena measure = thor_arena_measure();
    place(decoder, &measure);
    size_t bytes = measure.overflow ? SIZE_MAX : measure.used;
    THOR_TRY(thor_arena_create(&decoder->arena, bytes, "a step of translation", error));
    place(decoder, &decoder->arena);
    if (decoder->arena.overflow)
        return thor_fail(error, THOR_E_FAILED, "a step of translation takes more memory than was measured");
    return THOR_OK;
}

/* ---- what stays between positions ------------------------------------------------------------------------------ */

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
    return true;
}

static int64_t probs_floats(const thor_decoder *decoder)
{
    int64_t source = decoder->pass->batch->source_width;
    return source > decoder->room ? source : decoder->room;
}

float *thor_decoder_probs(const thor_decoder *decoder, int thread)
{
    return decoder->probs + thread * probs_floats(decoder);
}

static thor_status grow(thor_decoder *decoder, int64_t room, thor_error *error)
{
    bool grown = make_positions(decoder, room + 2);
    for (int32_t i = 0; i < decoder->stack->count && grown; i++)
        for (int j = 0; j < decoder->stack->items[i].ops->past && grown; j++)
            grown = grow_one(decoder, &decoder->memories[i].past[j], room);
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

static bool take_memory(thor_decoder *decoder, int32_t i)
{
    const thor_sublayer_ops *ops = decoder->stack->items[i].ops;
    thor_memory *memory = &decoder->memories[i];
    int64_t d = decoder->pass->network.d, source_rows = decoder->pass->encoder.packing.rows;
    bool taken = true;
    for (int j = 0; j < ops->state && taken; j++)
        taken = (memory->state[j] = calloc((size_t)(decoder->slots * d), sizeof *memory->state[j])) != NULL;
    for (int j = 0; j < ops->source && taken; j++)
        taken = (memory->source[j] = malloc((size_t)(source_rows * d + 1) * sizeof *memory->source[j])) != NULL;
    return taken;
}

static thor_status prepare(thor_decoder *decoder, thor_error *error)
{
    for (int32_t i = 0; i < decoder->stack->count; i++) {
        if (!take_memory(decoder, i))
            return thor_fail(error, THOR_E_MEMORY, "no memory for the keys and values of %lld sentences",
                             (long long)decoder->pass->batch->sentences);
        if (decoder->stack->items[i].ops->prepare)
            decoder->stack->items[i].ops->prepare(decoder, i);
    }
    return THOR_OK;
}

/* ---- opening and closing --------------------------------------------------------------------------------------- */

thor_status thor_decoder_open(thor_decoder **out, thor_pass *pass, int64_t beam, thor_error *error)
{
    thor_decoder *decoder = *out = calloc(1, sizeof *decoder);
    if (!decoder)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a decoder");
    decoder->pass = pass;
    decoder->stack = &pass->network.decoder;
    decoder->beam = beam;
    decoder->slots = pass->batch->sentences * beam;
    thor_status status = open_kept(decoder, error);
    if (status == THOR_OK)
        status = take_rows(decoder, error);
    if (status == THOR_OK)
        status = prepare(decoder, error);
    if (status == THOR_OK)
        status = grow(decoder, FIRST_ROOM, error);
    if (status != THOR_OK) {
        thor_decoder_close(decoder);
        *out = NULL;
    }
    return status;
}

static void free_arrays(float *const *arrays)
{
    for (int j = 0; j < THOR_MOST_STEP_ARRAYS; j++)
        free(arrays[j]);
}

void thor_decoder_close(thor_decoder *decoder)
{
    if (!decoder)
        return;
    for (int32_t i = 0; i < decoder->stack->count; i++) {
        if (decoder->memories) {
            free_arrays(decoder->memories[i].past);
            free_arrays(decoder->memories[i].state);
            free_arrays(decoder->memories[i].source);
        }
        if (decoder->kept && first_of_kind(decoder->stack, i) == i)
            free(decoder->kept[i]);
    }
    free(decoder->memories);
    free(decoder->kept);
    free(decoder->table);
    free(decoder->probs);
    thor_arena_free(&decoder->arena);
    free(decoder);
}

/* ---- one position ---------------------------------------------------------------------------------------------- */

static void sublayer_step(thor_decoder *decoder, int32_t i)
{
    const thor_compute *compute = decoder->pass->compute;
    const thor_sublayer *sub = &decoder->stack->items[i];
    int64_t rows = decoder->packing.rows, d = decoder->pass->network.d;
    const float *input = decoder->x;
    if (!decoder->stack->post) {
        thor_layernorm_forward(compute, decoder->normed, NULL, NULL, decoder->x, &sub->norm, rows, d);
        input = decoder->normed;
    }
    const float *y = sub->ops->step(decoder, i, input);
    thor_rows_add(compute, decoder->x, decoder->x, y, rows * d);
    if (decoder->stack->post) {
        thor_layernorm_forward(compute, decoder->normed, NULL, NULL, decoder->x, &sub->norm, rows, d);
        thor_rows_copy(compute, decoder->x, decoder->normed, rows * d);
    }
}

static void begin_position(thor_decoder *decoder, const int32_t *slots, int64_t rows, int64_t position)
{
    for (int64_t r = 0; r < rows; r++) {
        decoder->places[r] = (int32_t)(2 + position);
        decoder->sentence[r] = (int32_t)(slots[r] / decoder->beam);
        decoder->offset[r] = r;
    }
    decoder->offset[rows] = rows;
    decoder->packing = (thor_packing){ rows, rows, 1, decoder->offset, decoder->sentence };
    decoder->row_slots = slots;
    decoder->position = position;
}

thor_status thor_decoder_step(thor_decoder *decoder, float **logits, const int32_t *ids, const int32_t *slots,
                              int64_t rows, int64_t step, thor_error *error)
{
    const thor_network *net = &decoder->pass->network;
    const thor_compute *compute = decoder->pass->compute;
    if (step >= decoder->room)
        THOR_TRY(grow(decoder, decoder->room * 2, error));
    begin_position(decoder, slots, rows, step);
    thor_embed_forward(compute, decoder->x, net->embedding, decoder->table, ids, decoder->places, &decoder->packing,
                       net->d);
    for (int32_t i = 0; i < decoder->stack->count; i++)
        sublayer_step(decoder, i);
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
        const thor_sublayer_ops *ops = decoder->stack->items[i].ops;
        const thor_memory *m = &decoder->memories[i];
        for (int j = 0; j < ops->past; j++)
            memcpy(m->past[j] + to * slot, m->past[j] + from * slot, (size_t)((step + 1) * d) * sizeof(float));
        for (int j = 0; j < ops->state; j++)
            memcpy(m->state[j] + to * d, m->state[j] + from * d, (size_t)d * sizeof(float));
    }
}
