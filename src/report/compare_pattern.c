/* Mistakes that show themselves: theirs is ours with something plain done to it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare_judge.h"

/* How near theirs has to be to what is guessed, as a relative norm: above the rounding of bfloat16. */
static const double near_enough = 0.02;

enum { MOST_EXPERTS = 256, MOST_WORK = 1 << 28 };

/* ---- theirs[i] is ours[place(i)] ------------------------------------------------------------------------------- */

typedef struct move {
    int a, b;                   /* axes */
    int64_t shape[THOR_MAX_DIMS];   /* of theirs */
    int64_t order[MOST_EXPERTS];
    int64_t by;
} move;

/* -1: there is nothing to compare. */
typedef int64_t place(const move *m, const thor_tensor *ours, int64_t i);

static void coordinates(int64_t at[THOR_MAX_DIMS], const int64_t *shape, int dims, int64_t i)
{
    for (int k = dims - 1; k >= 0; k--) {
        at[k] = i % shape[k];
        i /= shape[k];
    }
}

static int64_t index_of(const int64_t at[THOR_MAX_DIMS], const thor_tensor *t)
{
    int64_t i = 0;
    for (int k = 0; k < t->dims; k++)
        i = i * t->shape[k] + at[k];
    return i;
}

static int64_t swapped(const move *m, const thor_tensor *ours, int64_t i)
{
    int64_t at[THOR_MAX_DIMS];
    coordinates(at, m->shape, ours->dims, i);
    int64_t kept = at[m->a];
    at[m->a] = at[m->b];
    at[m->b] = kept;
    return index_of(at, ours);
}

static int64_t reordered(const move *m, const thor_tensor *ours, int64_t i)
{
    int64_t at[THOR_MAX_DIMS];
    coordinates(at, m->shape, ours->dims, i);
    at[m->a] = m->order[at[m->a]];
    return index_of(at, ours);
}

static int64_t shifted(const move *m, const thor_tensor *ours, int64_t i)
{
    int64_t at[THOR_MAX_DIMS];
    coordinates(at, m->shape, ours->dims, i);
    at[1] += m->by;
    return at[1] < 0 || at[1] >= ours->shape[1] ? -1 : index_of(at, ours);
}

/* |theirs - moved ours| / |moved ours| over what both have. */
static double apart_when(place *where, const move *m, const thor_tensor *ours, const thor_tensor *theirs)
{
    double apart = 0, size = 0;
    for (int64_t i = 0; i < thor_tensor_count(theirs); i++) {
        int64_t from = where(m, ours, i);
        if (from < 0)
            continue;
        double o = thor_element(ours, from), t = thor_element(theirs, i);
        apart += (o - t) * (o - t);
        size += o * o;
    }
    return size > 0 && isfinite(apart) ? sqrt(apart / size) : INFINITY;
}

/* ---- swapped axes ---------------------------------------------------------------------------------------------- */

static bool shape_swaps(const thor_tensor *ours, const thor_tensor *theirs, int a, int b)
{
    for (int k = 0; k < ours->dims; k++)
        if (theirs->shape[k] != ours->shape[k == a ? b : k == b ? a : k])
            return false;
    return true;
}

static bool find_swap(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs)
{
    move m;
    memcpy(m.shape, theirs->shape, sizeof m.shape);
    for (m.a = 0; m.a < ours->dims; m.a++)
        for (m.b = m.a + 1; m.b < ours->dims; m.b++)
            if (shape_swaps(ours, theirs, m.a, m.b) && apart_when(swapped, &m, ours, theirs) <= near_enough) {
                snprintf(why, room, "theirs is ours with axes %d and %d swapped", m.a, m.b);
                return true;
            }
    return false;
}

/* ---- rows moved by one ----------------------------------------------------------------------------------------- */

static bool find_shift(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs)
{
    move m;
    memcpy(m.shape, theirs->shape, sizeof m.shape);
    if (ours->dims < 2 || ours->shape[1] < 3 || (thor_flow_stack(ours->name) < 0 && !strstr(ours->name, "tokens")))
        return false;
    for (m.by = -1; m.by <= 1; m.by += 2)
        if (apart_when(shifted, &m, ours, theirs) <= 2 * near_enough) {
            snprintf(why, room, "theirs is off by one row: row l holds our row l %c 1", m.by < 0 ? '-' : '+');
            return true;
        }
    return false;
}

/* ---- another order of experts ---------------------------------------------------------------------------------- */

static int expert_axis(const thor_tensor *t)
{
    static const char *const last[] = { "_probs", ".gates", ".selected", ".candidates" };
    if (!strstr(t->name, ".moe."))
        return -1;
    if (strstr(t->name, "router.weight") || (strstr(t->name, ".experts.") && !strstr(t->name, "put")))
        return 0;
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        if (thor_name_ends(t->name, last[i]))
            return t->dims - 1;
    return -1;
}

/* The slice `e` of theirs beside slice `f` of ours. */
static double slices_apart(const thor_tensor *ours, const thor_tensor *theirs, int axis, int64_t e, int64_t f)
{
    double apart = 0, size = 0;
    int64_t inner = 1, E = ours->shape[axis], count = thor_tensor_count(ours);
    for (int k = axis + 1; k < ours->dims; k++)
        inner *= ours->shape[k];
    for (int64_t i = 0; i < count / E; i++) {
        int64_t base = i / inner * inner * E + i % inner;
        double o = thor_element(ours, base + f * inner), t = thor_element(theirs, base + e * inner);
        apart += (o - t) * (o - t);
        size += o * o;
    }
    return size > 0 && isfinite(apart) ? sqrt(apart / size) : INFINITY;
}

static bool find_order(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs)
{
    move m = { .a = expert_axis(ours) };
    int64_t E = m.a < 0 ? 0 : ours->shape[m.a], moved = 0;
    if (E < 2 || E > MOST_EXPERTS || thor_tensor_count(ours) > MOST_WORK / E)
        return false;
    for (int64_t e = 0; e < E; e++) {
        m.order[e] = e;
        for (int64_t f = 0; f < E; f++)
            if (slices_apart(ours, theirs, m.a, e, f) < slices_apart(ours, theirs, m.a, e, m.order[e]))
                m.order[e] = f;
        moved += m.order[e] != e;
    }
    memcpy(m.shape, theirs->shape, sizeof m.shape);
    if (moved < 2 || !(apart_when(reordered, &m, ours, theirs) <= near_enough))
        return false;
    size_t used = (size_t)snprintf(why, room, "theirs has the experts in another order: ours are");
    for (int64_t e = 0; e < E && used < room; e++)
        used += (size_t)snprintf(why + used, room - used, " %lld", (long long)m.order[e]);
    return true;
}

/* ---- a factor -------------------------------------------------------------------------------------------------- */

/* The factor that fits elements first to first + count best; NaN where none does. */
static double factor_of(const thor_tensor *ours, const thor_tensor *theirs, int64_t first, int64_t count)
{
    double both = 0, ours_squared = 0, theirs_squared = 0;
    for (int64_t i = first; i < first + count; i++) {
        double o = thor_element(ours, i), t = thor_element(theirs, i);
        both += o * t;
        ours_squared += o * o;
        theirs_squared += t * t;
    }
    /* |theirs - c ours|^2 = |theirs|^2 - c^2 |ours|^2 */
    double factor = both / ours_squared, left = theirs_squared - factor * both;
    return ours_squared > 0 && theirs_squared > 0 && left <= near_enough * near_enough * theirs_squared ? factor : NAN;
}

static bool is_about(double a, double b)
{
    return fabs(a - b) <= near_enough * fabs(b);
}

static bool find_factor(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs, int64_t tokens)
{
    double factor = factor_of(ours, theirs, 0, thor_tensor_count(ours));
    if (isnan(factor) || is_about(factor, 1))
        return false;
    if (is_about(factor, -1))
        snprintf(why, room, "theirs is ours with the other sign");
    else if (tokens > 1 && is_about(factor, (double)tokens))
        snprintf(why, room, "theirs is ours times %.6g, the target tokens: a sum in place of a mean", factor);
    else
        snprintf(why, room, "theirs is ours times %.6g", factor);
    return true;
}

/* What rows are multiplied by where a mean of them was taken wrongly. */
typedef enum { SUM, PADDED, RUNNING_SUM, WRONG_MEANS } wrong_mean;

static double expected_factor(wrong_mean kind, int64_t length, int64_t width, int64_t row)
{
    switch (kind) {
    case SUM: return (double)length;
    case PADDED: return (double)length / (double)width;
    case RUNNING_SUM: return (double)(row + 1);
    case WRONG_MEANS: break;
    }
    return NAN;
}

static bool all_rows_are(wrong_mean kind, const thor_tensor *ours, const thor_tensor *theirs, const int64_t *length)
{
    int64_t width = ours->shape[1], each = ours->shape[2];
    for (int64_t b = 0; b < ours->shape[0]; b++)
        for (int64_t l = 0; l < length[b] && l < width; l++) {
            double factor = factor_of(ours, theirs, (b * width + l) * each, each);
            if (!is_about(factor, expected_factor(kind, length[b], width, l)))
                return false;
        }
    return true;
}

static bool find_mean(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs, const int64_t *length)
{
    static const char *const sentences[] = {
        "theirs is a sum over the sentence's rows, ours their mean",
        "theirs divides by the padded length, ours by that of the sentence",
        "theirs is a sum over the rows up to this one, ours their mean",
    };
    for (wrong_mean kind = SUM; kind < WRONG_MEANS && length; kind++)
        if (all_rows_are(kind, ours, theirs, length)) {
            snprintf(why, room, "%s", sentences[kind]);
            return true;
        }
    return false;
}

void thor_compare_pattern(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs,
                          const int64_t *length, int64_t tokens)
{
    bool same = ours->dims == theirs->dims && ours->dims > 0;
    why[0] = '\0';
    if (!same || thor_tensor_count(ours) != thor_tensor_count(theirs) || thor_tensor_count(ours) < 2)
        return;
    for (int k = 0; k < ours->dims; k++)
        same = same && ours->shape[k] == theirs->shape[k];
    if (same && (find_factor(why, room, ours, theirs, tokens) || find_mean(why, room, ours, theirs, length) ||
                 find_order(why, room, ours, theirs) || find_shift(why, room, ours, theirs)))
        return;
    find_swap(why, room, ours, theirs);
}
