/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef THOR_TEXT_UTF8_H
#define THOR_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Number of leading bytes of `text` that are whole, valid characters; `count` when all are. */
size_t thor_utf8_valid(const char *text, size_t count);

/* Bytes of the first character, 1 … 4; 0 when it is not valid or `count` is 0. The code point lands in *code. */
size_t thor_utf8_next(const char *text, size_t count, uint32_t *code);

/* Bytes of the character that starts with `lead`, for text that is known to be valid. */
static inline size_t thor_utf8_length(char lead)
{
    unsigned char c = (unsigned char)lead;
    return c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* Bytes of the byte order mark in front of a file's text: 3, or 0 where there is none. */
static inline size_t thor_utf8_mark(const char *text, size_t count)
{
    return count >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Leaves such a mark out. */
static inline void thor_utf8_skip_mark(const char **text, size_t *count)
{
    size_t mark = thor_utf8_mark(*text, *count);
    *text += mark;
    *count -= mark;
}

/* Writes the character and returns its bytes, 1 … 4. `code` has to be a code point that is no surrogate. */
size_t thor_utf8_put(uint32_t code, char text[4]);

#endif
