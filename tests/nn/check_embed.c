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
    thor_embed_scratch scratch = { JUDGE_TAKE(l, int64_t, V + 1), JUDGE_TAKE(l, int64_t, from.rows + to.rows),
                                   JUDGE_TAKE(l, float, compute->par.threads * 2 * D) };
    thor_embed_backward(compute, l->in[0].d, &sides[0], &sides[1], &scratch, D, V);
}

START_TEST(values_and_gradients)
{
    judge_layer l = { .name = "embedding", .oracle = oracle, .run = run, .outputs = (53 + V) * D };
    judge_add(&l, "embed.weight", V * D, 0, 1);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("embedding");
    tcase_add_test(tests, values_and_gradients);
    return judge_main(tests);
}
