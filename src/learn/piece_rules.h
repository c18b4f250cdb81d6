/* Which texts may be pieces, as SentencePiece decides it. */
#ifndef THOR_LEARN_PIECE_RULES_H
#define THOR_LEARN_PIECE_RULES_H

#include "learn/learn_options.h"

/* What has to be known of the characters so far. */
typedef struct thor_piece_prefix {
    int32_t characters, blanks;
    int script;                 /* -1: any */
    bool first_blank, last_blank, has_digit;
} thor_piece_prefix;

extern const thor_piece_prefix thor_piece_nothing;

/* Adds a character. False when no piece starts with the characters: it is a tab or U+2585, there are too many, scripts
 * change, or a digit is not alone. */
bool thor_piece_add(const thor_learn_options *options, thor_piece_prefix *prefix, uint32_t code);
/* The same for characters of UTF-8. */
bool thor_piece_add_text(const thor_learn_options *options, thor_piece_prefix *prefix, const char *text, size_t bytes);

/* May the characters so far be a piece? They may, unless blanks stand where none may stand: behind the start with
 * split_by_blank, else at the end (blanks as suffixes: before the end, else at the start). */
bool thor_piece_allowed(const thor_learn_options *options, const thor_piece_prefix *prefix);

#endif
