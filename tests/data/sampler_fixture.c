#include "sampler_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"

fixture at = { .scratch = "scratch-sampler-XXXXXX" };

const int64_t three_pairs[3][THOR_SPLITS] = { { 400, 40, 30 }, { 400, 17, 30 }, { 60, 1, 0 } };

void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(at.scratch));
    ck_assert_int_eq(chdir(at.scratch), 0);
}

void leave(void)
{
    thor_sampler_close(at.sampler);
    thor_config_free(&at.config);
    thor_prepared_close(&at.corpus);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(thor_remove_folder(at.scratch, &at.error), THOR_OK);
}

void must(thor_status status)
{
    ck_assert_msg(status == THOR_OK, "%s", at.error.text);
}

/* 200 tokens a batch, three shards a step. */
void open_corpus(const char *recipe)
{
    must(thor_prepared_open(&at.corpus, "corpus", NULL, THOR_CHECK_CONTENT, &at.error));
    must(thor_config_recipe(&at.config, recipe, &at.error));
    for (int32_t i = 0; i < at.corpus.language_count; i++)
        must(thor_names_add(&at.config.languages, at.corpus.languages[i], &at.error));
    at.config.vocab.ids = 4 + at.corpus.pieces + 1 + at.corpus.language_count;
    at.config.batch.max_tokens = 200;
    at.config.batch.shards = 3;
}

void open_sampler(void)
{
    must(thor_sampler_open(&at.sampler, &at.corpus, &at.config, NULL, 0, &at.error));
}
