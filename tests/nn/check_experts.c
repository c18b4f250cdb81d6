/* Rows through their experts, weighed by their gates; an expert without rows. */
#include <string.h>

#include "judge.h"
#include "nn/experts.h"

typedef struct sizes { int64_t lengths[2], d, F, E; double rate; } sizes;
static const sizes cases[] = {
    { { 1, 0 }, 4, 1, 1, 0 }, { { 6, 1 }, 18, 21, 5, 0 }, { { 6, 1 }, 18, 21, 5, 0.3 }, { { 40, 5 }, 5, 7, 5, 0.3 },
};

/* No row chooses expert 1 (where there are more than one). */
static bool is_chosen(const sizes *s, int64_t row, int64_t e)
{
    return s->E == 1 || (e != 1 && (row + e) % 3 != 1);
}

static int64_t padded(const sizes *s, int64_t row, int64_t e, int64_t n)
{
    int64_t width = s->lengths[0] > s->lengths[1] ? s->lengths[0] : s->lengths[1];
    int64_t at = row < s->lengths[0] ? row : width + row - s->lengths[0];
    return (at * s->E + e) * n;
}

/* Inputs: x, gates, fc1.weight, fc1.bias, fc2.weight, fc2.bias. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    int64_t R = s->lengths[0] + s->lengths[1], d = s->d, F = s->F, E = s->E;
    int mark = l->block_count;
    thor_dropout dropout = judge_dropout(l, s->rate, 1);
    ref_var h[64], o[64];
    for (int64_t r = 0; r < R; r++) {
        for (int64_t i = 0; i < d; i++)
            y[r * d + i] = REF_ZERO;
        for (int64_t e = 0; e < E; e++) {
            if (!is_chosen(s, r, e))
                continue;
            judge_linear_oracle(tape, h, l->in[0].v + r * d, l->in[2].v + e * F * d, l->in[3].v + e * F, 1, d, F);
            for (int64_t j = 0; j < F; j++)
                h[j] = ref_scale(tape, ref_open(tape, h[j]), judge_kept(&dropout, padded(s, r, e, F) + j));
            judge_linear_oracle(tape, o, h, l->in[4].v + e * d * F, l->in[5].v + e * d, 1, F, d);
            for (int64_t i = 0; i < d; i++)
                y[r * d + i] = ref_add(tape, y[r * d + i],
                                       ref_multiply(tape, l->in[1].v[r * E + e],
                                                    ref_scale(tape, o[i],
                                                              judge_kept(&dropout, padded(s, r, e, d) + i))));
        }
    }
    judge_give_back(l, mark);
}

static thor_routing routing_of(judge_layer *l, int64_t R)
{
    const sizes *s = l->context;
    thor_routing routing = { .gates = l->in[1].x, .offset = JUDGE_TAKE(l, int64_t, s->E + 1),
                             .row = JUDGE_TAKE(l, int32_t, R * s->E), .place = JUDGE_TAKE(l, int32_t, R * s->E) };
    int64_t a = 0;
    for (int64_t e = 0; e < s->E; e++) {
        for (int64_t r = 0; r < R; r++) {
            routing.place[r * s->E + e] = is_chosen(s, r, e) ? (int32_t)a : -1;
            if (is_chosen(s, r, e))
                routing.row[a++] = (int32_t)r;
        }
        routing.offset[e + 1] = a;
    }
    return routing;
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    int64_t d = s->d, F = s->F, E = s->E;
    thor_packing packing = judge_packing(l, s->lengths, 2);
    thor_routing routing = routing_of(l, packing.rows);
    int64_t A = routing.offset[E];
    thor_experts experts = { judge_matrix(l, 2, E * F, d), judge_matrix(l, 4, E * d, F), l->in[3].x, l->in[5].x, E, F,
                             d };
    thor_experts_gradient gradient = { l->in[2].d, l->in[3].d, l->in[4].d, l->in[5].d };
    thor_experts_saved saved = { JUDGE_TAKE(l, float, A * d), JUDGE_TAKE(l, float, A * F), JUDGE_TAKE(l, float, A * d),
                                 judge_dropout(l, s->rate, A * F), judge_dropout(l, s->rate, A * d),
                                 JUDGE_TAKE(l, thor_gemm, 2 * E) };
    thor_scratch scratch = judge_scratch(l, packing.rows, d, A, F, A, E);
    thor_experts_forward(compute, l->y, &saved, l->in[0].x, &routing, &packing, &experts);
    thor_experts_backward(compute, l->in[0].d, l->in[1].d, &gradient, l->d_y, &saved, l->in[0].x, &routing,
                          packing.rows, &experts, &scratch);
    for (int64_t i = 0; E > 1 && i < F * d; i++)
        ck_assert_msg(l->in[2].d[F * d + i] == 0 && l->in[4].d[F * d + i] == 0, "a gradient without rows");
}

static void open_layer(judge_layer *l, const sizes *s)
{
    int64_t R = s->lengths[0] + s->lengths[1];
    *l = (judge_layer){ .name = "experts", .context = s, .oracle = oracle, .run = run, .outputs = R * s->d };
    judge_add(l, "x", R * s->d, 0, 1);
    judge_add(l, "gates", R * s->E, 0.5, 0.5);
    judge_add(l, "fc1.weight", s->E * s->F * s->d, 0, 1);
    judge_add(l, "fc1.bias", s->E * s->F, 0.1, 1);
    judge_add(l, "fc2.weight", s->E * s->d * s->F, 0, 1);
    judge_add(l, "fc2.bias", s->E * s->d, 0.1, 1);
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_layer(&l, &cases[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("experts");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    return judge_main(tests);
}
