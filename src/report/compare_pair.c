/* One tensor of both sides: its numbers, and the verdict. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare_judge.h"

/* What follows a near tie is not what we computed, but it is of the same size. */
static const double coarse_element = 10, coarse_loss = 0.2;

/* ---- one pair: numbers ----------------------------------------------------------------------------------------- */

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

/* The type with the wider spacing; a whole number beside a floating-point one counts as the latter. Losses are sums of
 * binary32 numbers, whatever they are stored as. */
static thor_dtype coarser(thor_dtype a, thor_dtype b, thor_compare_kind kind)
{
    if (kind == THOR_COMPARE_LOSSES)
        return THOR_F32;
    if (!thor_dtype_is_float(a) || !thor_dtype_is_float(b))
        return thor_dtype_is_float(a) ? a : b;
    return thor_spacing(a, 1) >= thor_spacing(b, 1) ? a : b;
}

typedef struct {
    double most, ours_squared, apart_squared;
    thor_dtype type;
} sums;

static double apart_by(double ours, double theirs)
{
    double apart = ours == theirs ? 0 : fabs(ours - theirs);
    return isnan(apart) || (!isfinite(ours) && apart > 0) ? INFINITY : apart;
}

/* Takes one element into account. */
static void look_at(thor_difference *d, sums *s, int64_t i, double ours, double theirs)
{
    double apart = apart_by(ours, theirs);
    double ulp = apart == 0 ? 0 : ours == 0 ? NAN : apart / thor_spacing(s->type, ours);
    d->differing += apart > 0;
    if (apart > d->absolute || d->at < 0) {
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
    s->most = isfinite(ours) ? fmax(s->most, fabs(ours)) : s->most;
    s->ours_squared += ours * ours;
    s->apart_squared += apart * apart;
}

/* What stands behind the end of a sentence is not looked at. What follows a near tie has to be a number of the same
 * size; `most` is the largest of all. */
static bool is_coarsely_wrong(double theirs, double ours, double most)
{
    return !isfinite(theirs) || fabs(theirs - ours) > coarse_element * most;
}

static double largest(const thor_tensor *tensor)
{
    double most = 0;
    for (int64_t i = 0; i < thor_tensor_count(tensor); i++)
        if (isfinite(thor_element(tensor, i)))
            most = fmax(most, fabs(thor_element(tensor, i)));
    return most;
}

/* Fills what the elements say. */
static void measure(const thor_judged_pair *pair, sums *s)
{
    thor_difference *d = pair->difference;
    double most = largest(pair->ours);
    d->at = -1;
    for (int64_t i = 0; i < thor_tensor_count(pair->ours); i++) {
        double ours = thor_element(pair->ours, i), theirs = thor_element(pair->theirs, i);
        if (pair->fate[i] == THOR_PADDING) {
            d->padding++;
            d->dirty += theirs != 0;
        } else if (pair->fate[i] == THOR_JUDGED || is_coarsely_wrong(theirs, ours, most)) {
            look_at(d, s, i, ours, theirs);
        } else {
            d->excused++;
        }
    }
    d->at = d->at < 0 ? 0 : d->at;
    d->relative = d->absolute == 0 ? 0 : s->most > 0 ? d->absolute / s->most : INFINITY;
    d->norm = s->apart_squared == 0 ? 0 : sqrt(s->apart_squared / s->ours_squared);
}

/* ---- one pair: the verdict ------------------------------------------------------------------------------------- */

/* What *.k.bias is measured by: its own numbers are rounding errors of 0, so its weight's scale stands for it. */
static const thor_tensor *weight_of(const thor_judged_pair *pair)
{
    char weight[THOR_MAX_NAME];
    const char *name = pair->difference->name;
    snprintf(weight, sizeof weight, "%.*sweight", (int)(strlen(name) - strlen("bias")), name);
    const thor_tensor *tensor = thor_tensor_list_find(pair->our_list, weight);
    return tensor && thor_dtype_is_float(tensor->dtype) ? tensor : NULL;
}

/* v is a sum of squares. */
static double scale_of_key_bias(const thor_judged_pair *pair)
{
    const thor_tensor *weight = weight_of(pair);
    return weight ? largest(weight) : 0;
}

static bool key_bias_says_nothing(const thor_judged_pair *pair)
{
    return pair->kind == THOR_COMPARE_AFTER && pair->judge->facts.small_eps;
}

static void judge(const thor_judged_pair *pair, const sums *s)
{
    thor_difference *d = pair->difference;
    const thor_compare_limits *limits = &pair->judge->options->limits[pair->kind];
    bool whole = !thor_dtype_is_float(d->ours_type) && !thor_dtype_is_float(d->theirs_type);
    bool key_bias = thor_name_ends(d->name, ".k.bias");
    /* Steps of rounding errors are as large as any: with a usual eps parameters that began at 0 say less. */
    double rtol = limits->rtol * (key_bias_says_nothing(pair) ? 10 : 1);
    bool gradients = pair->kind >= THOR_COMPARE_GRADIENTS;
    double norm = limits->norm * (gradients ? thor_judge_small_batch(pair->judge) : 1);
    if (key_bias && rtol == 0)
        rtol = norm;
    double allowed = whole ? 0 : pair->judge->options->atol + rtol * (key_bias ? scale_of_key_bias(pair) : s->most);
    bool by_element = whole || rtol > 0 || norm == 0;
    d->excess = d->absolute == 0 ? 0 : !by_element ? 0 : allowed > 0 ? d->absolute / allowed : INFINITY;
    if (norm > 0 && !whole && !key_bias)
        d->excess = fmax(d->excess, d->norm / norm);
    d->judged = !limits->shown_only && !(key_bias && key_bias_says_nothing(pair));
    if (!d->judged)
        d->excess = isfinite(d->absolute) ? 0 : INFINITY;
    d->out = !(d->excess <= 1);
    d->suspicious = !d->out && d->judged && !whole && !key_bias && limits->suspicious > 0 &&
                    d->norm > limits->suspicious;
}

/* Losses, and all that comes of the backward pass, depend on every row: what is out there is excused where it is near
 * enough. Losses that the routers do not enter are not. */
static bool depends_on_tie(const thor_judged_pair *pair)
{
    const thor_difference *d = pair->difference;
    const thor_judge *judge = pair->judge;
    if (pair->kind == THOR_COMPARE_FORWARD)
        return false;
    if (strstr(d->name, "tokens") || thor_name_ends(d->name, ".lr") || thor_name_ends(d->name, "losses.task"))
        return false;
    if (thor_name_ends(d->name, "losses.task_balance"))
        return judge->candidates_chosen && judge->facts.balance_sentences;
    if (judge->chosen)
        return true;
    if (judge->backward == UINT64_MAX && judge->maximum == UINT64_MAX)
        return false;
    if (strncmp(d->name, "losses.", 7) == 0)
        return false;
    return d->order > judge->backward || d->order > judge->maximum || pair->kind > THOR_COMPARE_BACKWARD;
}

static void excuse(const thor_judged_pair *pair)
{
    thor_difference *d = pair->difference;
    double apart = d->norm / thor_judge_coarse_norm(pair->judge);
    if (pair->kind == THOR_COMPARE_LOSSES)
        apart = d->relative / coarse_loss;
    if (!d->out || !depends_on_tie(pair) || !isfinite(d->absolute) || !(apart <= 1))
        return;
    d->out = false;
    d->excused = thor_tensor_count(pair->ours);
    thor_judge_use_maximum(pair->judge);
}

/* The name of the probabilities that a choice was made by; NULL where `name` is no choice. */
static const char *probabilities_of(char text[THOR_MAX_NAME], const char *name)
{
    static const char *const pairs[][2] = { { "moe.selected", "moe.router_probs" },
                                            { "moe.candidates", "moe.task_probs" } };
    for (int i = 0; i < 2; i++)
        if (thor_name_ends(name, pairs[i][0])) {
            snprintf(text, THOR_MAX_NAME, "%.*s%s", (int)(strlen(name) - strlen(pairs[i][0])), name, pairs[i][1]);
            return text;
        }
    return NULL;
}

/* Which elements count; near ties are found here. */
static void set_fates(const thor_judged_pair *pair)
{
    char text[THOR_MAX_NAME];
    const char *name = pair->difference->name;
    thor_flow_fates(pair);
    const char *probs = probabilities_of(text, name);
    if (probs) {
        thor_judge_choices(pair, probs);
    } else if (thor_name_ends(name, ".gates")) {
        thor_judge_places(pair);
    } else if (strcmp(name, "task.mixed") == 0) {
        thor_judge_task(pair);
        thor_flow_fates(pair);
    }
    if (pair->kind == THOR_COMPARE_GRADIENTS)
        thor_flip_fates(pair);
}

static void find_pattern(const thor_judged_pair *pair)
{
    thor_difference *d = pair->difference;
    int stack = thor_flow_stack(d->name);
    bool rows = stack >= 0 && pair->judge->sentences > 0 && pair->ours->dims == 3 &&
                pair->ours->shape[0] == pair->judge->sentences;
    size_t used = strlen(d->why);
    if (used + 3 < sizeof d->why) {
        char *at = d->why + used;
        thor_compare_pattern(at + (used ? 2 : 0), sizeof d->why - used - 2, pair->ours, pair->theirs,
                             rows ? pair->judge->stacks[stack].length : NULL, pair->judge->tokens);
        if (used && at[2])
            memcpy(at, "; ", 2);
    }
}

/* A row that is 0 in ours and not in theirs is mostly padding; said where no batch tells. */
static void name_padding(const thor_judged_pair *pair)
{
    const thor_difference *d = pair->difference;
    if (pair->judge->sentences > 0 || d->dims != 3 || d->ours != 0 || thor_flow_stack(d->name) < 0)
        return;
    int64_t width = d->shape[2], row = d->at / width;
    for (int64_t i = row * width; i < (row + 1) * width; i++)
        if (thor_element(pair->ours, i) != 0)
            return;
    snprintf(pair->difference->why, sizeof d->why, "row [%lld,%lld] is 0 in ours, as padding is: write 0 there, or put "
             "batch.safetensors beside ours", (long long)(row / d->shape[1]), (long long)(row % d->shape[1]));
}

static void compare_numbers(const thor_judged_pair *pair)
{
    thor_difference *d = pair->difference;
    sums s = { .type = coarser(d->ours_type, d->theirs_type, pair->kind) };
    set_fates(pair);
    measure(pair, &s);
    judge(pair, &s);
    if (d->wrong > 0) {
        d->out = true;
        d->excess = INFINITY;
    } else {
        excuse(pair);
    }
    if (d->out && isfinite(d->absolute)) {
        name_padding(pair);
        if (!d->why[0])
            find_pattern(pair);
    }
}

thor_status thor_compare_pair(thor_judged_pair *pair, thor_error *error)
{
    char a[64], b[64];
    thor_difference *d = pair->difference;
    d->ours_type = pair->ours->dtype;
    d->theirs_type = pair->theirs->dtype;
    d->dims = pair->ours->dims;
    memcpy(d->shape, pair->ours->shape, sizeof d->shape);
    if (!same_shape(pair->ours, pair->theirs)) {
        shape_text(a, sizeof a, pair->ours);
        shape_text(b, sizeof b, pair->theirs);
        d->other_shape = d->out = d->judged = true;
        d->excess = INFINITY;
        snprintf(d->why, sizeof d->why, "shape %s, theirs %s", a, b);
        find_pattern(pair);
        return THOR_OK;
    }
    pair->fate = calloc((size_t)thor_tensor_count(pair->ours) + 1, 1);
    if (!pair->fate)
        return thor_fail(error, THOR_E_MEMORY, "no memory to judge %s", d->name);
    compare_numbers(pair);
    free(pair->fate);
    return THOR_OK;
}
