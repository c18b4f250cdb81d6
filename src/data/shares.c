#include "data/shares.h"

#include <math.h>

#include "base/dmath.h"

void thor_shares(double *r, const int64_t *n, int32_t count, double temperature)
{
    int64_t all = 0;
    double sum = 0;
    for (int32_t i = 0; i < count; i++)
        all += n[i];
    for (int32_t i = 0; i < count; i++) {
        double part = (double)n[i] / (double)all;
        r[i] = temperature == 1.0 || n[i] == 0 ? part : thor_pow(part, 1.0 / temperature);
        sum += r[i];
    }
    for (int32_t i = 0; i < count; i++)
        r[i] /= sum;
}

/* floor, but a number just below a whole one is that one. */
static int64_t whole_part(double x)
{
    return (int64_t)floor(x + x * 0x1p-40);
}

int64_t thor_virtual_size(const double *r, const int64_t *n, int32_t count)
{
    int32_t largest = 0;
    int64_t all = 0;
    for (int32_t i = 0; i < count; i++) {
        all += n[i];
        if (n[i] > n[largest])
            largest = i;
    }
    double sum = 0, most = 1.5 * (double)all;
    for (int32_t i = 0; i < count; i++)
        sum += r[i] / r[largest] * (double)n[largest];
    return whole_part(sum < most ? sum : most);
}

/* The first direction whose running sum of shares is above u; the last one with a share where rounding left none. */
static int32_t pick(const double *r, int32_t count, double u)
{
    double sum = 0;
    int32_t last = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += r[i];
        if (r[i] > 0)
            last = i;
        if (u < sum)
            return i;
    }
    return last;
}

void thor_share_counts(int64_t *c, const double *r, int32_t count, int64_t virtual_size, const thor_rng *rng)
{
    int64_t left = virtual_size;
    for (int32_t i = 0; i < count; i++) {
        c[i] = whole_part((double)virtual_size * r[i]);
        left -= c[i];
    }
    for (int64_t j = 0; j < left; j++)
        c[pick(r, count, (double)thor_rng_uniform(rng, (uint64_t)j))]++;
}
