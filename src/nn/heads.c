/* The heads of attention.
 *
 *   forward    1. q = q D^-0.5                         2. s = q k^T  (causal: keys 0 … t),  p = softmax(s)
 *              3. p' = drop(p)                         4. context = p' v
 *   backward   4. d_v = p'^T d_context,  d_p' = d_context v^T      3. d_p through the masks
 *              2. d_s = p * (d_p - sum(d_p * p)),  d_q = d_s k,  d_k = d_s^T q     1. d_q = d_q D^-0.5
 * No other head reads this one's columns of k and v, so d_v stands in v's place once d_p' has read v, and d_k in k's
 * once d_q has read k.
 * Keys that a query does not see have p = +0, which leaves every chain as it was. */
#include "nn/heads.h"

#include <string.h>

#include "base/numbers.h"
#include "base/prefetch.h"

/* Where sentence b, head h stands in the arrays. */
typedef struct {
    int64_t b, h, T, S, d, D;
    int64_t query, key;                 /* first element in [rows, d] arrays */
    int64_t square;                     /* first element in probs */
    float *dropped, *d_s, *turned;      /* this thread's: [T,S] twice, and one side of k or v with D across */
} head_view;

/* Sentences for each thread from which on a thread takes all heads of a sentence, whose rows it then reads whole. */
enum { SENTENCES_A_THREAD = 4, FLOATS_A_LINE = 16 };

/* Heads that one thread takes together. */
static int64_t group_of(const thor_heads *heads)
{
    int64_t threads = heads->compute->par.threads;
    return heads->queries->sentences >= SENTENCES_A_THREAD * threads ? heads->attention->heads : 1;
}

/* Asks for a head's columns of `rows` rows before they are needed. */
static void prefetch_rows(const float *x, int64_t rows, int64_t d, int64_t D)
{
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < D; j += FLOATS_A_LINE)
            THOR_PREFETCH(x + r * d + j);
}

int64_t thor_heads_scratch(int64_t L, int64_t M, int64_t D)
{
    return 2 * thor_whole_vectors(L * M) + D * thor_whole_vectors(M);
}

static head_view view_of(const thor_heads *heads, int64_t item, int thread)
{
    const thor_attention *attention = heads->attention;
    const thor_scratch *scratch = heads->scratch;
    head_view at = { .b = item / attention->heads, .h = item % attention->heads, .d = attention->d };
    at.D = at.d / attention->heads;
    at.T = heads->queries->offset[at.b + 1] - heads->queries->offset[at.b];
    at.S = heads->key_rows->offset[at.b + 1] - heads->key_rows->offset[at.b];
    at.query = heads->queries->offset[at.b] * at.d + at.h * at.D;
    at.key = heads->key_rows->offset[at.b] * at.d + at.h * at.D;
    at.square = heads->saved->probs_offset[at.b] + at.h * at.T * at.S;
    at.dropped = scratch->square + thread * scratch->square_floats;
    at.d_s = at.dropped + thor_whole_vectors(at.T * at.S);
    at.turned = at.d_s + thor_whole_vectors(at.T * at.S);
    return at;
}

void thor_heads_product(const thor_compute *compute, int thread, int64_t m, int64_t n, int64_t k, const float *a,
                        int64_t a_row, int64_t a_column, const float *b, int64_t b_row, int64_t b_column, float *c,
                        int64_t c_row)
{
    thor_gemm product = { .m = m, .n = n, .k = k, .a = a, .a_row = a_row, .a_column = a_column, .b = b, .b_row = b_row,
                          .b_column = b_column, .c = c, .c_row = c_row, .mode = THOR_GEMM_STORE };
    thor_gemm_serial(compute, &product, thread);
}

/* ---- products of one head -------------------------------------------------------------------------------------- */

/* Columns of tile `index`: as even as whole vectors allow. */
static int64_t tile_start(int64_t columns, int64_t tiles, int64_t index)
{
    return thor_smaller(thor_whole_vectors(columns) / 16 * index / tiles * 16, columns);
}

/* c = a b with rows of b where they lie, all of them readable to whole vectors. */
static void rows_product(const thor_kernels *kernels, thor_tile tile, int64_t rows, int64_t columns)
{
    const thor_tile whole = tile;
    int64_t tiles = (columns + kernels->tile_columns - 1) / kernels->tile_columns;
    for (int64_t i = 0; i < rows; i += kernels->tile_rows) {
        tile.rows = thor_smaller(kernels->tile_rows, rows - i);
        tile.a = whole.a + i * whole.a_row;
        tile.next = tile.a;
        for (int64_t index = 0; index < tiles; index++) {
            int64_t j = tile_start(columns, tiles, index);
            tile.columns = tile_start(columns, tiles, index + 1) - j;
            tile.b = whole.b + j;
            tile.c = whole.c + i * whole.c_row + j;
            kernels->tile(&tile);
        }
    }
}

/* Tiles read whole vectors of b and steps of one in a row or a column of a: widths of heads that are no multiple of
 * a vector go the general way, and so do other back ends. */
static bool tiles_fit(const thor_heads *heads, const head_view *at)
{
    return at->D % 16 == 0 && !heads->compute->backend;
}

/* c[m,D] = a[m,k] b[k,D], b a head's columns in rows of d. */
static void times_rows(const thor_heads *heads, const head_view *at, int thread, int64_t m, int64_t k, const float *a,
                       int64_t a_row, int64_t a_column, const float *b, float *c)
{
    if (!tiles_fit(heads, at)) {
        thor_heads_product(heads->compute, thread, m, at->D, k, a, a_row, a_column, b, at->d, 1, c, at->d);
        return;
    }
    thor_tile tile = { .k = k, .a = a, .a_row = a_row, .a_step = a_column, .b = b, .b_step = at->d, .c = c,
                       .c_row = at->d };
    rows_product(heads->compute->kernels, tile, m, at->D);
}

/* c[T,S] = a[T,D] b[S,D]^T, both a head's columns in rows of d. */
static void times_columns(const thor_heads *heads, const head_view *at, int thread, const float *a, const float *b,
                          float *c)
{
    if (!tiles_fit(heads, at)) {
        thor_heads_product(heads->compute, thread, at->T, at->S, at->D, a, at->d, 1, b, 1, at->d, c, at->S);
        return;
    }
    int64_t width = thor_whole_vectors(at->S);
    heads->compute->kernels->pack(at->turned, width, 0, b, 1, at->d, at->D, at->S);
    thor_tile tile = { .k = at->D, .a = a, .a_row = at->d, .a_step = 1, .b = at->turned, .b_step = width, .c = c,
                       .c_row = at->S };
    rows_product(heads->compute->kernels, tile, at->T, at->S);
}

/* ---- forward --------------------------------------------------------------------------------------------------- */

void thor_heads_softmax(const thor_kernels *kernels, float *p, int64_t T, int64_t S, bool causal)
{
    for (int64_t t = 0; t < T; t++) {
        int64_t seen = causal && t + 1 < S ? t + 1 : S;
        kernels->softmax(p + t * S, p + t * S, seen, NULL, NULL);
        memset(p + t * S + seen, 0, (size_t)(S - seen) * sizeof *p);
    }
}

static void scale_rows(const thor_kernels *kernels, float *q, const head_view *at, float scale)
{
    for (int64_t t = 0; t < at->T; t++)
        kernels->scale(q + t * at->d, q + t * at->d, scale, at->D);
}

/* The masks of one head's square: drawn for the padded square [T,M] in one go, since Philox makes many at a time, and
 * packed afterwards. */
static void draw_masks(const thor_heads *heads, const head_view *at)
{
    const thor_dropout *dropout = &heads->saved->dropout;
    int64_t L = heads->queries->width, M = heads->key_rows->width;
    uint64_t first = (uint64_t)((at->b * heads->attention->heads + at->h) * L * M);
    uint8_t *keep = dropout->keep + at->square, *drawn = at->S == M ? keep : (uint8_t *)at->dropped;
    heads->compute->kernels->dropout_mask(drawn, &dropout->rule, first, at->T * M);
    for (int64_t t = 0; t < at->T && at->S != M; t++)
        memcpy(keep + t * at->S, drawn + t * M, (size_t)at->S);
}

static void forward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const thor_heads *heads = context;
    const thor_attention_saved *saved = heads->saved;
    const thor_kernels *kernels = heads->compute->kernels;
    float scale = heads->attention->scale;
    int64_t group = group_of(heads);
    for (int64_t item = begin * group; item < end * group; item++) {
        head_view at = view_of(heads, item, thread);
        if (item + 1 < end * group) {
            prefetch_rows(saved->q + at.query + at.D, at.T, at.d, at.D);
            prefetch_rows(saved->k + at.key + at.D, at.S, at.d, at.D);
            prefetch_rows(saved->v + at.key + at.D, at.S, at.d, at.D);
        }
        float *p = saved->probs + at.square, *q = saved->q + at.query;
        const float *seen = p;
        scale_rows(kernels, q, &at, scale);
        times_columns(heads, &at, thread, q, saved->k + at.key, p);
        thor_heads_softmax(kernels, p, at.T, at.S, heads->attention->causal);
        if (saved->dropout.keep) {
            draw_masks(heads, &at);
            kernels->dropout_apply(at.dropped, p, saved->dropout.keep + at.square, saved->dropout.rule.scale,
                                   at.T * at.S);
            seen = at.dropped;
        }
        times_rows(heads, &at, thread, at.T, at.S, seen, at.S, 1, saved->v + at.key, saved->context + at.query);
    }
}

void thor_heads_forward(const thor_heads *heads)
{
    thor_heads job = *heads;
    thor_par_each(&job.compute->par, job.queries->sentences * job.attention->heads / group_of(&job), forward_body,
                  &job);
}

/* ---- backward -------------------------------------------------------------------------------------------------- */

static void backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const thor_heads *heads = context;
    const thor_kernels *kernels = heads->compute->kernels;
    const thor_attention_saved *saved = heads->saved;
    float scale = heads->attention->scale;
    int64_t group = group_of(heads);
    for (int64_t item = begin * group; item < end * group; item++) {
        head_view at = view_of(heads, item, thread);
        if (item + 1 < end * group) {
            prefetch_rows(saved->q + at.query + at.D, at.T, at.d, at.D);
            prefetch_rows(saved->k + at.key + at.D, at.S, at.d, at.D);
            prefetch_rows(saved->v + at.key + at.D, at.S, at.d, at.D);
            prefetch_rows(heads->d_context + at.query + at.D, at.T, at.d, at.D);
        }
        const float *p = saved->probs + at.square, *seen = p, *d_out = heads->d_context + at.query;
        const uint8_t *keep = saved->dropout.keep ? saved->dropout.keep + at.square : NULL;
        if (keep) {
            kernels->dropout_apply(at.dropped, p, keep, saved->dropout.rule.scale, at.T * at.S);
            seen = at.dropped;
        }
        times_columns(heads, &at, thread, d_out, saved->v + at.key, at.d_s);
        times_rows(heads, &at, thread, at.S, at.T, seen, 1, at.S, d_out, saved->v + at.key);
        if (keep)
            kernels->dropout_apply(at.d_s, at.d_s, keep, saved->dropout.rule.scale, at.T * at.S);
        for (int64_t t = 0; t < at.T; t++)
            kernels->softmax_backward(at.d_s + t * at.S, at.d_s + t * at.S, p + t * at.S, at.S);
        times_rows(heads, &at, thread, at.T, at.S, at.d_s, at.S, 1, saved->k + at.key, heads->d_q + at.query);
        times_rows(heads, &at, thread, at.S, at.T, at.d_s, 1, at.S, saved->q + at.query, saved->k + at.key);
        scale_rows(kernels, heads->d_q + at.query, &at, scale);
    }
}

void thor_heads_backward(const thor_heads *heads)
{
    thor_heads job = *heads;
    thor_par_each(&job.compute->par, job.queries->sentences * job.attention->heads / group_of(&job), backward_body,
                  &job);
}
