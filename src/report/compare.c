#include "report/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare_judge.h"
#include "report/golden_order.h"

/* Gradients of what layers return come in the order of parameters: as thor_golden_order turns it. */
#define BACKWARDS (UINT64_C(2) << 40)

/* ---- both lists ------------------------------------------------------------------------------------------------ */

static int by_order(const void *a, const void *b)
{
    const thor_difference *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return strcmp(x->name, y->name);
}

static double badness(const thor_difference *d)
{
    return d->missing ? INFINITY : d->judged || d->out ? d->excess : -1;
}

static int by_badness(const void *a, const void *b)
{
    const thor_difference *x = a, *y = b;
    if (x->other_shape != y->other_shape)
        return x->other_shape ? -1 : 1;
    if (x->out != y->out)
        return x->out ? -1 : 1;
    if (badness(x) != badness(y))
        return badness(x) > badness(y) ? -1 : 1;
    return by_order(a, b);
}

static thor_status take_memory(thor_comparison *c, size_t ours, size_t theirs, thor_error *error)
{
    c->items = calloc(ours + 1, sizeof *c->items);
    c->only_ours = calloc(ours + 1, sizeof *c->only_ours);
    c->only_theirs = calloc(theirs + 1, sizeof *c->only_theirs);
    if (!c->items || !c->only_ours || !c->only_theirs)
        return thor_fail(error, THOR_E_MEMORY, "no memory to compare %zu tensors", ours);
    return THOR_OK;
}

/* Which tensors are shared, in the order of computation, and which are not. */
static void pair_names(thor_comparison *c, const thor_tensor_list *ours, const thor_tensor_list *theirs,
                       thor_compare_kind kind, bool strict)
{
    int first_mixture = thor_golden_first_mixture(ours);
    for (size_t i = 0; i < ours->count; i++) {
        const char *name = ours->items[i].name;
        bool missing = !thor_tensor_list_find(theirs, name);
        if (missing)
            strcpy(c->only_ours[c->ours_count++], name);
        if (missing && !strict)
            continue;
        thor_difference *d = &c->items[c->count++];
        uint64_t order = thor_golden_order(name, first_mixture);
        if (kind == THOR_COMPARE_BACKWARD && order < BACKWARDS / 2)
            order = BACKWARDS - order;
        *d = (thor_difference){ .order = order, .missing = missing, .out = missing, .judged = true };
        memcpy(d->name, name, strlen(name) + 1);
    }
    for (size_t i = 0; i < theirs->count; i++)
        if (!thor_tensor_list_find(ours, theirs->items[i].name))
            strcpy(c->only_theirs[c->theirs_count++], theirs->items[i].name);
    qsort(c->items, c->count, sizeof *c->items, by_order);
}

/* ---- the file as a whole --------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Rows of a gradient that rounding moves are few: a mistake moves most tensors. */
static thor_status median_of_norms(double *median, const thor_comparison *c, thor_error *error)
{
    double *norms = malloc((c->count + 1) * sizeof *norms);
    size_t count = 0;
    if (!norms)
        return thor_fail(error, THOR_E_MEMORY, "no memory to order %zu norms", c->count);
    for (size_t i = 0; i < c->count; i++)
        if (!c->items[i].missing && !c->items[i].other_shape && !thor_name_ends(c->items[i].name, ".k.bias"))
            norms[count++] = c->items[i].norm;
    qsort(norms, count, sizeof *norms, by_number);
    *median = count > 0 ? norms[count / 2] : 0;
    free(norms);
    return THOR_OK;
}

static bool is_key_bias(const thor_difference *d)
{
    return thor_name_ends(d->name, ".k.bias");
}

static double largest_norm(const thor_comparison *c)
{
    double most = 0;
    for (size_t i = 0; i < c->count; i++)
        if (!is_key_bias(&c->items[i]))
            most = fmax(most, c->items[i].norm);
    return most;
}

/* The tensors that are at least half as far off as the worst are out; after a near tie they are excused instead, as
 * long as the median is near enough. */
static thor_status judge_median(thor_comparison *c, const thor_judge *judge, thor_compare_kind kind, thor_error *error)
{
    double median = 0, limit = judge->options->limits[kind].median * thor_judge_small_batch(judge);
    bool tie = judge->chosen || judge->backward < UINT64_MAX;
    if (limit == 0 && (kind != THOR_COMPARE_GRADIENTS || !tie))
        return THOR_OK;
    THOR_TRY(median_of_norms(&median, c, error));
    double bound = tie || limit == 0 ? thor_judge_coarse_median(judge) : limit;
    if (median <= (limit > 0 ? limit : bound))
        return THOR_OK;
    bool out = median > bound;
    double most = largest_norm(c);
    for (size_t i = 0; i < c->count; i++) {
        thor_difference *d = &c->items[i];
        if (d->out || d->other_shape || is_key_bias(d) || d->norm < most / 2)
            continue;
        d->out = out;
        d->excess = fmax(d->excess, median / bound);
        if (out)
            snprintf(d->why, sizeof d->why, "half of the file's tensors are off by a norm of %.2g or more", median);
        else
            d->excused = 1;
    }
    return THOR_OK;
}

/* Gradients of few bits and few rows: what is out is out, and the rest says nothing. */
static void show_only_small(thor_comparison *c, const thor_judge *judge, thor_compare_kind kind)
{
    const thor_compare_limits *limits = &judge->options->limits[kind];
    c->too_small = limits->median > 0 && thor_judge_small_batch(judge) > 1;
    for (size_t i = 0; i < c->count && c->too_small; i++)
        c->items[i].judged = c->items[i].out;
    c->why_shown = c->too_small ? "fewer than 50 target tokens" : limits->shown_only
                   ? "steps of so few bits say nothing" : "key biases: Adam makes steps of rounding errors";
}

static void count(thor_comparison *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const thor_difference *d = &c->items[i];
        c->out += d->out;
        c->shown += !d->judged && !d->out;
        c->excused += !d->out && d->judged && (d->excused > 0 || d->ties > 0);
        c->suspicious += d->suspicious;
        if (d->out && (!c->first || by_order(d, c->first) < 0))
            c->first = d;
        if (d->suspicious && (!c->first_suspicious || by_order(d, c->first_suspicious) < 0))
            c->first_suspicious = d;
    }
}

thor_status thor_compare(thor_comparison *comparison, thor_judge *judge, thor_compare_kind kind,
                         const thor_tensor_list *ours, const thor_tensor_list *theirs, thor_error *error)
{
    *comparison = (thor_comparison){ .items = NULL };
    THOR_TRY(take_memory(comparison, ours->count, theirs->count, error));
    pair_names(comparison, ours, theirs, kind, judge->options->strict);
    if (kind == THOR_COMPARE_GRADIENTS)
        thor_judge_find_flips(judge, ours, theirs);
    for (size_t i = 0; i < comparison->count; i++) {
        thor_difference *d = &comparison->items[i];
        if (d->missing)
            continue;
        thor_judged_pair pair = { judge, kind, ours, theirs, thor_tensor_list_find(ours, d->name),
                                  thor_tensor_list_find(theirs, d->name), d, NULL };
        THOR_TRY(thor_compare_pair(&pair, error));
    }
    THOR_TRY(judge_median(comparison, judge, kind, error));
    qsort(comparison->items, comparison->count, sizeof *comparison->items, by_badness);
    show_only_small(comparison, judge, kind);
    count(comparison);
    return THOR_OK;
}

void thor_comparison_free(thor_comparison *comparison)
{
    free(comparison->items);
    free(comparison->only_ours);
    free(comparison->only_theirs);
    *comparison = (thor_comparison){ .items = NULL };
}
