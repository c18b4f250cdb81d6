/* A line as it is before it is cut into pieces: characters mapped, blanks folded and written as U+2581. */
#ifndef THOR_TEXT_NORMALIZE_H
#define THOR_TEXT_NORMALIZE_H

#include "base/bytes.h"
#include "base/status.h"
#include "text/spm.h"

/* Checks a precompiled character map's sizes; `name` stands in errors. A model without a map passes. */
thor_status thor_normal_check(const thor_normal_rules *rules, const char *name, thor_error *error);

/* Appends the normalised form of `text` (UTF-8) to *out. `users` is the model whose user-defined pieces stay as they
 * are; NULL: there are none. The rules are SentencePiece's, in its order:
 *   1. leading blanks go, when extra blanks are removed; an empty rest gives nothing;
 *   2. U+2581 in front, when there is a dummy prefix (behind everything instead, for blanks as suffixes);
 *   3. the longest entry of the character map at each place is replaced; of neighbouring blanks one stays, when
 *      extra ones are removed; blanks become U+2581;
 *   4. trailing U+2581 go, when extra blanks are removed. */
void thor_normalize(const thor_normal_rules *rules, const thor_spm *users, const char *text, size_t count,
                    thor_bytes *out);

#endif
