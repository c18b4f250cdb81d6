/* The sentences that the book makes, and the three parts that they are split into. Every choice comes from a hash of
 * the seed and of the thing chosen, so that any machine makes the same corpus. */
#ifndef THOR_PHRASEBOOK_CORPUS_H
#define THOR_PHRASEBOOK_CORPUS_H

#include <stdint.h>

#include "book.h"
#include "compose_options.h"
#include "count_table.h"

struct sentence {
    uint64_t key;               /* its place in the corpus's order; stands first, where the comparison looks */
    size_t frame;
    int split;
    char *text[LANGUAGES];
};

struct corpus {
    struct pool *pool;
    struct sentence *sentence;
    size_t sentences;
    size_t *from_frame;         /* sentences of each frame */
    struct count_table words[LANGUAGES];    /* how often each word is in train */
};

/* Composes all sentences and keeps as many as the options ask for, all in train. Prints those that --show asks for. */
struct corpus compose_corpus(const struct book *book, const struct options *options);

/* Gives sentences to dev and test, one by one in the corpus's order, while each of their words stays at least
 * options->least_seen times in train. */
void hold_out(struct corpus *corpus, const struct options *options);

/* Asserts what the README promises of the finished corpus. */
void check_corpus(struct corpus *corpus, const struct options *options);

/* Adds `step` to the count of each word of a sentence; the least count left. */
long count_words(struct corpus *corpus, const struct sentence *sentence, long step);

/* Writes the folders of the pairs (README.md) into `folder`, which is made. */
void write_corpus(const struct corpus *corpus, const char *folder);

/* Prints the counts that stand in the README. */
void report_corpus(const struct corpus *corpus, const struct book *book, const struct options *options);

#endif
