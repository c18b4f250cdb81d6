/* Characters as the metrics of translation see them: UTF-8 in and out, coarse general categories, white space and
 * lower case as Python's str has them (Unicode's full mapping with the final sigma, not tailored to a language). */
#ifndef THOR_TEXT_UNICODE_H
#define THOR_TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum thor_unicode_kind {
    THOR_UNICODE_OTHER,
    THOR_UNICODE_NUMBER,        /* general categories Nd, Nl, No */
    THOR_UNICODE_PUNCTUATION,   /* Pc, Pd, Ps, Pe, Pi, Pf, Po */
    THOR_UNICODE_SYMBOL         /* Sm, Sc, Sk, So */
} thor_unicode_kind;

/* Bytes of the first character of `left` bytes (1 … 4) and its code point; 0 when they are not UTF-8 or left is 0. */
size_t thor_unicode_get(const char *bytes, size_t left, int32_t *code);

/* Writes a code point as UTF-8; returns the bytes written (1 … 4). */
size_t thor_unicode_put(char bytes[4], int32_t code);

/* Offset of the first byte that is not UTF-8, or `count` when all are. */
size_t thor_unicode_check(const char *bytes, size_t count);

thor_unicode_kind thor_unicode_kind_of(int32_t code);

/* What Python's str.isspace, split and strip take for white space (bidirectional class WS, B, S or category Zs). */
bool thor_unicode_is_space(int32_t code);

/* Bytes that are left when white space is cut off at the end; the text has to be UTF-8. */
size_t thor_unicode_trim_right(const char *bytes, size_t count);

/* Lower case of `count` code points into out[2 * count]; returns how many were written. A capital sigma becomes a
 * final one after a cased letter and before none, case-ignorable characters skipped (Unicode 3.13, Final_Sigma). */
size_t thor_unicode_lower(const int32_t *codes, size_t count, int32_t *out);

#endif
