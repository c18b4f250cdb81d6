/* Unicode's compatibility composition (NFKC) as a character map, from utf8proc's data. */
#ifndef THOR_PIECES_NFKC_MAP_H
#define THOR_PIECES_NFKC_MAP_H

#include <stdbool.h>

#include "pieces/charsmap.h"

/* Fills an empty map: every character whose NFKC is another text, and every sequence of characters that composes to
 * something else than the sum of its parts. With `nmt` the further rules of SentencePiece's nmt_nfkc: control
 * characters go, other blanks become blanks, the full-width tilde stays. With `fold` all targets and characters are
 * case-folded one to one. No memory: map->failed. */
void thor_nfkc_map_make(thor_charsmap *map, bool nmt, bool fold);

#endif
