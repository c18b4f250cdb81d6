#include "score/multiple.h"

#include <math.h>
#include <stdbool.h>

/* The smallest p above (last, last_at) in the order of value, then place; `count` when there is none. */
static size_t next_smallest(const double *p, size_t count, double last, size_t last_at)
{
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        bool above = p[i] > last || (p[i] == last && i > last_at);
        if (!isnan(p[i]) && above && (found == count || p[i] < p[found]))
            found = i;
    }
    return found;
}

void thor_holm(const double *p, size_t count, double *corrected)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        left += isnan(p[i]) ? 0 : 1;
        corrected[i] = NAN;
    }
    double floor = 0, last = -1;
    for (size_t at = 0; left > 0; left--) {
        at = next_smallest(p, count, last, at);
        last = p[at];
        floor = fmin(fmax(floor, (double)left * last), 1);
        corrected[at] = floor;
    }
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

double thor_kendall_tau(const double *left, const double *right, size_t count)
{
    double agreement = 0, untied_left = 0, untied_right = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            int l = order(left[i], left[j]), r = order(right[i], right[j]);
            agreement += l * r;
            untied_left += l != 0;
            untied_right += r != 0;
        }
    return untied_left > 0 && untied_right > 0 ? agreement / sqrt(untied_left * untied_right) : NAN;
}
