/* A run of several processes leaves the files of one: started on some, gone on with on others. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../data/made_corpus.h"
#include "base/fileio.h"
#include "base/folder.h"
#include "run/run.h"
#include "tests/cluster/local_cluster.h"

static const int64_t counts[2][THOR_SPLITS] = { { 60, 9, 8 }, { 40, 7, 6 } };
static const char *const settings[] = { "batch.max_tokens=120", "batch.max_pieces=10", "model.width=16",
                                        "model.ffn_width=16", "batch.shards=5", "model.dropout=0.1",
                                        "lingual.dynamic=true", "lingual.grow_every=3" };

static char scratch[32];

static void enter(void)
{
    strcpy(scratch, "./scratch-together-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
    ck_assert_int_eq(chdir(scratch), 0);
    make_corpus("data", 2, counts, 8, false);
}

static void leave(void)
{
    thor_error error;
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(thor_remove_folder(scratch, &error), THOR_OK);
}

/* What all ranks do, and what one of them does otherwise. */
typedef struct {
    const char *recipe, *output, *data;
    size_t set_count;
    int64_t updates;
    int stops, stop_at;         /* the rank whose listener wants to stop, when asked so many times; -1: none */
    int other;                  /* the rank with other options; -1: none */
    thor_status expected;
    const char *sentence;
} plan;

typedef struct {
    int asked, stop_at;
} listener;

static bool should_stop(void *context)
{
    listener *l = context;
    return ++l->asked >= l->stop_at && l->stop_at > 0;
}

static void body(void *context, const thor_cluster *cluster)
{
    const plan *p = context;
    thor_error error = { .code = THOR_OK };
    listener l = { .stop_at = cluster->rank == p->stops ? p->stop_at : 0 };
    thor_run_listener heard = { .context = &l, .should_stop = should_stop };
    thor_run_options options = { .recipe = p->recipe, .scale = "tiny", .set = settings, .set_count = p->set_count,
                                 .data = p->data ? p->data : "data", .output = p->output, .threads = 1,
                                 .updates = p->updates, .validate_every = 4, .save_every = 3, .resume = true,
                                 .keep = 2, .cluster = cluster };
    if (cluster->rank == p->other && p->data)
        options.data = "nowhere";
    else if (cluster->rank == p->other)
        options.validate_every = 5;
    thor_run run = { .target = 0 };
    thor_run_end end;
    thor_status status = thor_run_open(&run, &options, &heard, &error);
    if (status == THOR_OK)
        status = thor_run_train(&run, &end, &error);
    ck_assert_msg(status == p->expected, "rank %d of %d: %d: %s", cluster->rank, cluster->size, (int)status,
                  error.text);
    if (p->sentence)
        ck_assert_msg(strstr(error.text, p->sentence) != NULL, "%s", error.text);
    thor_run_close(&run);
}

static void same_files(const char *a, const char *b, const char *name)
{
    char *left, *right, one[256], two[256];
    size_t left_count, right_count;
    thor_error error;
    snprintf(one, sizeof one, "%s/%s", a, name);
    snprintf(two, sizeof two, "%s/%s", b, name);
    ck_assert_msg(thor_read_file(one, 1 << 30, &left, &left_count, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_read_file(two, 1 << 30, &right, &right_count, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(left_count == right_count && memcmp(left, right, left_count) == 0, "%s and %s differ", one, two);
    free(left);
    free(right);
}

static void same_runs(const char *a, const char *b)
{
    static const char *const files[] = { "last/weights.safetensors", "last/optimizer.safetensors", "last/config.json",
                                         "last/vocab.model", "best/weights.safetensors",
                                         "config.json" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        same_files(a, b, files[i]);
}

static const char *const recipes[] = { "thor-topp", "lingual-moe", "gs-moe" };

START_TEST(starts_on_three_goes_on_with_five_ends_on_one)
{
    plan p = { .recipe = recipes[_i], .output = "whole", .set_count = _i == 1 ? 8 : 6, .updates = 11, .stops = -1,
               .other = -1 };
    local_cluster_run(1, body, &p);
    for (int size = 2; size <= 5; size++) {
        char name[32];
        snprintf(name, sizeof name, "on%d", size);
        p.output = name;
        local_cluster_run(size, body, &p);
        same_runs("whole", name);
    }
    p.output = "parts";
    p.stops = 2;
    p.stop_at = 5;
    local_cluster_run(3, body, &p);
    p.stops = 0;
    p.stop_at = 4;
    local_cluster_run(5, body, &p);
    p.stops = -1;
    local_cluster_run(1, body, &p);
    same_runs("whole", "parts");
}
END_TEST

/* Whoever fails, all end with one sentence, which names the rank. */
START_TEST(failures_are_everybodys)
{
    plan p = { .recipe = "thor-topp", .output = "failed", .set_count = 6, .updates = 4, .stops = -1, .other = 2,
               .expected = THOR_E_USAGE, .sentence = "--validate-every: '4' on rank 0 (here), '5' on rank 2 (here)" };
    local_cluster_run(3, body, &p);
    p.data = "data";
    p.expected = THOR_E_IO;
    p.sentence = "rank 2 (here): nowhere";
    local_cluster_run(4, body, &p);
    p.other = 0;
    p.sentence = "nowhere";
    local_cluster_run(2, body, &p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run together");
    TCase *tests = tcase_create("run together");
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_add_loop_test(tests, starts_on_three_goes_on_with_five_ends_on_one, 0, 3);
    tcase_add_test(tests, failures_are_everybodys);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
