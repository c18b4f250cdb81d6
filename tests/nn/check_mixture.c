/* The whole mixture layer as the model runs it: task router, context, gate, token router, experts, and the losses that
 * flow back through them; then what holds for it whatever its numbers are. */
#include <math.h>
#include <string.h>

#include "mixture_trial.h"
#include "nn/stages.h"

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
    { .name = "candidates, top-p, context added", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 3,
      .k = 2, .policy = THOR_TOP_P, .p = 0.8, .form = THOR_CONTEXT_ADD, .prefix = true,
      .count = THOR_COUNT_FIRST },      /* k means nothing here */
    { .name = "top-p, infuse, context added", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_P, .p = 0.8, .form = THOR_CONTEXT_ADD, .infuse = true, .prefix = true },
    { .name = "top-p, infuse, experts fed", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 1,
      .policy = THOR_TOP_P, .p = 0.5, .infuse = true, .feed = true },
    { .name = "top-2, infuse, no context", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .infuse = true, .form = THOR_CONTEXT_NONE },
    { .name = "top-2, context added, experts fed", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .form = THOR_CONTEXT_ADD, .feed = true, .prefix = true,
      .dropout = 0.3 },
    { .name = "own experts", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 2, .k = 2, .policy = THOR_TOP_K,
      .form = THOR_CONTEXT_NONE, .own = true },
    { .name = "own experts, capacity", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 2, .k = 2,
      .policy = THOR_TOP_K, .capacity = 0.3, .dropout = 0.3, .form = THOR_CONTEXT_NONE, .own = true, .prefix = true },
    { .name = "shared network, cmr", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .count = THOR_COUNT_FIRST, .form = THOR_CONTEXT_NONE, .gates = 1,
      .budget = 0.9 },
    { .name = "shared network, cmr, capacity", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .capacity = 0.3, .dropout = 0.3, .form = THOR_CONTEXT_NONE,
      .gates = 1, .budget = 0.1 },
    { .name = "shared network, cmr, top-p", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 1,
      .policy = THOR_TOP_P, .p = 0.6, .form = THOR_CONTEXT_NONE, .gates = 1, .budget = 1 },
    { .name = "shared network, softmax", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 7, .k = 1,
      .policy = THOR_TOP_K, .count = THOR_COUNT_FIRST, .form = THOR_CONTEXT_NONE, .gates = 2 },
    { .name = "shared network, softmax, capacity", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 1,
      .policy = THOR_TOP_K, .capacity = 0.5, .dropout = 0.3, .form = THOR_CONTEXT_NONE, .gates = 2, .prefix = true },
    { .name = "groups of languages, top-2, capacity", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 4, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .capacity = 0.8, .count = THOR_COUNT_FIRST, .dropout = 0.3,
      .form = THOR_CONTEXT_NONE, .groups = true },
    { .name = "groups of languages, top-p", .lengths = { 5, 1, 9 }, .d = 6, .F = 5, .E = 33, .C = 8, .k = 2,
      .policy = THOR_TOP_P, .p = 0.9, .form = THOR_CONTEXT_NONE, .groups = true, .prefix = true },
    { .name = "one choice for a sentence", .lengths = { 5, 1, 9 }, .d = 18, .F = 21, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .form = THOR_CONTEXT_NONE, .language = true, .prefix = true },
    { .name = "one choice for a sentence, capacity", .lengths = { 12, 1, 9 }, .d = 6, .F = 5, .E = 7, .C = 7, .k = 2,
      .policy = THOR_TOP_K, .renormalize = true, .capacity = 1, .count = THOR_COUNT_FIRST, .dropout = 0.3,
      .form = THOR_CONTEXT_NONE, .language = true, .prefix = true },
};
enum { CASES = sizeof cases / sizeof *cases };

/* The layer, and what one pass leaves. */
typedef struct parts {
    thor_packing packing;
    thor_mixture *mixture;
    thor_mixture_saved *saved;
    thor_scratch scratch;
    thor_given given;
    double loss[THOR_LOSS_PARTS];
} parts;

/* Where the layer finds its parameters, and puts their gradients. */
static const float *find_weight(void *context, const thor_weight *weight)
{
    static const char *const names[] = {
        [MIXTURE_ROUTER] = "moe.router.weight", [MIXTURE_TASK_ROUTER] = "moe.task_router.weight",
        [MIXTURE_GATE] = "moe.context_gate.weight", [MIXTURE_GATE_BIAS] = "moe.context_gate.bias",
        [MIXTURE_FC1] = "moe.experts.fc1.weight", [MIXTURE_FC1_BIAS] = "moe.experts.fc1.bias",
        [MIXTURE_FC2] = "moe.experts.fc2.weight", [MIXTURE_FC2_BIAS] = "moe.experts.fc2.bias",
        [MIXTURE_SHARED_FC1] = "moe.shared.fc1.weight", [MIXTURE_SHARED_FC1_BIAS] = "moe.shared.fc1.bias",
        [MIXTURE_SHARED_FC2] = "moe.shared.fc2.weight", [MIXTURE_SHARED_FC2_BIAS] = "moe.shared.fc2.bias",
        [MIXTURE_SHARED_GATE] = "moe.shared_gate.weight", [MIXTURE_SHARED_GATE_BIAS] = "moe.shared_gate.bias",
    };
    const judge_layer *l = context;
    for (int i = MIXTURE_ROUTER; i < MIXTURE_INPUTS; i++)
        if (strcmp(names[i], weight->name) == 0)
            return l->in[i].x;
    ck_abort_msg("the mixture asks for %s", weight->name);
    return NULL;
}

static float *find_gradient(const void *context, const void *parameter)
{
    const judge_layer *l = context;
    int i = MIXTURE_ROUTER;
    while (l->in[i].count == 0 || l->in[i].x != parameter)
        i++;
    return l->in[i].d;
}

static thor_mixture *mixture_of(judge_layer *l)
{
    const mixture_sizes *s = l->context;
    bool context = s->form != THOR_CONTEXT_NONE;
    const thor_stage *const stage[THOR_STAGES] = {
        s->groups ? &thor_candidates_language : mixture_has_candidates(s) ? &thor_candidates_task
                  : s->own                    ? &thor_candidates_fixed
                                              : NULL,
        context ? &thor_input_context : s->infuse ? &thor_input_infused
                                      : s->language ? &thor_input_language : &thor_input_row,
        s->gates > 0 ? &thor_blend_residual : NULL };
    thor_mixture *mixture = judge_take(l, 1, thor_mixture_size(stage));
    const thor_weights weights = { .take = find_weight, .context = l };
    memset(mixture, 0, thor_mixture_size(stage));
    thor_mixture_start(mixture, stage);
    mixture->feed_experts = s->feed;
    mixture->decoder = s->prefix;
    mixture->router = (thor_router){ .policy = s->policy, .k = s->k, .p = (float)s->p, .renormalize = s->renormalize,
                                     .capacity_factor = s->capacity, .capacity_order = s->order, .count = s->count,
                                     .pool = s->C, .d = s->d, .E = s->E, .C = s->groups ? s->E : s->C };
    mixture->experts = (thor_experts){ .E = s->E, .F = s->F, .d = s->d };
    if (s->groups)
        thor_candidates_language_set(mixture, MIXTURE_SENTENCES);
    if (context || s->infuse)
        thor_input_context_set(mixture, s->form, s->infuse);
    if (s->own)
        thor_candidates_fixed_set(mixture);
    if (s->gates > 0)
        thor_blend_residual_set(mixture, s->gates == 1 ? THOR_RESIDUAL_CMR : THOR_RESIDUAL_SOFTMAX, s->budget);
    thor_mixture_weights(mixture, &weights);
    return mixture;
}

static void place(judge_layer *l, parts *p)
{
    const mixture_sizes *s = l->context;
    thor_arena arena = thor_arena_measure();
    thor_mixture_room room = { .arena = &arena, .scratch = &p->scratch, .rows = mixture_rows(s),
                               .sentences = MIXTURE_SENTENCES, .masks = s->dropout > 0,
                               .activation_masks = s->dropout > 0 };
    thor_dropout rule = judge_dropout(l, s->dropout, 1);
    p->saved = judge_take(l, 1, thor_mixture_saved_size(p->mixture));
    memset(p->saved, 0, thor_mixture_saved_size(p->mixture));
    thor_mixture_saved_start(p->saved, p->mixture);
    thor_mixture_place(p->mixture, p->saved, &room);
    arena.capacity = arena.used + 64;
    arena.memory = judge_take(l, (int64_t)arena.capacity, 1);
    memset(arena.memory, 0xff, arena.capacity);     /* NaN: nothing is read that was not written */
    arena.memory += 64 - (uintptr_t)arena.memory % 64;
    arena.capacity = arena.used;
    arena.used = 0;
    thor_mixture_place(p->mixture, p->saved, &room);
    ck_assert(!arena.overflow);
    p->saved->experts.activation.rule = p->saved->experts.dropout.rule = rule.rule;
    const thor_stage *blend = p->mixture->stage[THOR_STAGE_BLEND];
    for (int i = 0; blend && i < blend->site_count; i++)
        blend->sites[i].find(p->saved)->rule = rule.rule;
}

/* r is the table of the languages. */
static void give_languages(judge_layer *l, parts *p)
{
    int32_t *group = JUDGE_TAKE(l, int32_t, MIXTURE_SENTENCES);
    for (int i = 0; i < MIXTURE_SENTENCES; i++)
        group[i] = mixture_group(l->context, i);
    p->given = (thor_given){ .target_language = mixture_languages, .table = l->in[MIXTURE_R].x,
                             .table_rows = MIXTURE_SENTENCES, .group = group, .family = mixture_families };
}

static parts parts_of(judge_layer *l)
{
    const mixture_sizes *s = l->context;
    int64_t R = mixture_rows(s);
    parts p = { .packing = judge_packing(l, s->lengths, MIXTURE_SENTENCES), .mixture = mixture_of(l) };
    int64_t A = thor_router_most_assignments(&p.mixture->router, R);
    p.scratch = judge_scratch(l, R, s->d, A, s->F, A, s->E);
    p.given.vectors = s->infuse || s->language || mixture_has_candidates(s) ? l->in[MIXTURE_R].x : NULL;
    p.given.source_language = s->prefix ? NULL : mixture_languages;
    p.given.target_language = s->prefix ? mixture_languages : NULL;
    if (s->groups)
        give_languages(l, &p);
    place(l, &p);
    return p;
}

static parts pass(judge_layer *l, const thor_compute *compute)
{
    const mixture_sizes *s = l->context;
    int64_t n = mixture_rows(s) * s->d;
    parts p = parts_of(l);
    const double weight[THOR_LOSS_PARTS] = { [THOR_LOSS_TOKEN_BALANCE] = (double)mixture_loss_weights[0],
                                             [THOR_LOSS_DYNAMIC] = (double)mixture_loss_weights[1],
                                             [THOR_LOSS_TASK_BALANCE] = (double)mixture_loss_weights[2],
                                             [THOR_LOSS_BUDGET] = (double)mixture_loss_weights[3],
                                             [THOR_LOSS_FAMILY] = (double)mixture_loss_weights[2] };
    const thor_gradients gradients = { find_gradient, l };
    const thor_mixture_call call = { .compute = compute, .mixture = p.mixture, .saved = p.saved,
                                     .x = l->in[MIXTURE_X].x, .packing = &p.packing, .given = &p.given,
                                     .training = true, .scratch = &p.scratch, .gradients = &gradients,
                                     .weight = weight, .shards = 1 };
    thor_mixture_forward(&call);
    thor_mixture_losses(&call, p.loss);
    const float losses[MIXTURE_LOSSES] = { (float)p.loss[THOR_LOSS_TOKEN_BALANCE], (float)p.loss[THOR_LOSS_DYNAMIC],
                                           (float)p.loss[s->groups ? THOR_LOSS_FAMILY : THOR_LOSS_TASK_BALANCE],
                                           (float)p.loss[THOR_LOSS_BUDGET] };
    memcpy(l->y, p.saved->output, (size_t)n * sizeof *l->y);
    memcpy(l->y + n, losses, sizeof losses);
    thor_mixture_backward(&call, l->in[MIXTURE_X].d, l->d_y);
    const float *handed = s->groups ? p.saved->handed.table : p.saved->handed.vectors;
    if (handed)
        memcpy(l->in[MIXTURE_R].d, handed, (size_t)(MIXTURE_SENTENCES * s->d) * sizeof(float));
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
    const thor_routing *a = &plain->parts.saved->routing, *b = &permuted->parts.saved->routing;
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
    static const int shared[] = { MIXTURE_X, MIXTURE_R, MIXTURE_GATE, MIXTURE_GATE_BIAS, MIXTURE_SHARED_FC1,
                                  MIXTURE_SHARED_FC2, MIXTURE_SHARED_GATE };
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
        to[e] = s.own ? (e == s.E - 1 ? e : e ^ 1) : (e * 2 + 3) % s.E;     /* E is odd; pairs belong to languages */
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
    const int32_t *candidates = t->parts.saved->candidates;
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
    const int64_t *offset = t.parts.saved->routing.offset;
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

/* More threads than the machine has cores, and than there are items to hand out. */
START_TEST(many_threads)
{
    static const int threads[] = { 17, 64, 300 };
    judge_layer one;
    thor_compute compute;
    thor_error error;
    mixture_open(&one, &cases[_i]);
    one.y = JUDGE_TAKE(&one, float, one.outputs);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    pass(&one, &compute);
    thor_compute_close(&compute);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        judge_layer many;
        mixture_open(&many, &cases[_i]);
        many.y = JUDGE_TAKE(&many, float, many.outputs);
        ck_assert_int_eq(thor_compute_open(&compute, NULL, threads[i], &error), THOR_OK);
        pass(&many, &compute);
        thor_compute_close(&compute);
        ck_assert_msg(memcmp(one.y, many.y, (size_t)one.outputs * sizeof *one.y) == 0, "%s: other values with %d "
                      "threads", one.name, threads[i]);
        for (int j = 0; j < one.inputs; j++)
            ck_assert_msg(memcmp(one.in[j].d, many.in[j].d, (size_t)one.in[j].count * sizeof(float)) == 0,
                          "%s: another gradient of %s with %d threads", one.name, one.in[j].name, threads[i]);
        judge_close(&many);
    }
    judge_close(&one);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mixture");
    tcase_add_loop_test(tests, values_and_gradients, 0, CASES);
    tcase_add_loop_test(tests, experts_permuted, 0, CASES);
    tcase_add_loop_test(tests, experts_exchanged_to_the_bit, 0, 20);
    tcase_add_loop_test(tests, idle_experts, 0, 3);
    tcase_add_loop_test(tests, many_threads, 0, CASES);
    return judge_main(tests);
}
