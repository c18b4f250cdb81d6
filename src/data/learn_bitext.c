#include "data/learn_bitext.h"

#include <string.h>

#include "data/side.h"
#include "learn/words.h"

static thor_status add_line(void *words, const char *text, size_t count, thor_error *error)
{
    return thor_words_add(words, text, count, error);
}

static thor_status count_words(thor_words *words, const char *path, thor_error *error)
{
    THOR_TRY(thor_side_each(path, add_line, words, NULL, error));
    return thor_words_end_group(words, error);
}

/* Does `path` stand in an earlier place of the corpus than part `part`, side `side` of pair `pair`? A text that several
 * pairs share is learned from once. */
static bool seen_before(const thor_bitext *corpus, int32_t pair, int32_t part, int side, const char *path)
{
    for (int32_t p = 0; p <= pair; p++) {
        const thor_bitext_split *train = &corpus->pairs[p].splits[THOR_TRAIN];
        int32_t parts = p < pair ? train->count : part + 1;
        for (int32_t i = 0; i < parts; i++)
            for (int s = 0; s < (p == pair && i == part ? side : 2); s++)
                if (strcmp(train->parts[i].path[s], path) == 0)
                    return true;
    }
    return false;
}

static thor_status count_corpus(const thor_bitext *corpus, thor_words *words, thor_error *error)
{
    for (int32_t pair = 0; pair < corpus->pair_count; pair++) {
        const thor_bitext_split *train = &corpus->pairs[pair].splits[THOR_TRAIN];
        for (int32_t part = 0; part < train->count; part++)
            for (int side = 0; side < 2; side++) {
                const char *path = train->parts[part].path[side];
                if (!seen_before(corpus, pair, part, side, path))
                    THOR_TRY(count_words(words, path, error));
            }
    }
    return THOR_OK;
}

thor_status thor_bitext_learn(const thor_bitext *corpus, const thor_learn_options *options, thor_bytes *model,
                              thor_learn_report *report, thor_error *error)
{
    thor_words *words = NULL;
    thor_status status = thor_words_create(&words, options, error);
    if (status == THOR_OK)
        status = count_corpus(corpus, words, error);
    if (status == THOR_OK)
        status = thor_words_weigh(words, error);
    if (status == THOR_OK)
        status = thor_learn_words(options, words, model, report, error);
    thor_words_free(words);
    return status;
}
