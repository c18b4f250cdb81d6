/* Cutting a text by merging pairs, best score first. */
#ifndef THOR_PIECES_BPE_ENCODE_H
#define THOR_PIECES_BPE_ENCODE_H

#include "base/status.h"
#include "pieces/segments.h"
#include "pieces/spm.h"

typedef struct thor_bpe thor_bpe;

thor_status thor_bpe_create(thor_bpe **bpe, const thor_spm *spm, thor_error *error);
void thor_bpe_free(thor_bpe *bpe);

/* Appends the pieces of `text`. It starts as characters (user-defined pieces are one and stay so); as long as two
 * neighbours together are a piece, the two whose piece has the best score are joined, the leftmost of equals
 * (Sennrich, Haddow and Birch 2016, with SentencePiece's order). Pieces of the type unused are taken apart again. */
thor_status thor_bpe_encode(const thor_bpe *bpe, const char *text, size_t count, thor_segments *out, thor_error *error);

#endif
