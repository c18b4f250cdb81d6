/* The words of a corpus and how often each stands in it: what a vocabulary is learned from. Only they are kept, not the
 * text. */
#ifndef THOR_LEARN_WORDS_H
#define THOR_LEARN_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "learn/learn_options.h"

typedef struct thor_words thor_words;

/* `options` have to stay as long as the words do. Errors: those of the normalisation (thor_charsmap_by_name). */
thor_status thor_words_create(thor_words **words, const thor_learn_options *options, thor_error *error);
void thor_words_free(thor_words *words);

/* Counts the words of one line (valid UTF-8) for the present group: normalised by the options' rule, cut before each
 * U+2581 (behind it, where blanks are suffixes; not at all without split_by_blank). The spellings of special, control,
 * user-defined and byte pieces become a tab, which is never learned. Lines that are too long or hold U+2585, which
 * stands for rare characters, are left out. The line is copied; counting happens later, on options->threads. */
thor_status thor_words_add(thor_words *words, const char *text, size_t count, thor_error *error);

/* Ends a group; what comes next is counted for another one. A group is what the temperature weighs: a file, a
 * language. */
thor_status thor_words_end_group(thor_words *words, thor_error *error);

/* All lines of a file as one group. Errors: as thor_lines. */
thor_status thor_words_add_file(thor_words *words, const char *path, thor_error *error);

/* Ends counting: every word gets its weight, and the words are sorted by weight, largest first, then by bytes. With a
 * temperature T of 1 a weight is the number of occurrences. Otherwise group g with n_g of all N lines has the share p_g
 * = n_g / N, which is to become p_g^(1/T) / sum p^(1/T): an occurrence in g weighs
 *     m_g = round(1024 * (p_g / p_max)^(1/T - 1)),
 * 1024 in the group with the most lines, the same numbers on every machine (thor_pow). */
thor_status thor_words_weigh(thor_words *words, thor_error *error);

/* After thor_words_weigh: words 0 … count - 1; the text has no zero byte behind it. */
size_t thor_words_count(const thor_words *words);
const char *thor_words_text(const thor_words *words, size_t index, size_t *count);
int64_t thor_words_weight(const thor_words *words, size_t index);
/* What stands behind the word in the text: THOR_NEXT_… of learn/word_split.h, or a code point. */
uint32_t thor_words_next(const thor_words *words, size_t index);

/* Lines counted, and lines left out. */
int64_t thor_words_lines(const thor_words *words);
int64_t thor_words_left_out(const thor_words *words);

/* The compiled map of the options' normalisation; 0 bytes: there is none. */
const void *thor_words_charsmap(const thor_words *words, size_t *count);

#endif
