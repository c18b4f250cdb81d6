#include "decode/long_line.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

static bool begins_word(const char *piece)
{
    return piece && strncmp(piece, "\xe2\x96\x81", 3) == 0;
}

/* Does the piece end with the mark of a sentence's end? */
static bool ends_sentence(const char *piece)
{
    static const char *const marks[] = {
        ".", "!", "?", "\xe3\x80\x82", "\xef\xbc\x81", "\xef\xbc\x9f", "\xe0\xa5\xa4"
    }; /* .!?。！？। */
    size_t length = piece ? strlen(piece) : 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t bytes = strlen(marks[i]);
        if (length >= bytes && strcmp(piece + length - bytes, marks[i]) == 0)
            return true;
    }
    return false;
}

int32_t thor_long_line_cut(const thor_vocab *vocab, const int32_t *ids, int32_t count, int32_t most)
{
    if (count <= most)
        return count;
    int32_t word = 0;
    for (int32_t at = most; at > most / 2; at--) {
        if (ends_sentence(thor_vocab_piece(vocab, ids[at - 1])))
            return at;
        if (!word && begins_word(thor_vocab_piece(vocab, ids[at])))
            word = at;
    }
    return word ? word : most;
}

/* Chinese and Japanese, and their marks. */
static bool writes_no_blanks(uint32_t code)
{
    return (code >= 0x2E80 && code < 0xA000) || (code >= 0xF900 && code < 0xFB00) ||
           (code >= 0xFF00 && code < 0xFFF0) || code >= 0x20000;
}

static uint32_t first_code(const char *text)
{
    uint32_t code = 0;
    return thor_utf8_next(text, strlen(text), &code) ? code : 0;
}

static uint32_t last_code(const char *text)
{
    size_t at = strlen(text);
    while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
        at--;
    return at > 0 ? first_code(text + at - 1) : 0;
}

bool thor_long_line_join(char **line, const char *text)
{
    size_t had = *line ? strlen(*line) : 0, more = strlen(text);
    size_t blank = had > 0 && more > 0 && !(writes_no_blanks(last_code(*line)) && writes_no_blanks(first_code(text)));
    char *longer = realloc(*line, had + blank + more + 1);
    if (!longer)
        return false;
    if (blank)
        longer[had] = ' ';
    memcpy(longer + had + blank, text, more + 1);
    *line = longer;
    return true;
}
