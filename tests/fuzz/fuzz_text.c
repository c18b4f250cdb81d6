/* Lines of text through a vocabulary and back: whatever is UTF-8 is encoded; what was decoded is UTF-8 again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pieces/encoder.h"
#include "tests/fuzz/fuzz.h"
#include "text/unicode.h"

static const thor_vocab *vocab_of(const char *name)
{
    static thor_vocab *held[2];
    int which = strcmp(name, "unigram.model") == 0;
    size_t size;
    thor_error error;
    if (!held[which]) {
        const void *bytes = fuzz_template(name, &size);
        if (thor_vocab_parse(&held[which], bytes, size, name, &error) != THOR_OK) {
            fprintf(stderr, "%s\n", error.text);
            exit(2);
        }
    }
    return held[which];
}

static void round_trip(const thor_vocab *vocab, const char *text, size_t count)
{
    thor_encoder encoder = { .normal = { .data = NULL } };
    thor_ids ids = { .ids = NULL };
    thor_error error;
    char *back = NULL;
    if (thor_encoder_line(&encoder, vocab, text, count, &ids, &error) == THOR_OK &&
        thor_vocab_decode(vocab, ids.ids, ids.count, &back, &error) == THOR_OK &&
        thor_unicode_check(back, strlen(back)) != strlen(back))
        abort();
    free(back);
    free(ids.ids);
    thor_encoder_free(&encoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t count = (size_t)((newline ? newline : end) - at);
        round_trip(vocab_of("bpe.model"), at, count);
        round_trip(vocab_of("unigram.model"), at, count);
        at += count + 1;
    }
    return 0;
}
