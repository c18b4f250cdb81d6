#include "report/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/golden_order.h"

/* Orders from here on are parameters'. */
#define FIRST_PARAMETER (UINT64_C(1) << 40)

typedef struct {
    const thor_tensor_list *ours, *theirs;
    const thor_compare_options *options;
    thor_taint taint;
    thor_error *error;
} job;

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* ---- one pair -------------------------------------------------------------------------------------------------- */

static void shape_text(char *text, size_t room, const thor_tensor *tensor)
{
    size_t used = (size_t)snprintf(text, room, "[");
    for (int i = 0; i < tensor->dims && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%lld", i ? "," : "", (long long)tensor->shape[i]);
    if (used < room)
        snprintf(text + used, room - used, "]");
}

static bool same_shape(const thor_tensor *a, const thor_tensor *b)
{
    bool same = a->dims == b->dims;
    for (int i = 0; same && i < a->dims; i++)
        same = a->shape[i] == b->shape[i];
    return same;
}

/* Is element `i` of a sentence that goes its own way since a near tie? */
static bool is_tainted(const job *j, const thor_difference *d, int64_t i, int64_t per_sentence)
{
    if (j->taint.count == 0 || d->order >= FIRST_PARAMETER || d->dims < 1 || d->shape[0] != j->taint.count)
        return false;
    return j->taint.sentences[i / per_sentence];
}

/* The type with the wider spacing; a whole number beside a floating-point one counts as the latter. */
static thor_dtype coarser(thor_dtype a, thor_dtype b)
{
    if (!thor_dtype_is_float(a) || !thor_dtype_is_float(b))
        return thor_dtype_is_float(a) ? a : b;
    return thor_spacing(a, 1) >= thor_spacing(b, 1) ? a : b;
}

/* Takes one element into account. Returns |ours| where it is finite. */
static double look_at(thor_difference *d, int64_t i, double ours, double theirs, thor_dtype type)
{
    double apart = ours == theirs ? 0 : fabs(ours - theirs);
    if (isnan(apart) || (!isfinite(ours) && apart > 0))
        apart = INFINITY;
    double ulp = apart > 0 ? apart / thor_spacing(type, ours) : 0;
    ulp = isnan(ulp) ? INFINITY : ulp;
    d->differing += apart > 0;
    if (apart > d->absolute || (i == 0 && d->absolute == 0)) {
        d->absolute = apart;
        d->at = i;
        d->ours = ours;
        d->theirs = theirs;
        d->ulp = ulp;
    }
    if (ulp > d->most_ulp) {
        d->most_ulp = ulp;
        d->most_ulp_at = i;
    }
    return isfinite(ours) ? fabs(ours) : 0;
}

/* Fills what the elements say; returns max |ours|. */
static double measure(const job *j, thor_difference *d, const thor_tensor *ours, const thor_tensor *theirs)
{
    int64_t count = thor_tensor_count(ours), per_sentence = ours->dims > 0 && ours->shape[0] > 0
                                                                ? count / ours->shape[0] : 1;
    thor_dtype type = coarser(ours->dtype, theirs->dtype);
    double most = 0;
    for (int64_t i = 0; i < count; i++) {
        if (is_tainted(j, d, i, per_sentence))
            d->tainted++;
        else
            most = fmax(most, look_at(d, i, thor_element(ours, i), thor_element(theirs, i), type));
    }
    return most;
}

static double largest(const thor_tensor *tensor)
{
    double most = 0;
    for (int64_t i = 0; i < thor_tensor_count(tensor); i++)
        if (isfinite(thor_element(tensor, i)))
            most = fmax(most, fabs(thor_element(tensor, i)));
    return most;
}

/* What *.k.bias is measured by: its own numbers are rounding errors of 0, so its weight's scale stands for it. */
static double scale_of_key_bias(const job *j, const char *name)
{
    char weight[THOR_MAX_NAME];
    snprintf(weight, sizeof weight, "%.*sweight", (int)(strlen(name) - strlen("bias")), name);
    const thor_tensor *tensor = thor_tensor_list_find(j->ours, weight);
    return tensor && thor_dtype_is_float(tensor->dtype) ? largest(tensor) : 0;
}

static void judge(const job *j, thor_difference *d, double most)
{
    bool whole = !thor_dtype_is_float(d->ours_type) && !thor_dtype_is_float(d->theirs_type);
    bool key_bias = ends_with(d->name, ".k.bias");
    double scale = key_bias ? scale_of_key_bias(j, d->name) : most;
    double allowed = whole ? 0 : j->options->atol + j->options->rtol * scale;
    d->relative = d->absolute == 0 ? 0 : most > 0 ? d->absolute / most : INFINITY;
    d->excess = d->absolute == 0 ? 0 : allowed > 0 ? d->absolute / allowed : INFINITY;
    d->judged = !j->options->only_show && !(key_bias && j->options->skip_key_bias);
    d->out = d->judged && !(d->excess <= 1);
}

/* The name of the probabilities that a choice was made by; NULL where `name` is no choice. */
static const char *probabilities_of(char text[THOR_MAX_NAME], const char *name)
{
    static const char *const pairs[][2] = { { "moe.selected", "moe.router_probs" },
                                            { "moe.candidates", "moe.task_probs" } };
    for (int i = 0; i < 2; i++)
        if (ends_with(name, pairs[i][0])) {
            size_t length = strlen(name) - strlen(pairs[i][0]);
            if (length + strlen(pairs[i][1]) >= THOR_MAX_NAME)
                return NULL;
            memcpy(text, name, length);
            strcpy(text + length, pairs[i][1]);
            return text;
        }
    return NULL;
}

/* A near tie is no mistake: the choice is out of tolerance where a row was chosen wrongly. Candidates are always the
 * largest C. */
static thor_status judge_choice(job *j, thor_difference *d, const thor_tensor *ours, const thor_tensor *theirs,
                                const char *probs)
{
    thor_compare_options options = *j->options;
    if (ends_with(probs, "task_probs"))
        options.p = 0;
    if (ours->dims < 2 || thor_tensor_count(ours) < 1)     /* no rows of sentences: plain whole numbers */
        return THOR_OK;
    THOR_TRY(thor_compare_choices(d, &j->taint, ours, theirs, thor_tensor_list_find(j->ours, probs),
                                  thor_tensor_list_find(j->theirs, probs), &options, j->error));
    d->out = d->judged && d->wrong > 0;
    d->excess = d->wrong > 0 ? INFINITY : 0;
    return THOR_OK;
}

static thor_status compare_pair(job *j, thor_difference *d, const thor_tensor *ours, const thor_tensor *theirs)
{
    char text[THOR_MAX_NAME], a[64], b[64];
    d->ours_type = ours->dtype;
    d->theirs_type = theirs->dtype;
    d->dims = ours->dims;
    memcpy(d->shape, ours->shape, sizeof d->shape);
    if (!same_shape(ours, theirs)) {
        shape_text(a, sizeof a, ours);
        shape_text(b, sizeof b, theirs);
        d->other_shape = d->out = d->judged = true;
        d->excess = INFINITY;
        snprintf(d->why, sizeof d->why, "shape %s, theirs %s", a, b);
        return THOR_OK;
    }
    judge(j, d, measure(j, d, ours, theirs));
    const char *probs = probabilities_of(text, d->name);
    return probs ? judge_choice(j, d, ours, theirs, probs) : THOR_OK;
}

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
    return !d->judged ? -1 : d->excess;
}

static int by_badness(const void *a, const void *b)
{
    const thor_difference *x = a, *y = b;
    if (x->other_shape != y->other_shape)
        return x->other_shape ? -1 : 1;
    if (badness(x) != badness(y))
        return badness(x) > badness(y) ? -1 : 1;
    return by_order(a, b);
}

static thor_status take_memory(thor_comparison *c, const job *j)
{
    c->items = calloc(j->ours->count + 1, sizeof *c->items);
    c->only_ours = calloc(j->ours->count + 1, sizeof *c->only_ours);
    c->only_theirs = calloc(j->theirs->count + 1, sizeof *c->only_theirs);
    if (!c->items || !c->only_ours || !c->only_theirs)
        return thor_fail(j->error, THOR_E_MEMORY, "no memory to compare %zu tensors", j->ours->count);
    return THOR_OK;
}

/* Which tensors are shared, in the order of computation, and which are not. */
static void pair_names(thor_comparison *c, const job *j)
{
    int first_mixture = thor_golden_first_mixture(j->ours);
    for (size_t i = 0; i < j->ours->count; i++) {
        const char *name = j->ours->items[i].name;
        if (!thor_tensor_list_find(j->theirs, name)) {
            c->only_ours[c->ours_count++] = name;
            continue;
        }
        thor_difference *d = &c->items[c->count++];
        *d = (thor_difference){ .order = thor_golden_order(name, first_mixture) };
        memcpy(d->name, name, strlen(name) + 1);
    }
    for (size_t i = 0; i < j->theirs->count; i++)
        if (!thor_tensor_list_find(j->ours, j->theirs->items[i].name))
            c->only_theirs[c->theirs_count++] = j->theirs->items[i].name;
    qsort(c->items, c->count, sizeof *c->items, by_order);
}

static void find_first(thor_comparison *c)
{
    for (size_t i = 0; i < c->count; i++) {
        c->out += c->items[i].out;
        if (c->items[i].out && (!c->first || by_order(&c->items[i], c->first) < 0))
            c->first = &c->items[i];
    }
}

thor_status thor_compare(thor_comparison *comparison, const thor_tensor_list *ours, const thor_tensor_list *theirs,
                         const thor_compare_options *options, thor_error *error)
{
    job j = { ours, theirs, options, { .count = 0 }, error };
    *comparison = (thor_comparison){ .items = NULL };
    THOR_TRY(take_memory(comparison, &j));
    pair_names(comparison, &j);
    thor_status status = THOR_OK;
    for (size_t i = 0; i < comparison->count && status == THOR_OK; i++) {
        thor_difference *d = &comparison->items[i];
        status = compare_pair(&j, d, thor_tensor_list_find(ours, d->name), thor_tensor_list_find(theirs, d->name));
    }
    free(j.taint.sentences);
    qsort(comparison->items, comparison->count, sizeof *comparison->items, by_badness);
    find_first(comparison);
    return status;
}

void thor_comparison_free(thor_comparison *comparison)
{
    free(comparison->items);
    free(comparison->only_ours);
    free(comparison->only_theirs);
    *comparison = (thor_comparison){ .items = NULL };
}

const char *thor_position_text(char text[96], int dims, const int64_t *shape, int64_t at)
{
    int64_t place[THOR_MAX_DIMS];
    size_t used = 0;
    text[0] = '\0';
    for (int i = dims - 1; i >= 0; i--) {
        place[i] = shape[i] > 0 ? at % shape[i] : 0;
        at = shape[i] > 0 ? at / shape[i] : 0;
    }
    for (int i = 0; i < dims; i++)
        used += (size_t)snprintf(text + used, 96 - used, "%s%lld%s", i ? "," : "[", (long long)place[i],
                                 i == dims - 1 ? "]" : "");
    return text;
}
