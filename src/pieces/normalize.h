/* A line as it is before it is cut into pieces: characters mapped, blanks folded and written as U+2581. */
#ifndef THOR_PIECES_NORMALIZE_H
#define THOR_PIECES_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/status.h"

/* U+2581, which stands for a blank inside pieces. */
#define THOR_BLANK "\xE2\x96\x81"
enum { THOR_BLANK_BYTES = 3 };

struct thor_spm;

/* What is done to a line before it is cut. */
typedef struct thor_normal_rules {
    bool add_dummy_prefix, remove_extra_blanks, escape_blanks, blank_as_suffix;
    const unsigned char *charsmap;      /* precompiled map, in the file's bytes; NULL: none */
    size_t charsmap_bytes;
} thor_normal_rules;

/* Checks a precompiled character map's sizes; `name` stands in errors. A model without a map passes. */
thor_status thor_normal_check(const thor_normal_rules *rules, const char *name, thor_error *error);

/* Appends the normalised form of `text` (UTF-8) to *out. `users` is the model (pieces/spm.h) whose user-defined pieces
 * stay as they are; NULL: there are none. The rules are SentencePiece's, in its order:
 *   1. leading blanks go, when extra blanks are removed; an empty rest gives nothing;
 *   2. U+2581 in front, when there is a dummy prefix (behind everything instead, for blanks as suffixes);
 *   3. the longest entry of the character map at each place is replaced; of neighbouring blanks one stays, when
 *      extra ones are removed; blanks become U+2581;
 *   4. trailing U+2581 go, when extra blanks are removed. */
void thor_normalize(const thor_normal_rules *rules, const struct thor_spm *users, const char *text, size_t count,
                    thor_bytes *out);

#endif
