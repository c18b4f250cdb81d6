/* How often each direction is drawn in an epoch: fairseq's temperature sampling.
 *
 *   r_i = (n_i / sum n)^(1/T), divided by their sum
  * V = floor(min(sum over i of r_i / r_max * n_max, 1.5 * sum n)), max: the direction with most sentences, the first of
  * equal ones
 *   c_i = floor(V r_i), and each of the V - sum c_i that are left goes to direction i with probability r_i
 *
  * All in binary64 with base/dmath.h. A product V r_i that misses a whole number by less than 2^-40 of itself counts as
  * that number, so that directions of equal size get equal counts whatever the last bits of a power are. */
#ifndef THOR_DATA_SHARES_H
#define THOR_DATA_SHARES_H

#include <stdint.h>

#include "base/rng.h"

/* r[count] from the sizes n[count]; at least one of them is not 0. temperature > 0. */
void thor_shares(double *r, const int64_t *n, int32_t count, double temperature);

/* V. */
int64_t thor_virtual_size(const double *r, const int64_t *n, int32_t count);

/* c[count] for an epoch. Draw j takes the uniform number of element j of `rng`. */
void thor_share_counts(int64_t *c, const double *r, int32_t count, int64_t virtual_size, const thor_rng *rng);

#endif
