/* A learned vocabulary as a SentencePiece model. */
#ifndef THOR_LEARN_LEARN_WRITE_H
#define THOR_LEARN_LEARN_WRITE_H

#include "base/bytes.h"
#include "learn/learn_options.h"
#include "learn/words.h"

typedef struct thor_learned_piece {
    const char *text;
    size_t bytes;
    float score;
} thor_learned_piece;

/* Appends the model: special, control, user-defined and byte pieces, then the learned ones, then the options. */
thor_status thor_learn_write(const thor_learn_options *options, const thor_words *words,
                             const thor_learned_piece *pieces, size_t count, thor_bytes *model, thor_error *error);

#endif
