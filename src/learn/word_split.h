/* Lines to words, as learning sees them. */
#ifndef THOR_LEARN_WORD_SPLIT_H
#define THOR_LEARN_WORD_SPLIT_H

#include "base/bytes.h"
#include "learn/learn_options.h"
#include "text/hash_tables.h"

/* What stands behind a word: THOR_NEXT_SEVERAL characters, THOR_NEXT_NONE (not seen yet), THOR_NEXT_END of the line, or
 * this code point. */
enum { THOR_NEXT_END = 0, THOR_NEXT_SEVERAL = 0x110000, THOR_NEXT_NONE = 0x110001 };

typedef struct thor_splitter {
    const thor_learn_options *options;
    thor_bytes charsmap;        /* compiled; goes into the model */
    thor_normal_rules rules;
    thor_strings marks;         /* spellings of meta pieces, which become a tab */
    size_t longest_mark;
    bool starts_mark[256];
} thor_splitter;

/* `options` have to stay. Errors: those of thor_charsmap_by_name. */
thor_status thor_splitter_make(thor_splitter *splitter, const thor_learn_options *options, thor_error *error);
void thor_splitter_free(thor_splitter *splitter);

/* A word of these lines: bytes of thor_line_words.text. */
typedef struct thor_line_word {
    uint32_t hash, at, bytes, next;     /* next: what stands behind it */
} thor_line_word;

/* The words of several lines. Zero it before the first use, thor_line_words_free after the last. */
typedef struct thor_line_words {
    thor_bytes text, normal;
    thor_line_word *words;
    size_t count, room;
    int64_t left_out;           /* lines that were too long, or have U+2585, which stands for rare characters */
    bool failed;                /* no memory */
} thor_line_words;

void thor_line_words_add(const thor_splitter *splitter, const char *line, size_t count, thor_line_words *out);
/* Does the line hold U+2585? */
bool thor_line_has_rare(const char *line, size_t count);

void thor_line_words_free(thor_line_words *lines);

#endif
