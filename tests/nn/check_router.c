/* The token router: probabilities, choices, capacity, gates, and the losses of balance. */
#include <math.h>
#include <string.h>

#include "judge.h"
#include "nn/router.h"
#include "tests/ref/ref_parts.h"

enum { MOST_E = 64, MOST_ROWS = 128 };

typedef struct sizes {
    int64_t lengths[3], d, E, C, k;     /* three sentences */
    thor_policy policy;
    double p;
    bool renormalize;
    double capacity;
    thor_capacity_order order;
    thor_balance_count count;
} sizes;
static const sizes cases[] = {
    { { 1, 0, 0 }, 4, 1, 1, 1, THOR_TOP_K, 0, false, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_SELECTED },
    { { 5, 1, 9 }, 18, 7, 7, 2, THOR_TOP_K, 0, true, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_SELECTED },
    { { 5, 1, 9 }, 18, 7, 3, 2, THOR_TOP_K, 0, false, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_FIRST },
    { { 5, 1, 9 }, 18, 7, 3, 3, THOR_TOP_K, 0, true, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_SELECTED },
    { { 30, 1, 39 }, 18, 33, 8, 2, THOR_TOP_K, 0, true, 0.5, THOR_CAPACITY_PRIORITY, THOR_COUNT_FIRST },
    { { 30, 1, 39 }, 5, 7, 7, 2, THOR_TOP_K, 0, true, 0.7, THOR_CAPACITY_POSITION, THOR_COUNT_SELECTED },
    { { 30, 1, 39 }, 5, 7, 7, 1, THOR_TOP_K, 0, false, 1, THOR_CAPACITY_PRIORITY, THOR_COUNT_SELECTED },
    { { 5, 1, 9 }, 18, 7, 7, 1, THOR_TOP_P, 0.5, false, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_SELECTED },
    { { 30, 1, 39 }, 18, 33, 8, 1, THOR_TOP_P, 0.8, false, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_FIRST },
};
static const float balance_weight = 0.3f, dynamic_weight = 0.2f;

static int64_t rows_of(const sizes *s)
{
    return s->lengths[0] + s->lengths[1] + s->lengths[2];
}

/* Any C experts for each sentence. */
static bool is_candidate(const sizes *s, int64_t b, int64_t e)
{
    return (e * 5 + b * 3) % s->E < s->C;
}

static int64_t sentence_of(const sizes *s, int64_t row)
{
    return row < s->lengths[0] ? 0 : row < s->lengths[0] + s->lengths[1] ? 1 : 2;
}

/* kept[R,E] and the first choices from P. */
static void choose(const sizes *s, const double *P, double *selected, double *kept, int64_t *first)
{
    int64_t R = rows_of(s), E = s->E, order[MOST_E];
    for (int64_t r = 0; r < R; r++) {
        double allowed[MOST_E], one[MOST_E];
        for (int64_t e = 0; e < E; e++)
            allowed[e] = is_candidate(s, sentence_of(s, r), e);
        if (s->policy == THOR_TOP_P)
            ref_prefix(selected + r * E, P + r * E, allowed, E, (double)(float)s->p);
        else
            ref_largest(selected + r * E, order, P + r * E, allowed, E, s->k);
        ref_largest(one, order, P + r * E, allowed, E, 1);
        first[r] = order[0];
    }
    memcpy(kept, selected, (size_t)(R * E) * sizeof *kept);
    if (s->capacity > 0) {
        thor_config config = { .moe = { .experts = (int32_t)E, .capacity_factor = s->capacity,
                                        .capacity_order = s->order },
                               .router = { .k = (int32_t)s->k }, .task = { .candidates = (int32_t)s->C } };
        int64_t all = R;
        ref_rows rows = { .sentences = 1, .width = R, .length = &all };
        config.moe.system = THOR_SYSTEM_TOKEN;
        memset(kept, 0, (size_t)(R * E) * sizeof *kept);
        ref_capacity(kept, selected, P, &rows, &config);
    }
}

/* y: gates [R,E], then L_lb and L_dyn. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    int64_t R = rows_of(s), E = s->E, first[MOST_ROWS];
    int mark = l->block_count;
    ref_var *p = JUDGE_TAKE(l, ref_var, R * E), balance = REF_ZERO, entropy = REF_ZERO;
    double *P = JUDGE_TAKE(l, double, R * E), *selected = JUDGE_TAKE(l, double, R * E),
           *kept = JUDGE_TAKE(l, double, R * E), f[MOST_E] = { 0 };
    judge_linear_oracle(tape, p, l->in[0].v, l->in[1].v, NULL, R, s->d, E);
    for (int64_t r = 0; r < R; r++) {
        for (int64_t e = 0; e < E; e++)
            if (!is_candidate(s, sentence_of(s, r), e))
                p[r * E + e] = REF_ZERO;
        ref_soft(tape, p + r * E, p + r * E, E);
    }
    for (int64_t i = 0; i < R * E; i++)
        P[i] = ref_value_of(tape, p[i]);
    choose(s, P, selected, kept, first);
    for (int64_t r = 0; r < R; r++) {
        ref_var sum = REF_ZERO;
        for (int64_t i = r * E; i < (r + 1) * E; i++) {
            if (kept[i] != 0)
                sum = ref_add(tape, sum, p[i]);
            f[i % E] += (s->count == THOR_COUNT_FIRST ? (double)(i % E == first[r]) : selected[i]) / (double)R;
        }
        for (int64_t i = r * E; i < (r + 1) * E; i++)
            y[i] = kept[i] == 0 ? REF_ZERO : s->renormalize ? ref_divide(tape, p[i], sum) : ref_scale(tape, p[i], 1);
    }
    for (int64_t i = 0; i < R * E; i++) {
        if (p[i] == REF_ZERO)
            continue;
        balance = ref_add(tape, balance, ref_scale(tape, p[i], f[i % E] * (double)E / (double)R));
        if (s->policy == THOR_TOP_P)
            entropy = ref_subtract(tape, entropy, ref_scale(tape, ref_multiply(tape, p[i], ref_log(tape, p[i])),
                                                            1 / (double)R));
    }
    y[R * E] = balance;
    y[R * E + 1] = entropy;
    judge_give_back(l, mark);
}

static thor_router router_of(const judge_layer *l)
{
    const sizes *s = l->context;
    return (thor_router){ .linear = judge_linear(l, 1, -1, s->E, s->d), .policy = s->policy, .k = s->k,
                          .p = (float)s->p, .renormalize = s->renormalize, .capacity_factor = s->capacity,
                          .capacity_order = s->order, .count = s->count, .pool = s->capacity > 0 ? s->E : s->C,
                          .d = s->d, .E = s->E, .C = s->C };
}

static thor_routing routing_of(judge_layer *l, const thor_router *router, int64_t R)
{
    int64_t E = router->E, most = thor_router_most_assignments(router, R);
    thor_routing routing = { .probs = JUDGE_TAKE(l, float, R * E), .selected = JUDGE_TAKE(l, int32_t, R * E),
                             .gates = JUDGE_TAKE(l, float, R * E), .gate_sum = JUDGE_TAKE(l, float, R),
                             .choice = JUDGE_TAKE(l, int32_t, R * E), .order = JUDGE_TAKE(l, uint64_t, 2 * R),
                             .offset = JUDGE_TAKE(l, int64_t, E + 1), .row = JUDGE_TAKE(l, int32_t, most),
                             .place = JUDGE_TAKE(l, int32_t, R * E), .f = JUDGE_TAKE(l, float, E),
                             .Q = JUDGE_TAKE(l, float, E), .logarithm = JUDGE_TAKE(l, float, R * E),
                             .counts = JUDGE_TAKE(l, int64_t, THOR_ROUTER_CHUNKS * E),
                             .entropy = JUDGE_TAKE(l, float, R) };
    return routing;
}

static int32_t *candidates_of(judge_layer *l)
{
    const sizes *s = l->context;
    int32_t *candidates = JUDGE_TAKE(l, int32_t, 3 * s->E);
    for (int64_t i = 0; i < 3 * s->E; i++)
        candidates[i] = is_candidate(s, i / s->E, i % s->E);
    return candidates;
}

/* What a routing says of itself: every assignment once, rows ascending within an expert, counts that add up. */
static void check_assignments(const thor_routing *routing, int64_t R, int64_t E)
{
    int64_t chosen = 0;
    for (int64_t i = 0; i < R * E; i++) {
        int32_t a = routing->place[i];
        chosen += routing->selected[i];
        ck_assert(a < 0 || (routing->selected[i] == 1 && routing->row[a] == i / E && a >= routing->offset[i % E] &&
                            a < routing->offset[i % E + 1]));
        ck_assert((a >= 0) == (routing->gates[i] > 0));
    }
    for (int64_t e = 0; e < E; e++)
        for (int64_t a = routing->offset[e] + 1; a < routing->offset[e + 1]; a++)
            ck_assert_int_lt(routing->row[a - 1], routing->row[a]);
    ck_assert_int_eq(routing->chosen, chosen);
    ck_assert_int_eq(routing->offset[E], chosen - routing->dropped);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    int64_t R = rows_of(s), E = s->E;
    double balance, dynamic;
    thor_packing packing = judge_packing(l, s->lengths, 3);
    thor_router router = router_of(l);
    thor_routing routing = routing_of(l, &router, R);
    thor_linear_forward(compute, routing.probs, l->in[0].x, &router.linear, R);
    thor_router_forward(compute, &routing, s->C < E ? candidates_of(l) : NULL, &packing, &router, true);
    thor_router_losses(compute, &balance, &dynamic, &routing, R, &router);
    check_assignments(&routing, R, E);
    memcpy(l->y, routing.gates, (size_t)(R * E) * sizeof(float));
    l->y[R * E] = (float)balance;
    l->y[R * E + 1] = (float)dynamic;
    float *d_logits = JUDGE_TAKE(l, float, R * E);
    const thor_linear_gradient gradient = { l->in[1].d, NULL };
    thor_router_backward(compute, d_logits, l->d_y, &routing, R, balance_weight, dynamic_weight, &router);
    thor_linear_backward(compute, l->in[0].d, THOR_GEMM_STORE, &gradient, d_logits, l->in[0].x, &router.linear, R);
}

static void open_layer(judge_layer *l, const sizes *s)
{
    int64_t R = rows_of(s);
    *l = (judge_layer){ .name = "router", .context = s, .oracle = oracle, .run = run };
    l->outputs = R * s->E + 2;
    judge_add(l, "u", R * s->d, 0, 1);
    judge_add(l, "weight", s->E * s->d, 0, 1);
    l->d_y = JUDGE_TAKE(l, float, l->outputs);
    judge_draw(l->d_y, R * s->E, 0, 1, 99);
    l->d_y[R * s->E] = balance_weight;
    l->d_y[R * s->E + 1] = dynamic_weight;
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_layer(&l, &cases[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

static thor_routing route(judge_layer *l, const thor_compute *compute, bool training)
{
    const sizes *s = l->context;
    thor_packing packing = judge_packing(l, s->lengths, 3);
    thor_router router = router_of(l);
    thor_routing routing = routing_of(l, &router, packing.rows);
    thor_linear_forward(compute, routing.probs, l->in[0].x, &router.linear, packing.rows);
    thor_router_forward(compute, &routing, s->C < s->E ? candidates_of(l) : NULL, &packing, &router, training);
    return routing;
}

/* A larger p chooses the same experts and perhaps more; p = 0 one, p = 1 all whose share counts. */
START_TEST(top_p_grows)
{
    sizes s = cases[8];
    judge_layer l;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    open_layer(&l, &s);
    int64_t R = rows_of(&s), before = 0;
    int32_t *smaller = JUDGE_TAKE(&l, int32_t, R * s.E);
    for (int step = 0; step <= 20; step++) {
        s.p = step / 20.0;
        thor_routing routing = route(&l, &compute, true);
        for (int64_t i = 0; i < R * s.E; i++) {
            ck_assert_msg(smaller[i] <= routing.selected[i], "p = %g leaves out what a smaller p chose", s.p);
            smaller[i] = routing.selected[i];
        }
        ck_assert_int_ge(routing.chosen, before);
        before = routing.chosen;
        if (step == 0)
            ck_assert_int_eq(before, R);
    }
    ck_assert_int_gt(before, 4 * R);
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

/* k = C: every candidate, with the gates that the mixture over all of them has; renormalised gates sum to 1. */
START_TEST(all_candidates_are_the_mixture)
{
    judge_layer l;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    open_layer(&l, &cases[3]);
    const sizes *s = &cases[3];
    thor_routing routing = route(&l, &compute, true);
    for (int64_t i = 0; i < rows_of(s) * s->E; i++) {
        ck_assert_int_eq(routing.selected[i], is_candidate(s, sentence_of(s, i / s->E), i % s->E));
        ck_assert_float_eq_tol(routing.gates[i], routing.probs[i], 2e-7f);
    }
    judge_close(&l);
    for (int which = 1; which < 6; which++) {
        if (!cases[which].renormalize)
            continue;
        open_layer(&l, &cases[which]);
        routing = route(&l, &compute, true);
        for (int64_t r = 0; r < rows_of(&cases[which]); r++) {
            double sum = 0;
            int64_t places = 0;
            for (int64_t e = 0; e < cases[which].E; e++) {
                sum += (double)routing.gates[r * cases[which].E + e];
                places += routing.place[r * cases[which].E + e] >= 0;
            }
            ck_assert_double_eq_tol(sum, places > 0, 3e-7);
        }
        judge_close(&l);
    }
    thor_compute_close(&compute);
}
END_TEST

/* Capacity drops in training and never otherwise. */
START_TEST(capacity_acts_in_training_alone)
{
    judge_layer l;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    for (int which = 4; which <= 6; which++) {
        open_layer(&l, &cases[which]);
        ck_assert_int_gt(route(&l, &compute, true).dropped, 0);
        ck_assert_int_eq(route(&l, &compute, false).dropped, 0);
        judge_close(&l);
    }
    thor_compute_close(&compute);
}
END_TEST

/* Rows of equal probabilities: the lowest experts, in order. */
START_TEST(ties)
{
    judge_layer l;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    open_layer(&l, &cases[1]);
    memset(l.in[1].x, 0, (size_t)l.in[1].count * sizeof(float));
    thor_routing routing = route(&l, &compute, true);
    for (int64_t r = 0; r < rows_of(&cases[1]); r++)
        ck_assert(routing.choice[2 * r] == 0 && routing.choice[2 * r + 1] == 1);
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

/* Rows in many chunks, and more threads than the machine has cores: the same routing, number by number. */
static void check_same(const thor_routing *a, const thor_routing *b, int64_t R, int64_t E, int threads)
{
    int64_t n = R * E;
    bool same = memcmp(a->probs, b->probs, (size_t)n * sizeof *a->probs) == 0 &&
                memcmp(a->selected, b->selected, (size_t)n * sizeof *a->selected) == 0 &&
                memcmp(a->gates, b->gates, (size_t)n * sizeof *a->gates) == 0 &&
                memcmp(a->place, b->place, (size_t)n * sizeof *a->place) == 0 &&
                memcmp(a->offset, b->offset, (size_t)(E + 1) * sizeof *a->offset) == 0 &&
                memcmp(a->row, b->row, (size_t)a->offset[E] * sizeof *a->row) == 0 &&
                memcmp(a->f, b->f, (size_t)E * sizeof *a->f) == 0 && memcmp(a->Q, b->Q, (size_t)E * sizeof *a->Q) == 0;
    ck_assert_msg(same && a->chosen == b->chosen && a->dropped == b->dropped, "%d threads route otherwise", threads);
}

START_TEST(many_threads)
{
    static const int threads[] = { 1, 17, 64, 300 };
    static const sizes large[] = {
        { { 900, 1, 4242 }, 5, 33, 8, 2, THOR_TOP_K, 0, true, 0.7, THOR_CAPACITY_PRIORITY, THOR_COUNT_FIRST },
        { { 900, 1, 4242 }, 5, 33, 33, 1, THOR_TOP_P, 0.7, false, 0, THOR_CAPACITY_PRIORITY, THOR_COUNT_SELECTED },
    };
    const sizes *s = &large[_i];
    judge_layer l;
    thor_routing first = { 0 };
    double first_balance = 0, first_dynamic = 0;
    open_layer(&l, s);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        thor_compute compute;
        thor_error error;
        double balance, dynamic;
        thor_router router = router_of(&l);
        ck_assert_int_eq(thor_compute_open(&compute, NULL, threads[i], &error), THOR_OK);
        thor_routing routing = route(&l, &compute, true);
        thor_router_losses(&compute, &balance, &dynamic, &routing, rows_of(s), &router);
        check_assignments(&routing, rows_of(s), s->E);
        if (i == 0) {
            first = routing;
            first_balance = balance;
            first_dynamic = dynamic;
        }
        check_same(&first, &routing, rows_of(s), s->E, threads[i]);
        ck_assert(first_balance == balance && first_dynamic == dynamic);
        thor_compute_close(&compute);
    }
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("router");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, top_p_grows);
    tcase_add_test(tests, all_candidates_are_the_mixture);
    tcase_add_test(tests, capacity_acts_in_training_alone);
    tcase_add_test(tests, ties);
    tcase_add_loop_test(tests, many_threads, 0, 2);
    return judge_main(tests);
}
