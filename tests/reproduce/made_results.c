#include "tests/reproduce/made_results.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/folder.h"

enum { TASKS = 3, POINTS = 8 };

int made_quality(size_t system, uint64_t seed)
{
    return 30 + (int)(system * 5 % 17) + (int)seed % 3;
}

void made_sentence(size_t system, uint64_t seed, int test, int sentence, double row[THOR_SENTENCE_COLUMNS])
{
    int length = 10 + (sentence * 7 + test) % 11, quality = made_quality(system, seed);
    row[0] = row[1] = length;
    for (int n = 0; n < 4; n++) {
        row[6 + n] = length - n;
        row[2 + n] = (length - n) * (quality + (sentence * (3 + (int)system) + test) % 9) / 64;
    }
}

double plain_bleu(const double sums[THOR_SENTENCE_COLUMNS])
{
    double mean = 0;
    for (int n = 0; n < 4; n++)
        mean += log(100 * sums[2 + n] / sums[6 + n]) / 4;
    return exp(mean);
}

double made_bleu(const made_options *options, size_t system, uint64_t seed, int test)
{
    double sums[THOR_SENTENCE_COLUMNS] = { 0 }, row[THOR_SENTENCE_COLUMNS];
    for (int i = 0; i < options->sentences; i++) {
        made_sentence(system, seed, test, i, row);
        for (int c = 0; c < THOR_SENTENCE_COLUMNS; c++)
            sums[c] += row[c];
    }
    return plain_bleu(sums);
}

double made_chrf(size_t system, uint64_t seed, int test)
{
    return 40 + (double)made_quality(system, seed) / 4 + test;
}

double made_experts(size_t system, uint64_t seed)
{
    return 1.25 + 0.125 * (double)(system % 5) + (double)(seed % 4) / 64;
}

static char *place(const thor_job_plan *plan, size_t job, const char *out, const char *file)
{
    char *path = thor_job_path(plan, job, out, file);
    ck_assert_ptr_nonnull(path);
    return path;
}

static void make_scores(const thor_job_plan *plan, size_t job, const char *out, const made_options *options)
{
    size_t system = job % plan->system_count;
    uint64_t seed = thor_job_seed(plan, job);
    thor_error error;
    thor_test_scores tests[64];
    thor_job_scores scores = { .updates = 800, .best_updates = 700, .tests = tests };
    scores.perplexity = 20 + (double)system + (double)seed / 8;
    static const char *const none[] = { "", NULL };
    for (const char *const *domain = options->domains ? options->domains : none; *domain; domain++)
        for (const char *const *direction = options->directions; *direction; direction++) {
            int t = (int)scores.count++;
            thor_test_scores *test = &tests[t];
            *test = (thor_test_scores){ .sentences = options->sentences, .bleu = made_bleu(options, system, seed, t),
                                        .chrf = made_chrf(system, seed, t), .bleu_13a = NAN };
            snprintf(test->direction, sizeof test->direction, "%s", *direction);
            snprintf(test->domain, sizeof test->domain, "%s", *domain);
            snprintf(test->signature, sizeof test->signature, "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp");
            test->rows = calloc((size_t)options->sentences, THOR_SENTENCE_COLUMNS * sizeof *test->rows);
            for (int i = 0; i < options->sentences; i++)
                made_sentence(system, seed, t, i, test->rows + i * THOR_SENTENCE_COLUMNS);
        }
    char *path = place(plan, job, out, "scores.json");
    ck_assert_msg(thor_job_scores_write(&scores, path, &error) == THOR_OK, "%s", error.text);
    for (size_t t = 0; t < scores.count; t++)
        free(tests[t].rows);
    free(path);
}

static void make_routing(const thor_job_plan *plan, size_t job, const char *out)
{
    size_t system = job % plan->system_count;
    uint64_t seed = thor_job_seed(plan, job);
    double experts = made_experts(system, seed), updates[POINTS], curve[POINTS];
    char names[TASKS][64] = { "de", "en", "fy" };
    thor_named_number groups[TASKS];
    int64_t confusion[TASKS * TASKS] = { 30, 10, 10, 0, 200, 0, 20, 20, 10 }, sizes[TASKS] = { 50, 200, 50 };
    double similarity[TASKS * TASKS] = { 0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0.25, 0.5, 0.25 };
    thor_error error;
    for (int i = 0; i < POINTS; i++) {
        updates[i] = 100 * (i + 1);
        curve[i] = experts + 4.0 / (i + 1);
    }
    for (int t = 0; t < TASKS; t++) {
        memcpy(groups[t].name, names[t], sizeof names[t]);
        groups[t].value = experts + 0.0625 * t;
    }
    const thor_job_routing routing = {
        .experts_per_token = experts, .groups = groups, .group_count = TASKS, .used_share = 0.75, .candidate_sets = 2,
        .updates = updates, .experts = curve, .curve_count = POINTS, .tasks = TASKS, .task_names = names,
        .sentences = { 200, 100, 0 }, .right = { 200, 40, 0 }, .confusion = confusion, .similarity = similarity,
        .cluster_sizes = sizes,
    };
    char *path = place(plan, job, out, "routing.json");
    ck_assert_msg(thor_job_routing_write(&routing, path, &error) == THOR_OK, "%s", error.text);
    free(path);
}

static void make_cost(const thor_job_plan *plan, size_t job, const char *out)
{
    size_t system = job % plan->system_count;
    static const int64_t batches[] = { 1, 8, 32 }, lengths[] = { 10, 25, 50, 100 };
    thor_translation_cost points[12];
    thor_error error;
    for (int i = 0; i < 12; i++)
        points[i] = (thor_translation_cost){ batches[i / 4], lengths[i % 4], 3.5 * (double)lengths[i % 4],
                                             1048576.0 * (double)(40 + batches[i / 4]) };
    const thor_job_cost cost = { .parameters = 2000000 + 500000 * (int64_t)system, .parameters_per_token = 1.5e6,
                                 .gflop_per_token = 0.0125, .tokens_per_second = 4000 - 10 * (double)job,
                                 .training_bytes = 300e6, .training_seconds = 1800, .translation = points,
                                 .count = 12 };
    char *path = place(plan, job, out, "cost.json");
    ck_assert_msg(thor_job_cost_write(&cost, path, &error) == THOR_OK, "%s", error.text);
    free(path);
}

static bool is_done(const thor_job_plan *plan, size_t job, const made_options *options)
{
    for (size_t i = 0; i < sizeof options->without / sizeof *options->without; i++)
        if (options->without[i] && strcmp(options->without[i], thor_job_system(plan, job)->name) == 0)
            return false;
    return options->without_seed == 0 || thor_job_seed(plan, job) != options->without_seed;
}

void make_results(const thor_job_plan *plan, const char *out, const made_options *options)
{
    thor_data_pair pairs[] = { { "de-en", 5000, 4900, 100, 40 }, { "en-fy", 700, 650, 100, 40 } };
    const thor_data_facts facts = { pairs, 2, TASKS };
    thor_error error;
    for (size_t job = 0; job < thor_job_count(plan); job++) {
        if (!is_done(plan, job, options))
            continue;
        char *folder = place(plan, job, out, NULL), *done = place(plan, job, out, "done");
        ck_assert_msg(thor_make_folder(folder, &error) == THOR_OK, "%s", error.text);
        make_scores(plan, job, out, options);
        make_routing(plan, job, out);
        make_cost(plan, job, out);
        ck_assert_int_eq(thor_write_file(done, "", 0, &error), THOR_OK);
        free(folder);
        free(done);
    }
    char *path = thor_path(out, "data.json");
    ck_assert_msg(thor_make_folder(out, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(thor_data_facts_write(&facts, path, &error), THOR_OK);
    free(path);
}
