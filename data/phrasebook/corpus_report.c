#include <stdio.h>

#include "corpus.h"

/* Different words of a language in train: all, and those seen often enough to be held out too. */
static void report_words(const struct count_table *words, int language, size_t least_seen)
{
    size_t often = 0;
    for (size_t i = 0; i < words->room; i++)
        often += words->key[i] != NULL && words->count[i] >= (long)least_seen;
    printf("%s: %zu %s in train, %zu of them %zu times or more\n", language_code[language], words->used,
           language == CHINESE ? "characters" : "words", often, least_seen);
}

void report_corpus(const struct corpus *corpus, const struct book *book, const struct options *options)
{
    size_t most = 0;
    for (size_t i = 1; i < book->frames; i++)
        if (corpus->from_frame[i] > corpus->from_frame[most])
            most = i;
    printf("frames %zu, words in the lexicon %zu\n", book->frames, book->words);
    printf("sentences: train %zu, dev %zu, test %zu\n", options->count[TRAIN], options->count[DEV],
           options->count[TEST]);
    printf("largest frame: %s, %zu sentences (%.1f%%)\n", book->frame[most].name, corpus->from_frame[most],
           100.0 * (double)corpus->from_frame[most] / (double)corpus->sentences);
    for (int i = 0; i < LANGUAGES; i++)
        report_words(&corpus->words[i], i, options->least_seen);
    printf("held out: each word is %zu times or more in train\n", options->least_seen);
}
