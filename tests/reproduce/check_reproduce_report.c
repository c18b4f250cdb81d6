/* Made-up results in, the report back, value by value. */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "reproduce/reproduce_report.h"
#include "score/pcg64.h"
#include "tests/reproduce/made_results.h"

enum { RESAMPLES = 200 };

static const char *const both[] = { "de-en", "en-de", "en-fy", "fy-en", "en-nb", "nb-en", NULL };
static const char *const into[] = { "de-en", "fy-en", NULL };
static char out[64];

/* Reports on made results; the caller frees the plan and the JSON. */
static json_t *report_of(thor_job_plan *plan, const thor_plan_request *request, const made_options *options)
{
    const thor_report_options how = { .version = "test", .resamples = RESAMPLES };
    thor_error error;
    char path[128];
    snprintf(out, sizeof out, "scratch-report-%ld", (long)getpid());
    ck_assert_int_eq(thor_remove_folder(out, &error), THOR_OK);
    ck_assert_msg(thor_job_plan_make(plan, request, &error) == THOR_OK, "%s", error.text);
    make_results(plan, out, options);
    ck_assert_msg(thor_reproduce_report(plan, out, &how, &error) == THOR_OK, "%s", error.text);
    snprintf(path, sizeof path, "%s/report.json", out);
    json_t *root = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(root);
    return root;
}

/* A cell by the name of its row and column; NULL where there is none. */
static json_t *cell_of(json_t *root, const char *kind, const char *table, const char *row, const char *column)
{
    json_t *sheet = json_object_get(json_object_get(root, kind), table), *columns = json_object_get(sheet, "columns");
    json_t *rows = json_object_get(sheet, "rows");
    for (size_t r = 0; r < json_array_size(rows); r++)
        for (size_t c = 0; c < json_array_size(columns); c++) {
            json_t *cells = json_array_get(rows, r);
            if (strcmp(json_string_value(json_array_get(columns, c)), column) == 0 &&
                strcmp(json_string_value(json_array_get(cells, 0)), row) == 0)
                return json_array_get(cells, c);
        }
    return NULL;
}

static double number_of(json_t *root, const char *table, const char *row, const char *column, const char *key)
{
    json_t *cell = cell_of(root, "tables", table, row, column);
    ck_assert_msg(cell != NULL, "table %s has no %s, %s", table, row, column);
    json_t *value = json_object_get(cell, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static json_t *claim_of(json_t *root, int number)
{
    size_t i;
    json_t *claim;
    json_array_foreach(json_object_get(root, "claims"), i, claim)
        if (json_integer_value(json_object_get(claim, "number")) == number)
            return claim;
    return NULL;
}

static const char *verdict_of(json_t *root, int number)
{
    return json_string_value(json_object_get(claim_of(root, number), "verdict"));
}

static char *file_of(const char *name)
{
    char path[128], *text;
    size_t count;
    thor_error error;
    snprintf(path, sizeof path, "%s/%s", out, name);
    ck_assert_msg(thor_read_file(path, 1 << 26, &text, &count, &error) == THOR_OK, "%s", error.text);
    return text;
}

static void close_all(json_t *root, thor_job_plan *plan)
{
    json_decref(root);
    thor_job_plan_free(plan);
    ck_assert_int_eq(thor_remove_folder(out, NULL), THOR_OK);
}

/* A mean over the directions that are chosen, and over seeds. */
static double expected_mean(const made_options *options, size_t system, const uint64_t *seeds, size_t seed_count,
                            const char *source, double *deviation)
{
    double values[8], sum = 0, squares = 0;
    for (size_t s = 0; s < seed_count; s++) {
        double all = 0;
        int count = 0;
        for (int t = 0; options->directions[t]; t++)
            if (!source || strncmp(options->directions[t], source, 3) == 0) {
                all += made_bleu(options, system, seeds[s], t);
                count++;
            }
        sum += values[s] = all / count;
    }
    for (size_t s = 0; s < seed_count; s++)
        squares += pow(values[s] - sum / (double)seed_count, 2);
    *deviation = seed_count > 1 ? sqrt(squares / (double)(seed_count - 1)) : NAN;
    return sum / (double)seed_count;
}

START_TEST(every_recipe_value_by_value)
{
    static const uint64_t seeds[] = { 1, 2, 3 };
    const thor_plan_request request = { .seeds = seeds, .seed_count = 3, .experts = 8 };
    const made_options options = { .directions = both, .sentences = 40 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    const thor_paper_table *table = thor_paper_table_find("2");
    for (const thor_row_plan *row = table->rows; row->recipe; row++) {
        size_t system = (size_t)thor_plan_find(&plan, row->recipe, NULL);
        double deviation, from = expected_mean(&options, system, seeds, 3, "en-", &deviation);
        ck_assert_double_eq_tol(number_of(root, "2", row->recipe, "from English", "value"), from, 1e-9);
        ck_assert_double_eq_tol(number_of(root, "2.from", row->recipe, "mean", "value"), from, 1e-9);
        ck_assert_double_eq_tol(number_of(root, "2", row->recipe, "from English", "deviation"), deviation, 1e-9);
        double all = expected_mean(&options, system, seeds, 3, NULL, &deviation);
        ck_assert_double_eq_tol(number_of(root, "2", row->recipe, "mean", "value"), all, 1e-9);
        /* one direction in each group and side: 8:4:4 is (2 high + medium + low) / 4 of both sides */
        double weighted = 0;
        for (int t = 0; t < 6; t++)
            for (size_t s = 0; s < 3; s++)
                weighted += made_bleu(&options, system, seeds[s], t) * (t < 2 ? 0.25 : 0.125) / 3;
        ck_assert_double_eq_tol(number_of(root, "2", row->recipe, "8:4:4", "value"), weighted, 1e-9);
        for (int t = 0; t < 6; t++) {
            double each = 0;
            for (size_t s = 0; s < 3; s++)
                each += made_bleu(&options, system, seeds[s], t) / 3;
            ck_assert_double_eq_tol(number_of(root, "2.each", row->recipe, both[t], "value"), each, 1e-9);
        }
        ck_assert_double_eq_tol(number_of(root, "2", row->recipe, "perplexity", "value"), 20.25 + (double)system, 1e-9);
        ck_assert_double_eq_tol(number_of(root, "resources", row->recipe, "parameters, M", "value"),
                                2 + 0.5 * (double)system, 1e-9);
    }
    close_all(root, &plan);
}
END_TEST

START_TEST(routing_and_cost)
{
    static const uint64_t seeds[] = { 1, 2 };
    const thor_plan_request request = { .seeds = seeds, .seed_count = 2, .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    size_t full = (size_t)thor_plan_find(&plan, "thor-topp", NULL);
    double mean = (made_experts(full, 1) + made_experts(full, 2)) / 2;
    ck_assert_double_eq_tol(number_of(root, "7", "thor-topp (full)", "all", "value"), mean, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "7", "thor-topp (full)", "en", "value"), mean + 0.0625, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "A", "thor-topp (predictor)", "all", "value"), 80, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "A", "thor-topp (predictor)", "from English", "value"), 40, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "A", "thor-topp (predictor)", "all", "paper"), 64.89, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "A.tasks", "thor-topp (predictor)", "fy", "value"), 20, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "readings", "thor-top2+task.label=pair", "experts used %", "value"),
                            75, 1e-12);
    ck_assert_double_eq_tol(number_of(root, "8", "all", "kept", "value"), 5550, 1e-12);
    json_t *lines = json_object_get(json_object_get(json_object_get(root, "pictures"), "fig2"), "lines");
    ck_assert_uint_eq(json_array_size(lines), 3);
    json_t *y = json_object_get(json_array_get(lines, 0), "y");
    ck_assert_double_eq_tol(json_number_value(json_array_get(y, 3)), mean + 1, 1e-12);
    json_t *map = json_object_get(json_object_get(json_object_get(root, "pictures"), "10.thor-topp"), "values");
    ck_assert_double_eq_tol(json_number_value(json_array_get(json_array_get(map, 1), 1)), 0.75, 1e-12);
    /* what was measured is nowhere else */
    ck_assert_ptr_null(cell_of(root, "tables", "resources.training", "dense", "training, tokens/s"));
    json_t *speed = cell_of(root, "measured", "resources.training", "dense", "training, tokens/s");
    ck_assert_ptr_nonnull(json_object_get(speed, "value"));
    json_t *wait = cell_of(root, "measured", "resources.translation", "dense", "8 x 25");
    ck_assert_double_eq_tol(json_number_value(json_object_get(wait, "value")), 87.5, 1e-12);
    close_all(root, &plan);
}
END_TEST

/* The contradiction of the paper's tables is shown in both readings and said. */
START_TEST(both_readings)
{
    static const uint64_t seeds[] = { 1 };
    static const char *const tables[] = { "5" };
    const thor_plan_request request = { .tables = tables, .table_count = 1, .seeds = seeds, .seed_count = 1,
                                        .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    ck_assert_double_eq(number_of(root, "5", "thor-topp-no-task (none)", "8:4:4", "paper"), 32.12);
    ck_assert_double_eq(number_of(root, "5", "thor-topp-no-context (none, reading 2)", "8:4:4", "paper"), 32.12);
    ck_assert_double_nan(number_of(root, "5", "thor-topp (mixed)", "8:4:4", "deviation"));     /* of one seed */
    char *text = file_of("report.txt");
    ck_assert_ptr_nonnull(strstr(text, "contradicts itself"));
    free(text);
    close_all(root, &plan);
}
END_TEST

START_TEST(missing_jobs)
{
    static const uint64_t seeds[] = { 1, 2 };
    const thor_plan_request request = { .seeds = seeds, .seed_count = 2, .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20,
                                   .without = { "thor-topp", "gs-moe", "thor-topp-golden" } };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    for (int claim = 2; claim <= 8; claim++)
        ck_assert_msg(strcmp(verdict_of(root, claim), "holds") != 0, "claim %d", claim);
    json_t *part = json_array_get(json_object_get(claim_of(root, 3), "parts"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(part, "verdict")), "cannot be told");
    ck_assert_str_eq(json_string_value(json_object_get(part, "reason")),
                     "no seed of thor-topp is done: it has not been started");
    ck_assert_str_eq(verdict_of(root, 8), "cannot be told");
    ck_assert(json_is_null(cell_of(root, "tables", "2", "gs-moe", "mean")));
    char *text = file_of("report.txt");
    ck_assert_ptr_nonnull(strstr(text, "Not done: gs-moe, seed 1, 2: it has not been started."));
    free(text);
    close_all(root, &plan);
}
END_TEST

/* What is done of several seeds counts, and the report says which are missing. */
START_TEST(one_seed_of_two)
{
    static const uint64_t seeds[] = { 1, 2 };
    static const char *const tables[] = { "6" };
    const thor_plan_request request = { .tables = tables, .table_count = 1, .seeds = seeds, .seed_count = 2,
                                        .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20, .without_seed = 2 };
    thor_job_plan plan;
    double deviation;
    json_t *root = report_of(&plan, &request, &options);
    ck_assert_double_eq_tol(number_of(root, "6", "thor-topp (hierarchical)", "mean", "value"),
                            expected_mean(&options, 0, seeds, 1, NULL, &deviation), 1e-9);
    ck_assert_double_nan(number_of(root, "6", "thor-topp (hierarchical)", "mean", "deviation"));
    ck_assert_double_eq(number_of(root, "6.tests", "thor-topp-infuse (infuse)", "seeds", "value"), 1);
    ck_assert_str_ne(verdict_of(root, 5), "cannot be told");
    char *text = file_of("report.txt");
    ck_assert_ptr_nonnull(strstr(text, "Not done: thor-topp, seed 2: it has not been started."));
    free(text);
    close_all(root, &plan);
}
END_TEST

START_TEST(nothing_is_done)
{
    static const uint64_t seeds[] = { 1 };
    const thor_plan_request request = { .seeds = seeds, .seed_count = 1, .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20, .without_seed = 1 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    for (int claim = 1; claim <= 9; claim++)
        ck_assert_str_eq(verdict_of(root, claim), "cannot be told");
    close_all(root, &plan);
}
END_TEST

/* Without directions from English those columns are not there, and the mean is that of the others. */
START_TEST(only_into_english)
{
    static const uint64_t seeds[] = { 7 };
    static const char *const tables[] = { "2" };
    const thor_plan_request request = { .tables = tables, .table_count = 1, .seeds = seeds, .seed_count = 1,
                                        .experts = 8 };
    const made_options options = { .directions = into, .sentences = 30 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    ck_assert_ptr_null(cell_of(root, "tables", "2", "dense", "from English"));
    ck_assert_ptr_null(cell_of(root, "tables", "2", "dense", "8:4:4"));
    ck_assert_ptr_null(json_object_get(json_object_get(root, "tables"), "2.from"));
    ck_assert_double_eq_tol(number_of(root, "2", "dense", "mean", "value"),
                            (made_bleu(&options, 0, 7, 0) + made_bleu(&options, 0, 7, 1)) / 2, 1e-9);
    close_all(root, &plan);
}
END_TEST

START_TEST(domains)
{
    static const uint64_t seeds[] = { 1 };
    static const char *const names[] = { "law", "koran", NULL }, *const directions[] = { "de-en", NULL };
    const thor_plan_request request = { .setup = THOR_SETUP_MULTIDOMAIN, .seeds = seeds, .seed_count = 1,
                                        .experts = 8 };
    const made_options options = { .directions = directions, .domains = names, .sentences = 30 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    ck_assert_double_eq_tol(number_of(root, "1.domain", "dense", "koran", "value"), made_bleu(&options, 0, 1, 1), 1e-9);
    ck_assert_double_eq(number_of(root, "7", "thor-topp (full)", "all", "paper"), 1.45);
    ck_assert_ptr_null(claim_of(root, 2));
    close_all(root, &plan);
}
END_TEST

/* Adds the difference of two systems in one resample of all test sets. Directions 2i and 2i + 1 are a pair. */
static double plain_resample(uint32_t drawn[][20], const made_options *options, size_t left, size_t right,
                             uint64_t seed)
{
    double difference = 0;
    for (int t = 0; t < 6; t++) {
        double sums[2][THOR_SENTENCE_COLUMNS] = { { 0 } }, row[THOR_SENTENCE_COLUMNS];
        for (int i = 0; i < options->sentences; i++)
            for (int s = 0; s < 2; s++) {
                made_sentence(s ? right : left, seed, t, (int)drawn[t / 2][i], row);
                for (int c = 0; c < THOR_SENTENCE_COLUMNS; c++)
                    sums[s][c] += row[c];
            }
        difference += (plain_bleu(sums[0]) - plain_bleu(sums[1])) / 6;
    }
    return difference;
}

/* The bootstrap by its text, and nothing of src/reproduce. */
static double plain_p(const made_options *options, size_t left, size_t right, const uint64_t *seeds, double observed)
{
    static uint32_t drawn[RESAMPLES][3][20];
    double differences[RESAMPLES], mean = 0;
    int reached = 0;
    thor_pcg64 generator = thor_pcg64_make(12345);
    for (int pair = 0; pair < 3; pair++)
        for (int r = 0; r < RESAMPLES; r++)
            for (int i = 0; i < options->sentences; i++)
                drawn[r][pair][i] = thor_pcg64_below(&generator, (uint32_t)options->sentences);
    for (int r = 0; r < RESAMPLES; r++) {
        differences[r] = (plain_resample(drawn[r], options, left, right, seeds[0]) +
                          plain_resample(drawn[r], options, left, right, seeds[1])) / 2;
        mean += differences[r] / RESAMPLES;
    }
    for (int r = 0; r < RESAMPLES; r++)
        reached += fabs(differences[r] - mean) >= fabs(observed);
    return (1.0 + reached) / (RESAMPLES + 1);
}

/* Systems that are close, so that p is neither 0 nor 1. */
START_TEST(p_by_a_plain_program)
{
    static const uint64_t seeds[] = { 1, 2 };
    static const char *const tables[] = { "readings" };
    const thor_plan_request request = { .tables = tables, .table_count = 1, .seeds = seeds, .seed_count = 2,
                                        .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    int between = 0;
    for (size_t s = 1; s < plan.system_count; s++) {
        const char *name = plan.systems[s].name;
        double observed = number_of(root, "readings.tests", name, "difference", "value"), deviation;
        double left = expected_mean(&options, s, seeds, 2, NULL, &deviation);
        ck_assert_double_eq_tol(observed, left - expected_mean(&options, 0, seeds, 2, NULL, &deviation), 1e-9);
        double p = plain_p(&options, s, 0, seeds, observed);
        ck_assert_double_eq_tol(number_of(root, "readings.tests", name, "p", "value"), p, 1e-12);
        ck_assert_double_eq_tol(number_of(root, "readings", name, "BLEU", "p"), p, 1e-12);
        between += p > 1.5 / RESAMPLES && p < 1;
    }
    ck_assert_int_gt(between, 0);
    close_all(root, &plan);
}
END_TEST

/* The family of Holm's correction, and what is not compared. */
START_TEST(p_values)
{
    static const uint64_t seeds[] = { 1, 2 };
    static const char *const tables[] = { "4" };
    const thor_plan_request request = { .tables = tables, .table_count = 1, .seeds = seeds, .seed_count = 2,
                                        .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    double p[2], least, most;
    p[0] = number_of(root, "4.tests", "thor-topp-no-task (no task)", "p", "value");
    p[1] = number_of(root, "4.tests", "thor-topp-no-context (no context)", "p", "value");
    least = fmin(p[0], p[1]);
    most = fmax(p[0], p[1]);
    ck_assert_double_ge(least, 1.0 / (RESAMPLES + 1));
    ck_assert_double_eq_tol(number_of(root, "4.tests", p[0] <= p[1] ? "thor-topp-no-task (no task)"
                                                                    : "thor-topp-no-context (no context)",
                                      "p, Holm", "value"), fmin(2 * least, 1), 1e-12);
    ck_assert_double_ge(most, least);
    ck_assert(isnan(number_of(root, "4.tests", "thor-topp (full)", "p", "value")));
    ck_assert_double_eq(number_of(root, "4.tests", "thor-topp-no-task (no task)", "pairs", "value"), 12);
    close_all(root, &plan);
}
END_TEST

/* A score that its sentences do not give, and test sets that differ, are errors that name the file. */
START_TEST(damage)
{
    static const uint64_t seeds[] = { 1 };
    static const char *const tables[] = { "4" };
    const thor_plan_request request = { .tables = tables, .table_count = 1, .seeds = seeds, .seed_count = 1,
                                        .experts = 8 };
    const made_options options = { .directions = into, .sentences = 20 };
    const thor_report_options how = { .version = "test", .resamples = 10 };
    thor_job_plan plan;
    thor_error error;
    json_t *root = report_of(&plan, &request, &options);
    char path[160];
    snprintf(path, sizeof path, "%s/thor-topp/seed-1/scores.json", out);
    json_t *scores = json_load_file(path, 0, NULL), *test = json_array_get(json_object_get(scores, "tests"), 1);
    json_object_set_new(test, "bleu", json_real(50));
    json_dump_file(scores, path, 0);
    ck_assert_int_eq(thor_reproduce_report(&plan, out, &how, &error), THOR_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "thor-topp/seed-1/scores.json: BLEU of fy-en is 50"));
    json_object_set_new(test, "direction", json_string("mr-en"));
    json_object_set_new(test, "bleu", json_real(made_bleu(&options, 0, 1, 1)));
    json_dump_file(scores, path, 0);
    ck_assert_int_eq(thor_reproduce_report(&plan, out, &how, &error), THOR_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "were not tested on the same sentences"));
    json_dump_file(json_object_get(scores, "tests"), path, 0);
    ck_assert_int_eq(thor_reproduce_report(&plan, out, &how, &error), THOR_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "not a JSON object"));
    json_decref(scores);
    close_all(root, &plan);
}
END_TEST

/* Text keeps to 120 columns; HTML has no script, fetches nothing and closes what it opens. */
START_TEST(forms)
{
    static const uint64_t seeds[] = { 1, 2, 3 };
    const thor_plan_request request = { .seeds = seeds, .seed_count = 3, .experts = 8 };
    const made_options options = { .directions = both, .sentences = 20 };
    thor_job_plan plan;
    json_t *root = report_of(&plan, &request, &options);
    char *text = file_of("report.txt"), *html = file_of("report.html"), *markdown = file_of("report.md");
    size_t column = 0;
    for (const char *c = text; *c; c++) {
        column = *c == '\n' ? 0 : column + (((unsigned char)*c & 0xC0) != 0x80);
        ck_assert_msg(column <= 120, "%.60s", c - 120);
    }
    static const char *const never[] = { "<script", "http:", "https:", "src=", "<link", "nan", "inf<", "@import" };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        const char *found = strstr(html, never[i]);
        while (found && strncmp(found, "http://www.w3.org/2000/svg", 26) == 0)     /* a name, not an address */
            found = strstr(found + 1, never[i]);
        ck_assert_msg(!found, "%s: %.80s", never[i], found);
    }
    ck_assert_ptr_nonnull(strstr(html, "<svg"));
    ck_assert_ptr_nonnull(strstr(html, "</html>"));
    ck_assert_ptr_nonnull(strstr(markdown, "| dense |"));
    free(text);
    free(html);
    free(markdown);
    close_all(root, &plan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report of a reproduction");
    TCase *tests = tcase_create("report");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_recipe_value_by_value);
    tcase_add_test(tests, routing_and_cost);
    tcase_add_test(tests, both_readings);
    tcase_add_test(tests, missing_jobs);
    tcase_add_test(tests, one_seed_of_two);
    tcase_add_test(tests, nothing_is_done);
    tcase_add_test(tests, only_into_english);
    tcase_add_test(tests, domains);
    tcase_add_test(tests, p_by_a_plain_program);
    tcase_add_test(tests, p_values);
    tcase_add_test(tests, damage);
    tcase_add_test(tests, forms);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
