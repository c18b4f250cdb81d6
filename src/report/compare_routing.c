/* Experts that were chosen differently: a near tie, or a wrong choice?
 *
 *   gap of a row    top-k: the larger of the probabilities of the experts that only we chose, over the smallest of
 *                   those that only they chose, in our probabilities
 *                   top-p: where one side's choice holds the other's, how far the shorter prefix's sum is from p */
#include <math.h>
#include <stdlib.h>

#include "report/compare.h"

typedef struct {
    const thor_tensor *ours, *theirs, *our_probs, *their_probs;
    int64_t E;
    double p;
} choices;

static bool chosen(const thor_tensor *selected, int64_t at)
{
    return thor_element(selected, at) != 0;
}

/* What tells the sets apart: how many experts stand on one side only, and the extremes of their probabilities. */
typedef struct {
    int64_t ours, theirs;
    double most_ours, least_theirs;
} split;

/* Sum in falling order of P of the experts that both sides chose: the shorter of the two prefixes. */
static double prefix_sum(const choices *c, int64_t row)
{
    double sum = 0, last = INFINITY;
    for (int64_t done = 0; done < c->E; done++) {
        double next = -1;
        int64_t times = 0;
        for (int64_t e = row * c->E; e < (row + 1) * c->E; e++) {
            double value = thor_element(c->our_probs, e);
            if (!chosen(c->ours, e) || !chosen(c->theirs, e) || value >= last)
                continue;
            times = value > next ? 1 : times + (value == next);
            next = value > next ? value : next;
        }
        if (next < 0)
            break;
        sum += next * (double)times;
        last = next;
    }
    return sum;
}

static split split_row(const choices *c, int64_t row)
{
    split s = { .most_ours = 0, .least_theirs = INFINITY };
    for (int64_t e = row * c->E; e < (row + 1) * c->E; e++) {
        bool a = chosen(c->ours, e), b = chosen(c->theirs, e);
        double value = thor_element(c->our_probs, e);
        s.ours += a && !b;
        s.theirs += b && !a;
        if (a && !b)
            s.most_ours = fmax(s.most_ours, value);
        if (b && !a)
            s.least_theirs = fmin(s.least_theirs, value);
    }
    return s;
}

/* Infinity where no tie can explain the row. Equal sizes: experts changed places. */
static double gap_of_row(const choices *c, int64_t row)
{
    split s = split_row(c, row);
    if (s.ours == s.theirs)
        return fabs(s.most_ours - s.least_theirs);
    if (c->p > 0 && (s.ours == 0 || s.theirs == 0))
        return fabs(prefix_sum(c, row) - c->p);
    return INFINITY;
}

static bool row_differs(const choices *c, int64_t row)
{
    for (int64_t e = row * c->E; e < (row + 1) * c->E; e++)
        if (chosen(c->ours, e) != chosen(c->theirs, e))
            return true;
    return false;
}

static bool fits(const thor_tensor *probs, const thor_tensor *selected)
{
    return probs && thor_dtype_is_float(probs->dtype) && thor_tensor_count(probs) == thor_tensor_count(selected);
}

static thor_status mark(thor_taint *taint, int64_t sentence, int64_t sentences, thor_error *error)
{
    if (!taint->sentences) {
        taint->sentences = calloc((size_t)sentences, sizeof *taint->sentences);
        taint->count = sentences;
    }
    if (!taint->sentences)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the state of %lld sentences", (long long)sentences);
    if (sentence < taint->count)
        taint->sentences[sentence] = true;
    return THOR_OK;
}

thor_status thor_compare_choices(thor_difference *difference, thor_taint *taint, const thor_tensor *ours,
                                 const thor_tensor *theirs, const thor_tensor *our_probs,
                                 const thor_tensor *their_probs, const thor_compare_options *options,
                                 thor_error *error)
{
    choices c = { ours, theirs, our_probs, their_probs, ours->shape[ours->dims - 1], options->p };
    bool known = fits(our_probs, ours) && fits(their_probs, ours);
    int64_t sentences = ours->shape[0], rows = c.E > 0 ? thor_tensor_count(ours) / c.E : 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t sentence = row / (rows / sentences);
        if (!row_differs(&c, row) || (sentence < taint->count && taint->sentences[sentence]))
            continue;
        double gap = known ? gap_of_row(&c, row) : INFINITY;
        if (gap <= options->tie) {
            difference->ties++;
            difference->gap = fmax(difference->gap, gap);
            THOR_TRY(mark(taint, sentence, sentences, error));
        } else {
            difference->wrong++;
        }
    }
    return THOR_OK;
}
