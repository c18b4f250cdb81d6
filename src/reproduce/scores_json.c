/* scores.json: what the translations are worth, sentence by sentence. */
#include <math.h>
#include <stdlib.h>

#include "reproduce/job_results.h"
#include "reproduce/json_fields.h"
#include "score/metric.h"

void thor_job_scores_free(thor_job_scores *scores)
{
    for (size_t i = 0; i < scores->count; i++)
        free(scores->tests[i].rows);
    free(scores->tests);
    *scores = (thor_job_scores){ .count = 0 };
}

static thor_status read_rows(thor_test_scores *test, const json_t *rows, const char *path, thor_error *error)
{
    size_t count = json_array_size(rows), columns = THOR_SENTENCE_COLUMNS;
    if (count == 0 || (int64_t)count != test->sentences)
        return thor_fail(error, THOR_E_FORMAT, "%s: %s has %zu rows of statistics; expected one for each of %lld "
                         "sentences", path, test->direction, count, (long long)test->sentences);
    test->rows = calloc(count, columns * sizeof *test->rows);
    if (!test->rows)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu sentences", path, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(rows, i);
        for (size_t c = 0; c < columns; c++) {
            const json_t *value = json_array_get(row, c);
            if (json_array_size(row) != columns || !json_is_integer(value) || json_integer_value(value) < 0)
                return thor_fail(error, THOR_E_FORMAT, "%s: sentence %zu of %s: expected %zu whole numbers", path,
                                 i + 1, test->direction, columns);
            test->rows[i * columns + c] = (double)json_integer_value(value);
        }
    }
    return THOR_OK;
}

/* The score has to be that of the statistics: what is shown is what is tested. */
static thor_status check_bleu(const thor_test_scores *test, const char *path, thor_error *error)
{
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    double sums[THOR_SENTENCE_COLUMNS] = { 0 };
    for (int64_t i = 0; i < test->sentences * THOR_SENTENCE_COLUMNS; i++)
        sums[i % THOR_SENTENCE_COLUMNS] += test->rows[i];
    double found = thor_metric_score(&metric, sums, false);
    if (fabs(found - test->bleu) <= 1e-9)
        return THOR_OK;
    return thor_fail(error, THOR_E_FORMAT, "%s: BLEU of %s is %.9g, but its sentences give %.9g; remove 'done' "
                     "beside it and run the job again", path, test->direction, test->bleu, found);
}

static thor_status read_test(thor_test_scores *test, const json_t *object, const char *path, thor_error *error)
{
    THOR_TRY(thor_json_string(test->direction, sizeof test->direction, object, "direction", path, error));
    THOR_TRY(thor_json_string(test->domain, sizeof test->domain, object, "domain", path, error));
    THOR_TRY(thor_json_string(test->signature, sizeof test->signature, object, "signature", path, error));
    THOR_TRY(thor_json_whole(&test->sentences, object, "sentences", path, error));
    THOR_TRY(thor_json_number(&test->bleu, object, "bleu", path, error));
    THOR_TRY(thor_json_number(&test->bleu_13a, object, "bleu_13a", path, error));
    THOR_TRY(thor_json_number(&test->chrf, object, "chrf", path, error));
    const json_t *rows;
    THOR_TRY(thor_json_list(&rows, object, "statistics", path, error));
    THOR_TRY(read_rows(test, rows, path, error));
    return check_bleu(test, path, error);
}

thor_status thor_job_scores_read(thor_job_scores *scores, const char *path, thor_error *error)
{
    json_t *root;
    const json_t *tests = NULL;
    *scores = (thor_job_scores){ .count = 0 };
    THOR_TRY(thor_json_open(&root, path, error));
    thor_status status = thor_json_whole(&scores->updates, root, "updates", path, error);
    if (status == THOR_OK)
        status = thor_json_whole(&scores->best_updates, root, "best_updates", path, error);
    if (status == THOR_OK)
        status = thor_json_number(&scores->perplexity, root, "perplexity", path, error);
    if (status == THOR_OK)
        status = thor_json_list(&tests, root, "tests", path, error);
    if (status == THOR_OK && json_array_size(tests) == 0)
        status = thor_fail(error, THOR_E_FORMAT, "%s: no test set; expected one for each direction", path);
    if (status == THOR_OK && !(scores->tests = calloc(json_array_size(tests), sizeof *scores->tests)))
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for its test sets", path);
    for (size_t i = 0; status == THOR_OK && i < json_array_size(tests); i++)
        status = read_test(&scores->tests[scores->count++], json_array_get(tests, i), path, error);
    json_decref(root);
    return status;
}

static json_t *test_json(const thor_test_scores *test)
{
    json_t *rows = json_array();
    for (int64_t i = 0; i < test->sentences; i++) {
        json_t *row = json_array();
        for (int64_t c = 0; c < THOR_SENTENCE_COLUMNS; c++)
            json_array_append_new(row, json_integer((json_int_t)test->rows[i * THOR_SENTENCE_COLUMNS + c]));
        json_array_append_new(rows, row);
    }
    return json_pack("{s:s, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "direction", test->direction, "domain",
                     test->domain[0] ? json_string(test->domain) : json_null(), "signature", test->signature,
                     "sentences", (json_int_t)test->sentences, "bleu", thor_json_of(test->bleu), "bleu_13a",
                     thor_json_of(test->bleu_13a), "chrf", thor_json_of(test->chrf), "statistics", rows);
}

thor_status thor_job_scores_write(const thor_job_scores *scores, const char *path, thor_error *error)
{
    json_t *tests = json_array();
    for (size_t i = 0; i < scores->count; i++)
        json_array_append_new(tests, test_json(&scores->tests[i]));
    return thor_json_write(json_pack("{s:I, s:I, s:o, s:o}", "updates", (json_int_t)scores->updates, "best_updates",
                                     (json_int_t)scores->best_updates, "perplexity", thor_json_of(scores->perplexity),
                                     "tests", tests), path, error);
}
