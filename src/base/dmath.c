#include "base/dmath.h"

#include <math.h>
#include <string.h>

/* ln 2 and pi/2 in parts: the products of whole numbers below 2^20 with the leading parts are exact. */
static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
static const double half_pi_1 = 0x1.921fb544p+0, half_pi_2 = 0x1.0b4611a6p-34, half_pi_3 = 0x1.3198a2e037073p-69;

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* c[0] + c[1] x + … + c[n-1] x^(n-1), from the highest power down. */
static double polynomial(const double *c, int n, double x)
{
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--)
        sum = sum * x + c[i];
    return sum;
}

/* x * 2^k; two factors, so that subnormal results are rounded once. */
static double scale(double x, int k)
{
    int half = k / 2;
    return x * from_bits((uint64_t)(half + 1023) << 52) * from_bits((uint64_t)(k - half + 1023) << 52);
}

/* x = k ln 2 + r, |r| <= ln 2 / 2; e^r = 1 + (r + (error of r + r^2 (1/2! + r/3! + …))). */
double thor_exp(double x)
{
    static const double c[] = {
        1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800,
        1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
    };
    if (!(x <= 709.79))
        return x > 0 ? HUGE_VAL : x;
    if (x < -745.14)
        return 0;
    double k = floor(x * 0x1.71547652b82fep+0 + 0.5);
    double high = x - k * ln2_high, low = k * ln2_low;
    double r = high - low;
    double missing = (high - r) - low;
    double e = 1 + (r + (missing + r * r * polynomial(c, 12, r)));
    return scale(e, (int)k);
}

/* x = 2^k m, m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f/(2 + f), z = s^2:
 * log m = 2 (s + s z/3 + s z^2/5 + …) = f - s (f - R) with R = 2 z/3 + 2 z^2/5 + … */
double thor_ln(double x)
{
    static const double c[] = {
        2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23,
    };
    if (!(x > 0))
        return x == 0 ? -HUGE_VAL : x * from_bits(UINT64_C(0x7ff8) << 48);
    if (x > 0x1.fffffffffffffp+1023)
        return x;
    int exponent;
    double m = 2 * frexp(x, &exponent);
    exponent--;
    if (m >= 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        exponent++;
    }
    double f = m - 1, s = f / (2 + f), z = s * s, k = exponent;
    double rest = z * polynomial(c, 11, z);
    return k * ln2_high - ((s * (f - rest) - k * ln2_low) - f);
}

/* x = n pi/2 + (*high + *low), |high| <= pi/4. Returns n mod 4. */
static int reduce(double x, double *high, double *low)
{
    double n = floor(x * 0x1.45f306dc9c883p-1 + 0.5);
    double a = x - n * half_pi_1, b = n * half_pi_2;
    double r = a - b;
    double missing = (a - r) - b;
    double t = n * half_pi_3 - missing;
    *high = r - t;
    *low = (r - *high) - t;
    return (int)(n - 4 * floor(n * 0.25));
}

/* sin(y + low) = y + (low + y^3 (-1/3! + y^2/5! - …)), low entering the first terms only. */
static double sine(double y, double low)
{
    static const double c[] = {
        -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000,
        1.0 / 355687428096000,
    };
    double z = y * y;
    return y + ((low - 0.5 * z * low) + y * z * polynomial(c, 8, z));
}

static double cosine(double y, double low)
{
    static const double c[] = {
        1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000,
        -1.0 / 6402373705728000,
    };
    double z = y * y, half = 0.5 * z, w = 1 - half;
    return w + (((1 - w) - half) + (z * z * polynomial(c, 8, z) - y * low));
}

static double quadrant(double x, int turn)
{
    if (!(fabs(x) <= 0x1p20))
        return from_bits(UINT64_C(0x7ff8) << 48);
    double y, low;
    switch ((reduce(x, &y, &low) + turn) % 4) {
    case 0: return sine(y, low);
    case 1: return cosine(y, low);
    case 2: return -sine(y, low);
    default: return -cosine(y, low);
    }
}

double thor_sin(double x)
{
    return x == 0 ? x : quadrant(x, 0);
}

double thor_cos(double x)
{
    return quadrant(x, 1);
}

double thor_pow(double x, double y)
{
    if (y == 0)
        return 1;
    return thor_exp(y * thor_ln(x));
}

double thor_power(double x, int64_t n)
{
    double result = 1;
    for (; n > 0; n /= 2) {
        if (n % 2 == 1)
            result *= x;
        x *= x;
    }
    return result;
}
