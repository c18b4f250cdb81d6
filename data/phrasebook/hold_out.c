#include <limits.h>
#include <string.h>

#include "corpus.h"
#include "fail.h"
#include "letters.h"

long count_words(struct corpus *corpus, const struct sentence *sentence, long step)
{
    long least = LONG_MAX;
    for (int language = 0; language < LANGUAGES; language++) {
        const char *at = sentence->text[language];
        const char *word;
        size_t length;
        while ((word = next_word(&at, language, &length)) != NULL) {
            long *count = table_count(&corpus->words[language], word, length);
            *count += step;
            if (*count < least)
                least = *count;
        }
    }
    return least;
}

/* The part that lags behind its share, so that both grow at the rates of their sizes. */
static int next_split(const size_t have[SPLITS], const size_t want[SPLITS])
{
    return have[DEV] * want[TEST] < have[TEST] * want[DEV] || have[TEST] >= want[TEST] ? DEV : TEST;
}

void hold_out(struct corpus *corpus, const struct options *options)
{
    size_t have[SPLITS] = { 0 };
    for (size_t i = 0; i < corpus->sentences; i++) {
        struct sentence *sentence = &corpus->sentence[i];
        int split = next_split(have, options->count);
        if (have[split] >= options->count[split])
            break;
        if (count_words(corpus, sentence, -1) < (long)options->least_seen) {
            count_words(corpus, sentence, 1);
            continue;
        }
        sentence->split = split;
        have[split]++;
    }
    if (have[DEV] < options->count[DEV] || have[TEST] < options->count[TEST])
        fail(options->frames, 0, "too many rare words: only %zu dev, %zu test", have[DEV], have[TEST]);
}

void check_corpus(struct corpus *corpus, const struct options *options)
{
    struct count_table seen[LANGUAGES];
    for (int i = 0; i < LANGUAGES; i++)
        seen[i] = (struct count_table){ .pool = corpus->pool };
    for (size_t i = 0; i < corpus->sentences; i++) {
        const struct sentence *sentence = &corpus->sentence[i];
        for (int k = 0; k < LANGUAGES; k++)
            if ((*table_count(&seen[k], sentence->text[k], strlen(sentence->text[k])))++ > 0)
                fail(options->frames, 0, "twice in %s: %s", language_code[k], sentence->text[k]);
        if (sentence->split != TRAIN && count_words(corpus, sentence, 0) < (long)options->least_seen)
            fail(options->frames, 0, "rare word held out: %s", sentence->text[ENGLISH]);
    }
}
