/* A SentencePiece model, character map included: opened, and put to work in both directions. */
#include <stdlib.h>
#include <string.h>

#include "pieces/encoder.h"
#include "tests/fuzz/fuzz.h"

static void use(const thor_vocab *vocab)
{
    static const char text[] = "A  quick \xE2\x96\x81 brown ﬁx №5 — in Ταχεία, быстрая. Ａ\t１２ ";
    thor_encoder encoder = { .normal = { .data = NULL } };
    thor_ids ids = { .ids = NULL };
    char *back = NULL;
    thor_error error;
    if (thor_encoder_line(&encoder, vocab, text, sizeof text - 1, &ids, &error) == THOR_OK)
        thor_vocab_decode(vocab, ids.ids, ids.count, &back, &error);
    for (int32_t id = -1; id < thor_vocab_pieces(vocab) + 5; id++)
        thor_vocab_piece(vocab, id);
    free(back);
    free(ids.ids);
    thor_encoder_free(&encoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    thor_vocab *vocab;
    thor_error error;
    if (thor_vocab_parse(&vocab, data, size, "fuzz", &error) != THOR_OK)
        return 0;
    use(vocab);
    thor_vocab_close(vocab);
    return 0;
}
