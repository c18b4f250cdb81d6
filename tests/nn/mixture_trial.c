/* The mixture layer in double precision, row by row from thor-model(7). Choices are made as the specification makes
 * them, in binary32, by tests/ref. */
#include "mixture_trial.h"

#include <math.h>
#include <string.h>

#include "tests/ref/ref_parts.h"

const float mixture_loss_weights[MIXTURE_LOSSES] = { 0.3f, 0.2f, 0.5f, 0.7f };

int64_t mixture_rows(const mixture_sizes *s)
{
    return s->lengths[0] + s->lengths[1] + s->lengths[2];
}

bool mixture_has_candidates(const mixture_sizes *s)
{
    return s->C < s->E && !s->own;
}

static int64_t first_row(const mixture_sizes *s, int64_t b)
{
    return (b > 0 ? s->lengths[0] : 0) + (b > 1 ? s->lengths[1] : 0);
}

static int64_t sentence_of(const mixture_sizes *s, int64_t row)
{
    return row < first_row(s, 1) ? 0 : row < first_row(s, 2) ? 1 : 2;
}

/* Index of a row's first element in a padded array [B,L,n]. */
static int64_t padded(const mixture_sizes *s, int64_t row, int64_t n)
{
    int64_t b = sentence_of(s, row), width = 0;
    for (int i = 0; i < MIXTURE_SENTENCES; i++)
        width = s->lengths[i] > width ? s->lengths[i] : width;
    return (b * width + row - first_row(s, b)) * n;
}

const int32_t mixture_languages[MIXTURE_SENTENCES] = { 2, 1, 2 }, mixture_families[MIXTURE_SENTENCES] = { 0, 3, 0 };

int32_t mixture_group(const mixture_sizes *s, int64_t language)
{
    return (int32_t)s->C + (language == 1);
}

/* allowed [B,E] the group of each sentence's language; returns L_family of the languages' logits. */
static ref_var groups_oracle(const judge_layer *l, ref_tape *tape, double *allowed)
{
    const mixture_sizes *s = l->context;
    int64_t E = s->E, n = MIXTURE_SENTENCES, order[MIXTURE_MOST_E], family[MIXTURE_SENTENCES];
    ref_var z[MIXTURE_SENTENCES * MIXTURE_MOST_E], p[MIXTURE_MOST_E];
    double P[MIXTURE_MOST_E];
    judge_linear_oracle(tape, z, l->in[MIXTURE_R].v, l->in[MIXTURE_TASK_ROUTER].v, NULL, n, s->d, E);
    for (int64_t b = 0; b < n; b++) {
        int64_t language = mixture_languages[b];
        family[b] = mixture_families[b];
        ref_soft(tape, p, z + language * E, E);
        for (int64_t e = 0; e < E; e++)
            P[e] = ref_value_of(tape, p[e]);
        ref_largest(allowed + b * E, order, P, NULL, E, mixture_group(s, language));
    }
    return ref_family_tape(tape, z, family, n, E);
}

/* P_task = softmax(W_t r); allowed [B,E] the C largest; returns L_tb over the sentences. Where there is no task router,
 * all are allowed, or those of the sentence's language. */
static ref_var task_oracle(const judge_layer *l, ref_tape *tape, double *allowed)
{
    const mixture_sizes *s = l->context;
    int64_t E = s->E, B = MIXTURE_SENTENCES, order[MIXTURE_MOST_E];
    ref_var p[MIXTURE_SENTENCES * MIXTURE_MOST_E], sum = REF_ZERO;
    double P[MIXTURE_MOST_E];
    for (int64_t i = 0; i < B * E; i++)
        allowed[i] = !s->own || i % E / 2 == mixture_languages[i / E];
    if (!mixture_has_candidates(s))
        return REF_ZERO;
    if (s->groups)
        return groups_oracle(l, tape, allowed);
    judge_linear_oracle(tape, p, l->in[MIXTURE_R].v, l->in[MIXTURE_TASK_ROUTER].v, NULL, B, s->d, E);
    for (int64_t b = 0; b < B; b++) {
        ref_soft(tape, p + b * E, p + b * E, E);
        for (int64_t e = 0; e < E; e++)
            P[e] = ref_value_of(tape, p[b * E + e]);
        ref_largest(allowed + b * E, order, P, NULL, E, s->C);
    }
    for (int64_t i = 0; i < B * E; i++) {
        double f = (allowed[i % E] + allowed[E + i % E] + allowed[2 * E + i % E]) / (double)B;
        sum = ref_add(tape, sum, ref_scale(tape, p[i], f * (double)E / (double)B));
    }
    return sum;
}

/* c of one row: the mean of its sentence, or of the rows up to it. */
static void context_oracle(const judge_layer *l, ref_tape *tape, ref_var *c, int64_t row)
{
    const mixture_sizes *s = l->context;
    int64_t b = sentence_of(s, row), first = first_row(s, b), end = s->prefix ? row + 1 : first + s->lengths[b];
    for (int64_t i = 0; i < s->d; i++) {
        ref_var sum = REF_ZERO;
        for (int64_t r = first; r < end; r++)
            sum = ref_add(tape, sum, l->in[MIXTURE_X].v[r * s->d + i]);
        c[i] = ref_scale(tape, sum, 1 / (double)(end - first));
    }
}

/* lambda = sigmoid(W_g [x; c] + b_g);  u = lambda x + (1 - lambda) c, or x + lambda c. */
static void gate_oracle(const judge_layer *l, ref_tape *tape, ref_var *u, const ref_var *x, const ref_var *c)
{
    const mixture_sizes *s = l->context;
    ref_var both[2 * 64], z[64], one = ref_leaf(tape, 1);
    memcpy(both, x, (size_t)s->d * sizeof *both);
    memcpy(both + s->d, c, (size_t)s->d * sizeof *both);
    judge_linear_oracle(tape, z, both, l->in[MIXTURE_GATE].v, l->in[MIXTURE_GATE_BIAS].v, 1, 2 * s->d, s->d);
    for (int64_t i = 0; i < s->d; i++) {
        ref_var lambda = ref_divide(tape, one, ref_add(tape, one, ref_exp(tape, ref_scale(tape, z[i], -1))));
        ref_var from_c = ref_multiply(tape, lambda, c[i]);
        u[i] = s->form == THOR_CONTEXT_ADD
                   ? ref_add(tape, x[i], from_c)
                   : ref_add(tape, ref_multiply(tape, lambda, x[i]), ref_subtract(tape, c[i], from_c));
    }
}

/* The routing input of one row. */
static void input_oracle(const judge_layer *l, ref_tape *tape, ref_var *u, int64_t row)
{
    const mixture_sizes *s = l->context;
    const ref_var *x = l->in[MIXTURE_X].v + row * s->d, *r = l->in[MIXTURE_R].v + sentence_of(s, row) * s->d;
    ref_var c[64];
    memcpy(u, s->language ? r : x, (size_t)s->d * sizeof *u);
    if (s->form != THOR_CONTEXT_NONE) {
        context_oracle(l, tape, c, row);
        gate_oracle(l, tape, u, x, c);
    }
    for (int64_t i = 0; i < s->d && s->infuse; i++)
        u[i] = ref_add(tape, u[i], r[i]);
}

/* p [R,E]: softmax over the candidates, REF_ZERO elsewhere; selected, kept [R,E] and the first choices [R]. */
typedef struct routed {
    ref_var *p;
    double *P, *selected, *kept;
    int64_t *first;
} routed;

static routed routed_take(judge_layer *l)
{
    const mixture_sizes *s = l->context;
    int64_t n = mixture_rows(s) * s->E;
    return (routed){ JUDGE_TAKE(l, ref_var, n), JUDGE_TAKE(l, double, n), JUDGE_TAKE(l, double, n),
                     JUDGE_TAKE(l, double, n), JUDGE_TAKE(l, int64_t, mixture_rows(s)) };
}

static void choose_oracle(const judge_layer *l, ref_tape *tape, routed *to, const ref_var *u, const double *allowed,
                          int64_t row)
{
    const mixture_sizes *s = l->context;
    int64_t E = s->E, at = row * E, order[MIXTURE_MOST_E];
    double one[MIXTURE_MOST_E];
    judge_linear_oracle(tape, to->p + at, u, l->in[MIXTURE_ROUTER].v, NULL, 1, s->d, E);
    for (int64_t e = 0; e < E; e++)
        if (allowed[e] == 0)
            to->p[at + e] = REF_ZERO;
    ref_soft(tape, to->p + at, to->p + at, E);
    for (int64_t e = 0; e < E; e++)
        to->P[at + e] = ref_value_of(tape, to->p[at + e]);
    if (s->policy == THOR_TOP_P)
        ref_prefix(to->selected + at, to->P + at, allowed, E, (double)(float)s->p);
    else
        ref_largest(to->selected + at, order, to->P + at, allowed, E, s->k);
    ref_largest(one, order, to->P + at, allowed, E, 1);
    to->first[row] = order[0];
}

static void capacity_oracle(const mixture_sizes *s, routed *to)
{
    int64_t rows = mixture_rows(s);
    thor_config config = { .moe = { .system = THOR_SYSTEM_TOKEN, .experts = (int32_t)s->E,
                                    .capacity_factor = s->capacity, .capacity_order = s->order },
                           .router = { .k = (int32_t)s->k }, .task = { .candidates = (int32_t)s->C } };
    ref_rows all = { .sentences = 1, .width = rows, .length = &rows };
    if (mixture_has_candidates(s)) {
        config.moe.system = THOR_SYSTEM_THOR;
        config.task.use = THOR_USE_HIERARCHICAL;
    }
    if (s->own)
        config.moe.system = THOR_SYSTEM_FIXED;
    if (s->capacity > 0)
        ref_capacity(to->kept, to->selected, to->P, &all, &config);
    else
        memcpy(to->kept, to->selected, (size_t)(rows * s->E) * sizeof *to->kept);
}

/* One row through its experts. */
static void experts_oracle(const judge_layer *l, ref_tape *tape, ref_var *y, const ref_var *in, const routed *from,
                           const thor_dropout *dropout, int64_t row)
{
    const mixture_sizes *s = l->context;
    int64_t d = s->d, F = s->F, E = s->E;
    ref_var h[64], o[64], sum = REF_ZERO;
    for (int64_t i = 0; i < d; i++)
        y[i] = REF_ZERO;
    for (int64_t e = 0; e < E; e++)
        if (from->kept[row * E + e] != 0)
            sum = ref_add(tape, sum, from->p[row * E + e]);
    for (int64_t e = 0; e < E; e++) {
        if (from->kept[row * E + e] == 0)
            continue;
        ref_var gate = from->p[row * E + e];
        gate = s->renormalize ? ref_divide(tape, gate, sum) : gate;
        judge_linear_oracle(tape, h, in, l->in[MIXTURE_FC1].v + e * F * d, l->in[MIXTURE_FC1_BIAS].v + e * F, 1, d, F);
        for (int64_t j = 0; j < F; j++)
            h[j] = ref_scale(tape, ref_open(tape, h[j]), judge_kept(dropout, padded(s, row, E * F) + e * F + j));
        judge_linear_oracle(tape, o, h, l->in[MIXTURE_FC2].v + e * d * F, l->in[MIXTURE_FC2_BIAS].v + e * d, 1, F, d);
        for (int64_t i = 0; i < d; i++) {
            double keep = judge_kept(dropout, padded(s, row, E * d) + e * d + i);
            y[i] = ref_add(tape, y[i], ref_multiply(tape, gate, ref_scale(tape, o[i], keep)));
        }
    }
}

/* The shared network of one row. */
static void shared_oracle(const judge_layer *l, ref_tape *tape, ref_var *y, const thor_dropout *dropout, int64_t row)
{
    const mixture_sizes *s = l->context;
    const judge_array *in = l->in;
    ref_var h[64];
    judge_linear_oracle(tape, h, in[MIXTURE_X].v + row * s->d, in[MIXTURE_SHARED_FC1].v, in[MIXTURE_SHARED_FC1_BIAS].v,
                        1, s->d, s->F);
    for (int64_t j = 0; j < s->F; j++)
        h[j] = ref_scale(tape, ref_open(tape, h[j]), judge_kept(dropout, padded(s, row, s->F) + j));
    judge_linear_oracle(tape, y, h, in[MIXTURE_SHARED_FC2].v, in[MIXTURE_SHARED_FC2_BIAS].v, 1, s->F, s->d);
    for (int64_t i = 0; i < s->d; i++)
        y[i] = ref_scale(tape, y[i], judge_kept(dropout, padded(s, row, s->d) + i));
}

/* The blend of the mixture's rows, which stand in y, with the shared network; returns L_budget. */
static ref_var blend_oracle(judge_layer *l, ref_tape *tape, ref_var *y, const thor_dropout *dropout)
{
    const mixture_sizes *s = l->context;
    int64_t R = mixture_rows(s), d = s->d;
    if (s->gates == 0)
        return REF_ZERO;
    ref_var *m = JUDGE_TAKE(l, ref_var, R * d), *shared = JUDGE_TAKE(l, ref_var, R * d);
    ref_var *z = JUDGE_TAKE(l, ref_var, R * 2), *gate = JUDGE_TAKE(l, ref_var, R * 2);
    memcpy(m, y, (size_t)(R * d) * sizeof *m);
    for (int64_t row = 0; row < R; row++)
        shared_oracle(l, tape, shared + row * d, dropout, row);
    judge_linear_oracle(tape, z, l->in[MIXTURE_X].v, l->in[MIXTURE_SHARED_GATE].v,
                        s->gates == 1 ? l->in[MIXTURE_SHARED_GATE_BIAS].v : NULL, R, d, s->gates);
    if (s->gates == 2) {
        ref_blend_softmax_tape(tape, y, gate, z, shared, m, R, d);
        return REF_ZERO;
    }
    ref_blend_cmr_tape(tape, y, gate, z, shared, m, R, d);
    return ref_budget_tape(tape, gate, R, s->budget);
}

/* L_lb = E sum f_i Q_i and L_dyn = mean of -sum P ln P, which is 0 under top-k. */
static void losses_oracle(const mixture_sizes *s, ref_tape *tape, ref_var *losses, const routed *from)
{
    int64_t R = mixture_rows(s), E = s->E;
    double f[MIXTURE_MOST_E] = { 0 }, R_real = (double)R;
    losses[0] = losses[1] = REF_ZERO;
    for (int64_t i = 0; i < R * E; i++)
        f[i % E] += (s->count == THOR_COUNT_FIRST ? (double)(i % E == from->first[i / E]) : from->selected[i]) / R_real;
    for (int64_t i = 0; i < R * E; i++) {
        ref_var p = from->p[i];
        if (p == REF_ZERO || s->own)
            continue;
        losses[0] = ref_add(tape, losses[0], ref_scale(tape, p, f[i % E] * (double)E / R_real));
        if (s->policy == THOR_TOP_P)
            losses[1] = ref_subtract(tape, losses[1],
                                     ref_scale(tape, ref_multiply(tape, p, ref_log(tape, p)), 1 / R_real));
    }
}

/* y [R,d], then L_lb, L_dyn, L_tb, L_budget. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const mixture_sizes *s = l->context;
    int64_t R = mixture_rows(s), d = s->d;
    int mark = l->block_count;
    routed to = routed_take(l);
    ref_var *u = JUDGE_TAKE(l, ref_var, R * d);
    double *allowed = JUDGE_TAKE(l, double, MIXTURE_SENTENCES * s->E);
    thor_dropout dropout = judge_dropout(l, s->dropout, 1);
    y[R * d + 2] = task_oracle(l, tape, allowed);
    for (int64_t row = 0; row < R; row++) {
        input_oracle(l, tape, u + row * d, row);
        choose_oracle(l, tape, &to, u + row * d, allowed + sentence_of(s, row) * s->E, row);
    }
    capacity_oracle(s, &to);
    for (int64_t row = 0; row < R; row++)
        experts_oracle(l, tape, y + row * d, (s->feed ? u : l->in[MIXTURE_X].v) + row * d, &to, &dropout, row);
    losses_oracle(s, tape, y + R * d, &to);
    y[R * d + 3] = blend_oracle(l, tape, y, &dropout);
    judge_give_back(l, mark);
}

void mixture_open(judge_layer *l, const mixture_sizes *s)
{
    int64_t R = mixture_rows(s), d = s->d, F = s->F, E = s->E, B = MIXTURE_SENTENCES;
    bool task = mixture_has_candidates(s), context = s->form != THOR_CONTEXT_NONE;
    *l = (judge_layer){ .name = s->name, .context = s, .oracle = oracle, .outputs = R * d + MIXTURE_LOSSES };
    judge_add(l, "x", R * d, 0, 1);
    judge_add(l, "r", task || s->infuse || s->language ? B * d : 0, 0, 1);
    judge_add(l, "router", E * d, 0, 1);
    judge_add(l, "task router", task ? E * d : 0, 0, 1);
    judge_add(l, "gate", context ? d * 2 * d : 0, 0, 1);
    judge_add(l, "gate bias", context ? d : 0, 0.1, 1);
    judge_add(l, "fc1", E * F * d, 0, 1);
    judge_add(l, "fc1 bias", E * F, 0.1, 1);
    judge_add(l, "fc2", E * d * F, 0, 1);
    judge_add(l, "fc2 bias", E * d, 0.1, 1);
    bool shared = s->gates > 0;
    judge_add(l, "shared fc1", shared ? F * d : 0, 0, 1);
    judge_add(l, "shared fc1 bias", shared ? F : 0, 0.1, 1);
    judge_add(l, "shared fc2", shared ? d * F : 0, 0, 1);
    judge_add(l, "shared fc2 bias", shared ? d : 0, 0.1, 1);
    judge_add(l, "shared gate", s->gates * d, 0, 1);
    judge_add(l, "shared gate bias", s->gates == 1 ? 1 : 0, 0.1, 1);
    l->d_y = JUDGE_TAKE(l, float, l->outputs);
    judge_draw(l->d_y, R * d, 0, 1, 99);
    memcpy(l->d_y + R * d, mixture_loss_weights, sizeof mixture_loss_weights);
}
