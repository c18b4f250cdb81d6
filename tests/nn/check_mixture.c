/* The whole mixture layer as the model runs it: task router, context, gate, token router, experts, and the losses that
 * flow back through them; then what holds for it whatever its numbers are. */
#include <math.h>
#include <string.h>

#include "mixture_trial.h"

static const mixture_sizes cases[] = {
    { .name = "mixture of all experts", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 7, .k = 7,
      .policy = THOR_TOP_K, .form = THOR_CONTEXT_NONE },
    { .name = "top-1 with capacity", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 1,
      .policy = THOR_TOP_K, .capacity = 1, .count = THOR_COUNT_FIRST, .form = THOR_CONTEXT_NONE },
    { .name = "top-2 with capacity", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .capacity = 0.7, .count = THOR_COUNT_FIRST,
      .form = THOR_CONTEXT_NONE },
    { .name = "top-2 with capacity by position", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .capacity = 0.5, .order = THOR_CAPACITY_POSITION, .dropout = 0.3,
      .form = THOR_CONTEXT_NONE },
    { .name = "candidates, top-2, prefix", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 3, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .prefix = true },
    { .name = "candidates, top-1, capacity", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 3, .k = 1,
      .policy = THOR_TOP_K, .capacity = 0.8, .prefix = true, .dropout = 0.3 },
    { .name = "candidates, top-p, sentence", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 33, .C = 8, .k = 1,
      .policy = THOR_TOP_P, .p = 0.6, .dropout = 0.3 },
    { .name = "candidates, top-p, infuse, context added", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 3,
      .k = 1, .policy = THOR_TOP_P, .p = 0.8, .form = THOR_CONTEXT_ADD, .infuse = true, .prefix = true,
      .count = THOR_COUNT_FIRST },
    { .name = "top-p, infuse, experts fed", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 1,
      .policy = THOR_TOP_P, .p = 0.5, .infuse = true, .feed = true },
    { .name = "top-2, infuse, no context", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .infuse = true, .form = THOR_CONTEXT_NONE },
    { .name = "top-2, context added, experts fed", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .form = THOR_CONTEXT_ADD, .feed = true, .prefix = true,
      .dropout = 0.3 },
};
enum { CASES = sizeof cases / sizeof *cases };

/* The layer, and what one pass leaves. */
typedef struct parts {
    thor_packing packing;
    thor_mixture mixture;
    thor_mixture_saved saved;
    thor_mixture_gradient gradient;
    float *task_f, *task_Q;             /* [E] */
    double balance, dynamic, task_balance;
} parts;

static thor_mixture mixture_of(const judge_layer *l)
{
    const mixture_sizes *s = l->context;
    int64_t d = s->d, F = s->F, E = s->E;
    thor_mixture mixture = { .form = s->form, .has_candidates = mixture_has_candidates(s), .infuse = s->infuse,
                             .feed_experts = s->feed, .prefix = s->prefix };
    mixture.router = (thor_router){ .linear = judge_linear(l, MIXTURE_ROUTER, -1, E, d), .policy = s->policy,
                                    .k = s->k, .p = (float)s->p, .renormalize = s->renormalize,
                                    .capacity_factor = s->capacity, .capacity_order = s->order, .count = s->count,
                                    .pool = s->C, .d = d, .E = E, .C = s->C };
    mixture.task_router = judge_linear(l, MIXTURE_TASK_ROUTER, -1, E, d);
    mixture.gate = judge_linear(l, MIXTURE_GATE, MIXTURE_GATE_BIAS, d, 2 * d);
    mixture.experts = (thor_experts){ judge_matrix(l, MIXTURE_FC1, E * F, d), judge_matrix(l, MIXTURE_FC2, E * d, F),
                                      l->in[MIXTURE_FC1_BIAS].x, l->in[MIXTURE_FC2_BIAS].x, E, F, d };
    return mixture;
}

static thor_routing routing_take(judge_layer *l, const thor_router *router, int64_t R)
{
    int64_t E = router->E, most = thor_router_most_assignments(router, R);
    return (thor_routing){ .probs = JUDGE_TAKE(l, float, R * E), .selected = JUDGE_TAKE(l, int32_t, R * E),
                           .gates = JUDGE_TAKE(l, float, R * E), .gate_sum = JUDGE_TAKE(l, float, R),
                           .choice = JUDGE_TAKE(l, int32_t, R * E), .order = JUDGE_TAKE(l, uint64_t, R),
                           .offset = JUDGE_TAKE(l, int64_t, E + 1), .row = JUDGE_TAKE(l, int32_t, most),
                           .place = JUDGE_TAKE(l, int32_t, R * E), .f = JUDGE_TAKE(l, float, E),
                           .Q = JUDGE_TAKE(l, float, E), .logarithm = JUDGE_TAKE(l, float, R * E) };
}

static parts parts_of(judge_layer *l)
{
    const mixture_sizes *s = l->context;
    int64_t R = mixture_rows(s), d = s->d, F = s->F, E = s->E, B = MIXTURE_SENTENCES;
    parts p = { .packing = judge_packing(l, s->lengths, B), .mixture = mixture_of(l) };
    int64_t A = thor_router_most_assignments(&p.mixture.router, R);
    p.saved = (thor_mixture_saved){ .task_probs = JUDGE_TAKE(l, float, B * E),
                                    .candidates = JUDGE_TAKE(l, int32_t, B * E),
                                    .context = JUDGE_TAKE(l, float, R * d), .gate = JUDGE_TAKE(l, float, R * d),
                                    .input = JUDGE_TAKE(l, float, R * d), .output = JUDGE_TAKE(l, float, R * d),
                                    .d_task = JUDGE_TAKE(l, float, B * d) };
    p.saved.routing = routing_take(l, &p.mixture.router, R);
    p.saved.experts = (thor_experts_saved){ JUDGE_TAKE(l, float, A * d), JUDGE_TAKE(l, float, A * F),
                                            JUDGE_TAKE(l, float, A * d), judge_dropout(l, s->dropout, A * F),
                                            judge_dropout(l, s->dropout, A * d), JUDGE_TAKE(l, thor_gemm, 2 * E) };
    p.gradient = (thor_mixture_gradient){ .router = l->in[MIXTURE_ROUTER].d,
                                          .gate = { l->in[MIXTURE_GATE].d, l->in[MIXTURE_GATE_BIAS].d },
                                          .experts = { l->in[MIXTURE_FC1].d, l->in[MIXTURE_FC1_BIAS].d,
                                                       l->in[MIXTURE_FC2].d, l->in[MIXTURE_FC2_BIAS].d } };
    p.task_f = JUDGE_TAKE(l, float, E);
    p.task_Q = JUDGE_TAKE(l, float, E);
    return p;
}

static void forward(judge_layer *l, const thor_compute *compute, parts *p, bool training)
{
    const mixture_sizes *s = l->context;
    int64_t R = mixture_rows(s);
    thor_mixture_forward(compute, &p->saved, l->in[MIXTURE_X].x, s->infuse || p->mixture.has_candidates
                         ? l->in[MIXTURE_R].x : NULL, &p->packing, &p->mixture, training);
    thor_router_losses(compute, &p->balance, &p->dynamic, &p->saved.routing, R, &p->mixture.router);
    if (p->mixture.has_candidates)
        p->task_balance = thor_task_balance(compute, p->task_f, p->task_Q, p->saved.task_probs, p->saved.candidates,
                                            MIXTURE_SENTENCES, s->E);
}

/* r meets the task router first, then infusing: their gradients are added in that order. */
static void task_backward(judge_layer *l, const thor_compute *compute, const parts *p)
{
    const mixture_sizes *s = l->context;
    int64_t n = MIXTURE_SENTENCES * s->d;
    if (!p->mixture.has_candidates && s->infuse)
        memcpy(l->in[MIXTURE_R].d, p->saved.d_task, (size_t)n * sizeof(float));
    if (!p->mixture.has_candidates)
        return;
    thor_task_balance_backward(compute, l->in[MIXTURE_R].d, l->in[MIXTURE_TASK_ROUTER].d,
                               JUDGE_TAKE(l, float, MIXTURE_SENTENCES * s->E), p->task_f, p->saved.task_probs,
                               l->in[MIXTURE_R].x, &p->mixture.task_router, MIXTURE_SENTENCES, mixture_loss_weights[2]);
    if (s->infuse)
        thor_rows_add(compute, l->in[MIXTURE_R].d, l->in[MIXTURE_R].d, p->saved.d_task, n);
}

static void backward(judge_layer *l, const thor_compute *compute, const parts *p)
{
    const mixture_sizes *s = l->context;
    int64_t R = mixture_rows(s), A = thor_router_most_assignments(&p->mixture.router, R);
    thor_scratch scratch = judge_scratch(l, R, s->d, A, s->F, A, s->E);
    thor_mixture_backward(compute, l->in[MIXTURE_X].d, &p->gradient, l->d_y, &p->saved, l->in[MIXTURE_X].x, &p->packing,
                          mixture_loss_weights[0], mixture_loss_weights[1], &p->mixture, &scratch);
    task_backward(l, compute, p);
}

static parts pass(judge_layer *l, const thor_compute *compute)
{
    const mixture_sizes *s = l->context;
    int64_t n = mixture_rows(s) * s->d;
    parts p = parts_of(l);
    forward(l, compute, &p, true);
    const float losses[MIXTURE_LOSSES] = { (float)p.balance, (float)p.dynamic, (float)p.task_balance };
    memcpy(l->y, p.saved.output, (size_t)n * sizeof *l->y);
    memcpy(l->y + n, losses, sizeof losses);
    backward(l, compute, &p);
    return p;
}

static void run(judge_layer *l, const thor_compute *compute)
{
    (void)pass(l, compute);
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    mixture_open(&l, &cases[_i]);
    l.run = run;
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* --- laws --- */

/* A layer that has gone through one pass; `compute` is the machine's best on two threads. */
typedef struct done {
    judge_layer layer;
    parts parts;
} done;

static void open_compute(thor_compute *compute)
{
    thor_error error;
    ck_assert_msg(thor_compute_open(compute, NULL, 2, &error) == THOR_OK, "%s", error.text);
}

static void open_done(done *t, const mixture_sizes *sizes)
{
    mixture_open(&t->layer, sizes);
    t->layer.y = JUDGE_TAKE(&t->layer, float, t->layer.outputs);
}

/* The slice of expert `from` of the array `which` of a becomes the slice of `to` of b. */
static void move_slice(const judge_layer *a, int64_t from, judge_layer *b, int64_t to, int which)
{
    int64_t E = ((const mixture_sizes *)a->context)->E, size = a->in[which].count / E;
    memcpy(b->in[which].x + to * size, a->in[which].x + from * size, (size_t)size * sizeof(float));
}

static const int of_experts[] = { MIXTURE_ROUTER, MIXTURE_TASK_ROUTER, MIXTURE_FC1, MIXTURE_FC1_BIAS, MIXTURE_FC2,
                                  MIXTURE_FC2_BIAS };
enum { OF_EXPERTS = sizeof of_experts / sizeof *of_experts };

/* Two layers of the same numbers, the second with expert e in place to[e], after a pass each. */
static void pass_permuted(done *plain, done *permuted, const mixture_sizes *sizes, const int64_t *to)
{
    thor_compute compute;
    open_done(plain, sizes);
    open_done(permuted, sizes);
    for (int i = 0; i < OF_EXPERTS; i++)
        for (int64_t e = 0; e < sizes->E; e++)
            move_slice(&plain->layer, e, &permuted->layer, to[e], of_experts[i]);
    open_compute(&compute);
    plain->parts = pass(&plain->layer, &compute);
    permuted->parts = pass(&permuted->layer, &compute);
    thor_compute_close(&compute);
}

static void close_both(done *plain, done *permuted)
{
    judge_close(&plain->layer);
    judge_close(&permuted->layer);
}

/* a[i] and b[i] for i < n differ by no more than `allowed` times the largest of a; 0: not at all. */
static void check_close(const mixture_sizes *s, const char *what, const float *a, const float *b, int64_t n,
                        double allowed)
{
    double largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)a[i]));
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)a[i] - (double)b[i]) <= allowed * largest,
                      "%s: %s[%lld] is %.9g, %.9g with permuted experts; again with THOR_TEST_SEED=%llu", s->name, what,
                      (long long)i, (double)a[i], (double)b[i], (unsigned long long)judge_seed());
}

/* Every row chose the same experts by other numbers, with gates that agree. */
static void check_routing(const done *plain, const done *permuted, const int64_t *to, double allowed)
{
    const mixture_sizes *s = plain->layer.context;
    const thor_routing *a = &plain->parts.saved.routing, *b = &permuted->parts.saved.routing;
    for (int64_t r = 0; r < mixture_rows(s); r++)
        for (int64_t e = 0; e < s->E; e++) {
            int64_t i = r * s->E + e, j = r * s->E + to[e];
            ck_assert_int_eq(a->selected[i], b->selected[j]);
            ck_assert_int_eq(a->place[i] >= 0, b->place[j] >= 0);
            check_close(s, "P", &a->probs[i], &b->probs[j], 1, allowed);
            check_close(s, "gate", &a->gates[i], &b->gates[j], 1, allowed);
        }
    ck_assert_int_eq(a->chosen, b->chosen);
    ck_assert_int_eq(a->dropped, b->dropped);
    check_close(s, "y and losses", plain->layer.y, permuted->layer.y, plain->layer.outputs, allowed);
}

/* Gradients of the array `which`, expert by expert. */
static void check_slices(const done *plain, done *permuted, const int64_t *to, int which, double allowed)
{
    const mixture_sizes *s = plain->layer.context;
    const judge_array *a = &plain->layer.in[which], *b = &permuted->layer.in[which];
    float *moved = JUDGE_TAKE(&permuted->layer, float, a->count);
    int64_t size = a->count / s->E;
    for (int64_t e = 0; e < s->E; e++)
        memcpy(moved + e * size, b->d + to[e] * size, (size_t)size * sizeof *moved);
    check_close(s, a->name, a->d, moved, a->count, allowed);
}

static void check_permuted(const mixture_sizes *sizes, const int64_t *to, double allowed)
{
    static const int shared[] = { MIXTURE_X, MIXTURE_R, MIXTURE_GATE, MIXTURE_GATE_BIAS };
    done plain, permuted;
    pass_permuted(&plain, &permuted, sizes, to);
    check_routing(&plain, &permuted, to, allowed);
    for (int i = 0; i < OF_EXPERTS; i++)
        check_slices(&plain, &permuted, to, of_experts[i], allowed);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        const judge_array *a = &plain.layer.in[shared[i]], *b = &permuted.layer.in[shared[i]];
        check_close(sizes, a->name, a->d, b->d, a->count, 2e-6);    /* a chain over the experts stands before them */
    }
    close_both(&plain, &permuted);
}

/* Experts have no order: in other places they give the same, within rounding, for sums over the experts are made in
 * the order of their numbers. */
START_TEST(experts_permuted)
{
    mixture_sizes s = cases[_i];
    int64_t to[MIXTURE_MOST_E];
    s.dropout = 0;                      /* masks belong to numbers of experts */
    for (int64_t e = 0; e < s.E; e++)
        to[e] = (e * 2 + 3) % s.E;      /* E is odd in every case */
    check_permuted(&s, to, 2e-6);
}
END_TEST

/* And to the last bit where those sums are the same: numbers exchanged by e ^ mask leave sixteen lanes of at most two
 * terms as they were, for a + b = b + a, and so are sums over two chosen experts. What remains within rounding
 * is the gradient through z = W_r u, a chain over all experts. */
START_TEST(experts_exchanged_to_the_bit)
{
    static const mixture_sizes exact[] = {
        { .name = "top-2, exchanged", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 8, .C = 8, .k = 2,
          .policy = THOR_TOP_K, .renormalize = true },
        { .name = "candidates, exchanged", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 32, .C = 8, .k = 2,
          .policy = THOR_TOP_K, .renormalize = true, .prefix = true },
        { .name = "top-1 with capacity, exchanged", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 16, .C = 16, .k = 1,
          .policy = THOR_TOP_K, .capacity = 1, .count = THOR_COUNT_FIRST, .form = THOR_CONTEXT_NONE },
        { .name = "candidates, top-p, exchanged", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 8, .C = 2, .k = 1,
          .policy = THOR_TOP_P, .p = 0.7, .form = THOR_CONTEXT_ADD },
    };
    const mixture_sizes *s = &exact[_i / 5];
    const int64_t masks[] = { 1, 2, 4, 7, s->E - 1 };
    int64_t to[MIXTURE_MOST_E];
    for (int64_t e = 0; e < s->E; e++)
        to[e] = e ^ masks[_i % 5];
    check_permuted(s, to, 0);
}
END_TEST

/* An expert that no row reached has gradients of zeros, and so has its row of the router where no sentence had it among
 * its candidates. The sizes leave more experts than rows can reach. */
static bool is_foreign(const done *t, int64_t e)
{
    const mixture_sizes *s = t->layer.context;
    const int32_t *candidates = t->parts.saved.candidates;
    return mixture_has_candidates(s) && !candidates[e] && !candidates[s->E + e] && !candidates[2 * s->E + e];
}

static void check_zero(const done *t, int which, int64_t e)
{
    const mixture_sizes *s = t->layer.context;
    const judge_array *array = &t->layer.in[which];
    int64_t size = array->count / s->E;
    for (int64_t i = e * size; i < (e + 1) * size; i++)
        ck_assert_msg(array->d[i] == 0, "%s: nothing reached expert %d, yet its gradient of %s is %g", s->name, (int)e,
                      array->name, (double)array->d[i]);
}

START_TEST(idle_experts)
{
    static const mixture_sizes idle_cases[] = {
        { .name = "more experts than rows", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 33, .C = 33, .k = 2,
          .policy = THOR_TOP_K, .renormalize = true, .dropout = 0.3 },
        { .name = "more experts than rows, capacity", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 33, .C = 33, .k = 1,
          .policy = THOR_TOP_K, .capacity = 1, .form = THOR_CONTEXT_NONE },
        { .name = "more experts than candidates", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 33, .C = 8, .k = 1,
          .policy = THOR_TOP_P, .p = 0.9 },
    };
    const mixture_sizes *s = &idle_cases[_i];
    thor_compute compute;
    done t;
    int64_t idle = 0, foreign = 0;
    open_done(&t, s);
    open_compute(&compute);
    t.parts = pass(&t.layer, &compute);
    thor_compute_close(&compute);
    const int64_t *offset = t.parts.saved.routing.offset;
    for (int64_t e = 0; e < s->E; e++) {
        idle += offset[e] == offset[e + 1];
        foreign += is_foreign(&t, e);
        for (int which = MIXTURE_FC1; which <= MIXTURE_FC2_BIAS && offset[e] == offset[e + 1]; which++)
            check_zero(&t, which, e);
        if (is_foreign(&t, e))
            check_zero(&t, MIXTURE_ROUTER, e);
    }
    ck_assert_int_ge(idle, s->E - (mixture_has_candidates(s) ? 3 * s->C : mixture_rows(s) * s->k));
    ck_assert_int_ge(foreign, mixture_has_candidates(s) ? s->E - 3 * s->C : 0);
    judge_close(&t.layer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mixture");
    tcase_add_loop_test(tests, values_and_gradients, 0, CASES);
    tcase_add_loop_test(tests, experts_permuted, 0, CASES);
    tcase_add_loop_test(tests, experts_exchanged_to_the_bit, 0, 20);
    tcase_add_loop_test(tests, idle_experts, 0, 3);
    return judge_main(tests);
}
