/* What thor score computes, without its printing: systems, a table of directions and its means. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "score/score_systems.h"
#include "score/score_table.h"

static char folder[64];

static char *inside(const char *name)
{
    static char text[4][128];
    static int next;
    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[next], "%s/%s", folder, name);
    return text[next];
}

static void put(const char *name, const char *text)
{
    ck_assert_int_eq(thor_write_file(inside(name), text, strlen(text), NULL), THOR_OK);
}

static void set_up(void)
{
    snprintf(folder, sizeof folder, "scratch-check_score_job-%ld", (long)getpid());
    ck_assert_int_eq(thor_make_folder(folder, NULL), THOR_OK);
    put("reference", "the cat sat on the mat today\nit rains in the old town\n");
    put("good", "the cat sat on the mat today\nit rains in the new town\n");
    put("bad", "a cat sat on a mat\nrain is in town\n");
    put("short", "one line\n");
}

static void tear_down(void)
{
    ck_assert_int_eq(thor_remove_folder(folder, NULL), THOR_OK);
}

static thor_score_job bleu_job(void)
{
    thor_score_job job = { .metric_count = 1 };
    job.metrics[0] = (thor_metric){ .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults(),
                                    .chrf = thor_chrf_defaults() };
    return job;
}

static double bleu_of(const char *hypothesis_file)
{
    thor_score_job job = bleu_job();
    thor_score_system system = { .name = hypothesis_file };
    thor_score_corpus corpus;
    thor_score score;
    thor_error error;
    ck_assert_int_eq(thor_score_lines_open(&system.lines, inside(hypothesis_file), &error), THOR_OK);
    ck_assert_int_eq(thor_score_job_add_reference(&job, inside("reference"), &error), THOR_OK);
    ck_assert_int_eq(thor_score_job_corpus(&job, &system, &corpus, &error), THOR_OK);
    ck_assert_int_eq(thor_score_of(&job, &job.metrics[0], &corpus, &score, &error), THOR_OK);
    ck_assert_str_eq(score.title, "BLEU");
    ck_assert(!score.has_interval && score.details[0] != '\0');
    thor_score_job_free_references(&job);
    thor_score_lines_free(&system.lines);
    return score.score;
}

START_TEST(systems_are_compared)
{
    thor_score_job job = bleu_job();
    thor_score_system systems[] = { { .name = "good" }, { .name = "bad" } };
    thor_system_score scores[2];
    thor_error error;
    job.systems = systems;
    job.system_count = 2;
    job.paired = true;
    job.draws.count = 50;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(thor_score_lines_open(&systems[i].lines, inside(systems[i].name), &error), THOR_OK);
    ck_assert_int_eq(thor_score_job_add_reference(&job, inside("reference"), &error), THOR_OK);
    ck_assert_msg(thor_score_systems(&job, scores, &error) == THOR_OK, "%s", error.text);
    ck_assert(scores[0].score == bleu_of("good") && scores[1].score == bleu_of("bad"));
    ck_assert(scores[0].score > scores[1].score);
    ck_assert(scores[0].p == 0 && scores[1].p > 0 && scores[1].p <= 1);
    thor_score_lines_free(&systems[1].lines);
    ck_assert_int_eq(thor_score_lines_open(&systems[1].lines, inside("short"), &error), THOR_OK);
    ck_assert_int_eq(thor_score_systems(&job, scores, &error), THOR_E_FAILED);
    ck_assert_ptr_nonnull(strstr(error.text, "has 1 lines"));
    for (int i = 0; i < 2; i++)
        thor_score_lines_free(&systems[i].lines);
    thor_score_job_free_references(&job);
}
END_TEST

static thor_status count_visits(void *context, const thor_score_job *files, const thor_score_direction *row,
                                const char *source, thor_error *error)
{
    int *visits = context;
    (void)error;
    ck_assert_uint_eq(files->reference_count, 1);
    ck_assert(strcmp(row->name, "en-de") != 0 || (source && strcmp(source, "there") == 0));
    ck_assert_str_eq(row->label, strcmp(row->name, "en-de") == 0 ? "it" : "");
    ++*visits;
    return THOR_OK;
}

START_TEST(directions_are_averaged)
{
    char text[1024];
    int visits = 0;
    thor_score_job job = bleu_job();
    thor_score_table table = { .job = &job, .visit = count_visits, .context = &visits };
    thor_averages means;
    thor_error error;
    snprintf(text, sizeof text, "# directions\nen-de\t%s\tsource=there\tname=it\t%s\nbg-en\t%s\t%s\n", inside("good"),
             inside("reference"), inside("bad"), inside("reference"));
    put("table", text);
    ck_assert_msg(thor_score_table_read(&table, inside("table"), &error) == THOR_OK, "%s", error.text);
    ck_assert(table.count == 2 && visits == 2);
    ck_assert(table.directions[0].scores[0].score == bleu_of("good"));
    ck_assert(table.directions[0].from_english && !table.directions[1].from_english);
    ck_assert_int_eq(thor_score_table_means(&table, 0, THOR_SCORE_INTO_ENGLISH, &means, &error), THOR_OK);
    ck_assert(means.directions == 1 && means.all == bleu_of("bad"));
    ck_assert_int_eq(thor_score_table_means(&table, 0, THOR_SCORE_ALL, &means, &error), THOR_OK);
    ck_assert_uint_eq(means.directions, 2);
    thor_score_table_free(&table);
    snprintf(text, sizeof text, "en-de\t%s\n", inside("good"));
    put("table", text);
    ck_assert_int_eq(thor_score_table_read(&table, inside("table"), &error), THOR_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "table:1: found 2 fields"));
    thor_score_table_free(&table);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("score_job");
    TCase *tests = tcase_create("score_job");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, systems_are_compared);
    tcase_add_test(tests, directions_are_averaged);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
