/* Where W1 x + b1 is within rounding of 0, relu has the derivative 1 in one program and 0 in the other; where two rows
 * are nearly the largest of a sentence, one program sends the gradient to the one and the other to the other.
 *
 * A unit that flipped shows what it saw: with d its gradient, the difference is d in fc1.bias and d x in the row of
 * fc1.weight, so x is their quotient, and W1 x + b1 has to be 0. All that the backward pass computes later depends on
 * it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare_judge.h"
#include "report/golden_order.h"

/* Of |W1| |x|: what may be left of W1 x + b1. */
static const double near_zero = 0.003;
enum { MOST_FLIPS = 4 };        /* of one tensor */

typedef struct {
    const thor_tensor *weight, *bias;               /* ours: gradients */
    const thor_tensor *their_weight, *their_bias;
    const thor_tensor *w, *b;                       /* before the step */
    int64_t rows, width;
    double weight_allowed, bias_allowed;
} layer;

static bool same_count(const thor_tensor *a, const thor_tensor *b)
{
    return a && b && thor_tensor_count(a) == thor_tensor_count(b);
}

static double allowed(const thor_judge *judge, const thor_tensor *t)
{
    double most = 0;
    for (int64_t i = 0; i < thor_tensor_count(t); i++)
        most = fmax(most, fabs(thor_element(t, i)));
    return judge->options->atol + judge->options->limits[THOR_COMPARE_GRADIENTS].rtol * most;
}

/* `name` is that of an fc1.weight or fc1.bias. */
static bool find_layer(layer *l, const thor_judge *judge, const thor_tensor_list *ours, const thor_tensor_list *theirs,
                       const char *name)
{
    char weight[THOR_MAX_NAME], bias[THOR_MAX_NAME];
    const char *fc1 = strstr(name, ".fc1.");
    if (!fc1 || strstr(name, "language"))
        return false;
    snprintf(weight, sizeof weight, "%.*s.fc1.weight", (int)(fc1 - name), name);
    snprintf(bias, sizeof bias, "%.*s.fc1.bias", (int)(fc1 - name), name);
    *l = (layer){ thor_tensor_list_find(ours, weight), thor_tensor_list_find(ours, bias),
                  thor_tensor_list_find(theirs, weight), thor_tensor_list_find(theirs, bias),
                  thor_tensor_list_find(judge->initial, weight), thor_tensor_list_find(judge->initial, bias),
                  0, 0, 0, 0 };
    if (!same_count(l->weight, l->their_weight) || !same_count(l->bias, l->their_bias) ||
        !same_count(l->weight, l->w) || !same_count(l->bias, l->b) || l->weight->dims < 2)
        return false;
    l->rows = thor_tensor_count(l->bias);
    l->width = l->weight->shape[l->weight->dims - 1];
    l->weight_allowed = allowed(judge, l->weight);
    l->bias_allowed = allowed(judge, l->bias);
    return l->rows > 0 && l->rows * l->width == thor_tensor_count(l->weight);
}

static double apart(const thor_tensor *ours, const thor_tensor *theirs, int64_t i)
{
    return thor_element(theirs, i) - thor_element(ours, i);
}

/* Is row j off? And if so, does W1 x + b1 = 0 explain it? */
static bool is_off(const layer *l, int64_t j)
{
    if (!(fabs(apart(l->bias, l->their_bias, j)) <= l->bias_allowed))
        return true;
    for (int64_t k = j * l->width; k < (j + 1) * l->width; k++)
        if (!(fabs(apart(l->weight, l->their_weight, k)) <= l->weight_allowed))
            return true;
    return false;
}

static bool is_flip(const layer *l, int64_t j)
{
    double d = apart(l->bias, l->their_bias, j), z = thor_element(l->b, j), w_squared = 0, x_squared = 0;
    if (!isfinite(d) || d == 0)
        return false;
    for (int64_t k = j * l->width; k < (j + 1) * l->width; k++) {
        double x = apart(l->weight, l->their_weight, k) / d, w = thor_element(l->w, k);
        z += w * x;
        w_squared += w * w;
        x_squared += x * x;
    }
    /* A fifth of what is allowed is rounding. */
    double rounding = 0.2 * (l->weight_allowed + l->bias_allowed) / fabs(d);
    return fabs(z) <= (near_zero + fmin(rounding, 0.05)) * sqrt(w_squared) * (sqrt(x_squared) + 1);
}

/* The flips of a layer; -1 where a row is off that none explains. */
static int64_t flips_of(const layer *l, int64_t *first)
{
    int64_t flips = 0;
    for (int64_t j = 0; j < l->rows; j++) {
        if (!is_off(l, j))
            continue;
        if (!is_flip(l, j) || flips == MOST_FLIPS)
            return -1;
        if (flips++ == 0)
            *first = j;
    }
    return flips;
}

/* ---- a maximum over a sentence --------------------------------------------------------------------------------- */

static bool is_near_maximum(const thor_judge *judge, const thor_tensor *x, int64_t sentence, int64_t unit, double near)
{
    double most = -INFINITY, next = -INFINITY;
    for (int64_t l = 0; l < judge->stacks[0].length[sentence]; l++) {
        double value = thor_element(x, (sentence * x->shape[1] + l) * x->shape[2] + unit);
        next = value > most ? most : fmax(next, value);
        most = fmax(most, value);
    }
    return most - next <= near;
}

/* What the task predictor reads. */
static const thor_tensor *tapped(const thor_judge *judge)
{
    char name[64] = "encoder.embed.output";
    if (!judge->facts.tap_embedding)
        snprintf(name, sizeof name, "encoder.layers.%d.output", thor_golden_first_mixture(judge->forward) - 1);
    return thor_tensor_list_find(judge->forward, name);
}

static void find_maximum(thor_judge *judge)
{
    const thor_tensor *x = judge->facts.pool_max ? tapped(judge) : NULL;
    if (!x || x->dims != 3 || judge->sentences == 0 || x->shape[0] != judge->sentences ||
        x->shape[1] != judge->stacks[0].width)
        return;
    double most = 0;
    for (int64_t i = 0; i < thor_tensor_count(x); i++)
        most = fmax(most, fabs(thor_element(x, i)));
    double near = judge->options->limits[THOR_COMPARE_FORWARD].rtol / 2 * most;
    for (int64_t i = 0; i < x->shape[0] * x->shape[2]; i++)
        if (is_near_maximum(judge, x, i / x->shape[2], i % x->shape[2], near)) {
            judge->maximum = thor_golden_order("task.predictor.weight", thor_golden_first_mixture(judge->forward));
            snprintf(judge->maximum_at, sizeof judge->maximum_at, " (a maximum over sentence %lld, unit %lld)",
                     (long long)(i / x->shape[2]), (long long)(i % x->shape[2]));
            return;
        }
}

void thor_judge_use_maximum(thor_judge *judge)
{
    if (judge->ties == 0 && judge->maximum_at[0])
        thor_judge_add_tie(judge, "task.probs", 0, NULL, 0, judge->maximum_at);
}

/* ---- gradients ------------------------------------------------------------------------------------------------- */

void thor_judge_find_flips(thor_judge *judge, const thor_tensor_list *ours, const thor_tensor_list *theirs)
{
    int first_mixture = thor_golden_first_mixture(ours);
    const thor_tensor *found = NULL;
    int64_t place = 0, flips = 0;
    layer l;
    if (judge->options->limits[THOR_COMPARE_GRADIENTS].rtol == 0)
        return;
    for (size_t i = 0; i < ours->count; i++) {
        const char *name = ours->items[i].name;
        uint64_t order = thor_golden_order(name, first_mixture);
        int64_t first = 0;
        if (order >= judge->backward || !thor_name_ends(name, ".fc1.bias") ||
            !find_layer(&l, judge, ours, theirs, name))
            continue;
        int64_t here = flips_of(&l, &first);
        if (here > 0) {
            judge->backward = order;
            found = l.bias;
            place = first;
            flips = here;
        }
    }
    for (int64_t i = 0; i < flips; i++)
        thor_judge_add_tie(judge, found->name, found->dims, found->shape, place, " (relu)");
    find_maximum(judge);
}

void thor_flip_fates(const thor_judged_pair *pair)
{
    layer l;
    if (pair->difference->order != pair->judge->backward ||
        !find_layer(&l, pair->judge, pair->our_list, pair->their_list, pair->difference->name))
        return;
    int64_t each = thor_tensor_count(pair->ours) / l.rows;
    for (int64_t j = 0; j < l.rows; j++)
        if (is_off(&l, j))
            memset(pair->fate + j * each, THOR_EXCUSED, (size_t)each);
}
