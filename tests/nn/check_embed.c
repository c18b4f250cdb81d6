/* sqrt(d) E[id] + PE[position], ids that stand on both sides, ids that stand nowhere. */
#include <math.h>
#include <string.h>

#include "judge.h"

enum { V = 300, D = 18, SENTENCES = 3 };
static const int64_t source_lengths[] = { 1, 6, 3 }, target_lengths[] = { 2, 1, 40 };

/* Few ids, so that they come again; 0 and V-1 among them. */
static void draw_ids(int32_t *ids, int64_t n, uint32_t site)
{
    float u[64];
    static const int32_t few[] = { 0, V - 1, 5, 130, 129, 128, 7 };
    judge_draw(u, n, 0.5, 0.5, site);
    for (int64_t i = 0; i < n; i++)
        ids[i] = few[(int)(u[i] * 6.99f)];
}

/* Element i of PE[q]: frequency and angle are binary32. */
static double position(int64_t q, int64_t i)
{
    int64_t half = D / 2, j = i % half;
    float rate = (float)(-log(10000.0) / (double)(half - 1)), exponent = (float)j * rate;
    float angle = (float)q * (float)exp((double)exponent);
    return i < half ? sin((double)angle) : cos((double)angle);
}

static void side_oracle(judge_layer *l, ref_tape *tape, ref_var *y, const int64_t *lengths, uint32_t site)
{
    int32_t ids[64];
    draw_ids(ids, lengths[0] + lengths[1] + lengths[2], site);
    for (int64_t b = 0, row = 0; b < SENTENCES; b++)
        for (int64_t t = 0; t < lengths[b]; t++, row++)
            for (int64_t i = 0; i < D; i++)
                y[row * D + i] = ref_add(tape, ref_scale(tape, l->in[0].v[ids[row] * D + i], sqrt((double)D)),
                                         ref_leaf(tape, position(t + 2, i)));
}

/* Both sides, and the table itself: what the output layer's gradient stands for. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    side_oracle(l, tape, y, source_lengths, 200);
    side_oracle(l, tape, y + 10 * D, target_lengths, 201);
    memcpy(y + 53 * D, l->in[0].v, V * D * sizeof *y);
}

/* The backward pass with memory of its own. */
static void back(const thor_compute *compute, float *d_embedding, const thor_embed_side *source,
                 const thor_embed_side *target, int64_t d, int64_t vocabulary)
{
    int64_t rows = source->rows + target->rows;
    int threads = compute->par.threads;
    thor_embed_scratch scratch;
    thor_error error;
    thor_arena arena = thor_arena_measure();
    thor_embed_place(&scratch, &arena, rows, d, vocabulary, threads);
    ck_assert_int_eq(thor_arena_create(&arena, arena.used, "scratch", &error), THOR_OK);
    memset(arena.memory, 0xff, arena.capacity);
    thor_embed_place(&scratch, &arena, rows, d, vocabulary, threads);
    thor_embed_backward(compute, d_embedding, source, target, &scratch, d, vocabulary);
    thor_arena_free(&arena);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    int32_t source[64], target[64], positions[64];
    thor_packing from = judge_packing(l, source_lengths, SENTENCES), to = judge_packing(l, target_lengths, SENTENCES);
    float *table = JUDGE_TAKE(l, float, 42 * D), *other = JUDGE_TAKE(l, float, to.rows * D);
    draw_ids(source, from.rows, 200);
    draw_ids(target, to.rows, 201);
    thor_positions_make(table, 42, D);
    thor_embed_forward(compute, l->y, l->in[0].x, table, source, NULL, &from, D);
    thor_embed_forward(compute, l->y + 10 * D, l->in[0].x, table, target, NULL, &to, D);
    for (int64_t r = 0; r < to.rows; r++)
        positions[r] = (int32_t)(r - to.offset[to.sentence[r]]) + 2;
    thor_embed_forward(compute, other, l->in[0].x, table, target, positions, &to, D);
    ck_assert_mem_eq(other, l->y + 10 * D, (size_t)(to.rows * D) * sizeof *other);
    memcpy(l->y + 53 * D, l->in[0].x, V * D * sizeof(float));
    memcpy(l->in[0].d, l->d_y + 53 * D, V * D * sizeof(float));
    thor_embed_side sides[] = { { l->d_y, source, from.rows }, { l->d_y + 10 * D, target, to.rows } };
    back(compute, l->in[0].d, &sides[0], &sides[1], D, V);
}

START_TEST(values_and_gradients)
{
    judge_layer l = { .name = "embedding", .oracle = oracle, .run = run, .outputs = (53 + V) * D };
    judge_add(&l, "embed.weight", V * D, 0, 1);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Rows in many chunks, and more threads than the machine has cores: the bits of one row after another. */
START_TEST(many_threads)
{
    enum { SOURCE = 5000, TARGET = 4001, WIDE = 4, IDS = 1000 };
    static const int threads[] = { 1, 2, 3, 17, 64, 300 };
    static float d_x[(SOURCE + TARGET) * WIDE], u[SOURCE + TARGET], before[IDS * WIDE], d[IDS * WIDE];
    static float sums[2][IDS * WIDE];
    static int32_t ids[SOURCE + TARGET];
    judge_draw(d_x, (SOURCE + TARGET) * WIDE, 0, 1, 202);
    judge_draw(u, SOURCE + TARGET, 0.5, 0.5, 203);
    judge_draw(before, IDS * WIDE, 0, 1, 204);
    memset(sums, 0, sizeof sums);
    for (int64_t r = 0; r < SOURCE + TARGET; r++) {
        ids[r] = r % 9 ? (int32_t)(u[r] * u[r] * u[r] * 999.99f) : IDS - 1;    /* many of the first, some of none */
        for (int i = 0; i < WIDE; i++)
            sums[r >= SOURCE][ids[r] * WIDE + i] += 2 * d_x[r * WIDE + i];      /* exact: fused or not */
    }
    thor_embed_side source = { d_x, ids, SOURCE }, target = { d_x + SOURCE * WIDE, ids + SOURCE, TARGET };
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        thor_compute compute;
        thor_error error;
        ck_assert_int_eq(thor_compute_open(&compute, NULL, threads[t], &error), THOR_OK);
        memcpy(d, before, sizeof d);
        back(&compute, d, &source, &target, WIDE, IDS);
        for (int64_t i = 0; i < IDS * WIDE; i++)
            ck_assert_msg(d[i] == (sums[0][i] + sums[1][i]) + before[i], "element %d on %d threads", (int)i,
                          threads[t]);
        thor_compute_close(&compute);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("embedding");
    tcase_add_test(tests, values_and_gradients);
    tcase_add_test(tests, many_threads);
    return judge_main(tests);
}
