#include "reproduce/reproduce_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "reproduce/document_json.h"
#include "reproduce/json_fields.h"
#include "reproduce/report_parts.h"

static const char reading[] =
    "A number is the mean over the seeds that are done and, with several, ± the standard deviation between them. The "
    "paper's figure stands in grey or brackets beside ours where it is known. Marks compare with the baseline of the "
    "table: † p < 0.05, ‡ p < 0.01; the first mark is before, the second after Holm's correction over the rows of the "
    "column; · stands for a mark that is missing. A mark says that a difference is there, not which way.";
static const char tests_text[] =
    "p is that of a paired bootstrap: sentences are resampled within each test set, both directions of a pair and all "
    "systems with the same draws, and p = (1 + number of |d_i - m| >= |d|) / (resamples + 1), where d is the observed "
    "difference, d_i that of resample i and m the mean of the d_i. This is not sacreBLEU's rule. The permutation test "
    "flips signs of the differences of pairs of a seed and a test set; it speaks of directions more than of seeds. Two "
    "systems of one seed are paired by that seed in name only: their initial values are drawn from it but are not the "
    "same numbers.";

static thor_status say_jobs(const thor_results *results, thor_document *document, thor_error *error)
{
    const thor_job_plan *plan = results->plan;
    size_t done = 0, count = thor_job_count(plan);
    for (size_t job = 0; job < count; job++)
        done += results->jobs[job].done;
    THOR_TRY(thor_document_paragraph(document, error, "Set-up: %s. %zu of %zu jobs are done (%zu systems, %zu seeds).",
                                     thor_setup_name(plan->setup), done, count, plan->system_count, plan->seed_count));
    for (size_t s = 0; s < plan->system_count && done < count; s++) {
        char seeds[160] = "", *why = NULL;
        size_t used = 0;
        for (size_t k = 0; k < plan->seed_count && used < sizeof seeds; k++) {
            thor_job_result *job = &results->jobs[thor_job_of(plan, s, k)];
            if (job->done)
                continue;
            used += (size_t)snprintf(seeds + used, sizeof seeds - used, "%s%" PRIu64, used ? ", " : "", plan->seeds[k]);
            why = job->why;
        }
        if (why)
            THOR_TRY(thor_document_paragraph(document, error, "Not done: %s, seed %s: %s.", plan->systems[s].name,
                                             seeds, why));
    }
    return THOR_OK;
}

static thor_status say_tests(const thor_samples *samples, thor_document *document, thor_error *error)
{
    size_t sentences = 0;
    if (!samples->model)
        return THOR_OK;
    for (size_t t = 0; t < samples->tests; t++)
        sentences += (size_t)samples->model->tests[t].sentences;
    THOR_TRY(thor_document_paragraph(document, error, "%zu test sets with %zu sentences; %" PRId64 " updates; BLEU: "
                                     "%s; %zu resamples.", samples->tests, sentences, samples->model->updates,
                                     samples->model->tests[0].signature, samples->resamples));
    THOR_TRY(thor_document_paragraph(document, error, "%s", reading));
    return thor_document_paragraph(document, error, "%s", tests_text);
}

static thor_status build_table(const thor_report_source *source, const thor_paper_table *table,
                               thor_document *document, thor_error *error)
{
    static thor_table_builder *const builders[] = {
        [THOR_TABLE_QUALITY] = thor_build_quality,       [THOR_TABLE_EXPERTS] = thor_build_experts,
        [THOR_TABLE_CURVE] = thor_build_curve,           [THOR_TABLE_DATA] = thor_build_data,
        [THOR_TABLE_ACCURACY] = thor_build_accuracy,     [THOR_TABLE_SIMILARITY] = thor_build_similarity,
        [THOR_TABLE_RESOURCES] = thor_build_resources,   [THOR_TABLE_READINGS] = thor_build_readings,
    };
    char id[64], title[160];
    snprintf(id, sizeof id, "table-%s", table->name);
    if (strlen(table->name) < 3)
        snprintf(title, sizeof title, "Table %s. %s", table->name, table->title);
    else
        snprintf(title, sizeof title, "%s", table->title);
    THOR_TRY(thor_document_section(document, id, title, error));
    if (!source->samples->model && table->kind != THOR_TABLE_DATA)
        return thor_document_paragraph(document, error, "No job is done.");
    THOR_TRY(builders[table->kind](source, table, document, error));
    return table->note ? thor_document_paragraph(document, error, "%s", table->note) : THOR_OK;
}

static thor_status build(const thor_report_source *source, const char *version, thor_document *document,
                         thor_error *error)
{
    const thor_job_plan *plan = source->results->plan;
    snprintf(document->title, sizeof document->title, "THOR-MoE reproduced: %s, thor %s", thor_setup_name(plan->setup),
             version);
    THOR_TRY(thor_document_section(document, "overview", "What was run", error));
    THOR_TRY(say_jobs(source->results, document, error));
    THOR_TRY(say_tests(source->samples, document, error));
    THOR_TRY(thor_judge_claims(source, document, error));
    for (size_t t = 0; t < plan->table_count; t++)
        THOR_TRY(build_table(source, plan->tables[t], document, error));
    return THOR_OK;
}

/* Where each number comes from: the scores of every job and test set. */
static json_t *jobs_json(const thor_results *results)
{
    json_t *list = json_array();
    for (size_t job = 0; job < thor_job_count(results->plan); job++) {
        const thor_job_result *result = &results->jobs[job];
        json_t *tests = json_array();
        for (size_t t = 0; t < result->scores.count; t++) {
            const thor_test_scores *test = &result->scores.tests[t];
            json_array_append_new(tests, json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:s}", "direction", test->direction,
                                                   "domain", test->domain, "sentences", (json_int_t)test->sentences,
                                                   "bleu", thor_json_of(test->bleu), "bleu_13a",
                                                   thor_json_of(test->bleu_13a), "chrf", thor_json_of(test->chrf),
                                                   "signature", test->signature));
        }
        json_array_append_new(list, json_pack("{s:s, s:I, s:b, s:s, s:o}", "system",
                                              thor_job_system(results->plan, job)->name, "seed",
                                              (json_int_t)thor_job_seed(results->plan, job), "done", (int)result->done,
                                              "why", result->why, "tests", tests));
    }
    return list;
}

typedef thor_status printer(const thor_document *document, FILE *stream, thor_error *error);

static thor_status write_form(const thor_document *document, const char *out, const char *name, printer *print,
                              thor_error *error)
{
    thor_output output = { .stream = NULL };
    char *path = thor_path(out, name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", name);
    thor_status status = thor_output_open(&output, path, error);
    if (status == THOR_OK)
        status = print(document, output.stream, error);
    if (status == THOR_OK)
        status = thor_output_commit(&output, error);
    thor_output_abandon(&output);
    free(path);
    return status;
}

static thor_status write_json(const thor_report_source *source, const thor_document *document, const char *out,
                              const char *version, thor_error *error)
{
    const thor_job_plan *plan = source->results->plan;
    char *path = thor_path(out, "report.json");
    json_t *root = path ? thor_document_json(document) : NULL;
    if (!root) {
        free(path);
        return thor_fail(error, THOR_E_MEMORY, "no memory for report.json");
    }
    json_object_set_new(root, "thor_version", json_string(version));
    json_object_set_new(root, "setup", json_string(thor_setup_name(plan->setup)));
    json_object_set_new(root, "jobs", jobs_json(source->results));
    thor_status status = thor_json_write(root, path, error);
    free(path);
    return status;
}

static thor_status write_all(const thor_report_source *source, const char *out, const char *version,
                             thor_error *error)
{
    thor_document document = { .count = 0 };
    thor_status status = build(source, version, &document, error);
    if (status == THOR_OK)
        status = write_form(&document, out, "report.txt", thor_document_print_text, error);
    if (status == THOR_OK)
        status = write_form(&document, out, "report.md", thor_document_print_markdown, error);
    if (status == THOR_OK)
        status = write_form(&document, out, "report.html", thor_document_print_html, error);
    if (status == THOR_OK)
        status = write_json(source, &document, out, version, error);
    thor_document_free(&document);
    return status;
}

/* data.json may be missing. */
static thor_status read_data(thor_data_facts *facts, bool *known, const char *out, thor_error *error)
{
    struct stat there;
    char *path = thor_path(out, "data.json");
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of data.json");
    *known = stat(path, &there) == 0;
    thor_status status = *known ? thor_data_facts_read(facts, path, error) : THOR_OK;
    free(path);
    return status;
}

thor_status thor_reproduce_report(const thor_job_plan *plan, const char *out, const thor_report_options *options,
                                  thor_error *error)
{
    thor_results results = { .jobs = NULL };
    thor_samples samples = { .tests = 0 };
    thor_data_facts facts = { .count = 0 };
    bool known = false;
    if (options->baseline && thor_plan_find(plan, options->baseline, NULL) < 0)
        return thor_fail(error, THOR_E_USAGE, "--baseline: '%.64s' is not among the recipes of the tables asked for",
                         options->baseline);
    thor_status status = thor_results_read(&results, plan, out, error);
    if (status == THOR_OK)
        status = read_data(&facts, &known, out, error);
    if (status == THOR_OK)
        status = thor_samples_make(&samples, &results, options->resamples ? options->resamples
                                                                          : THOR_REPRODUCE_RESAMPLES, error);
    if (status == THOR_OK) {
        const thor_report_source source = { &results, &samples, known ? &facts : NULL, options->baseline };
        status = write_all(&source, out, options->version, error);
    }
    if (samples.results)
        thor_samples_free(&samples);
    thor_data_facts_free(&facts);
    thor_results_free(&results);
    return status;
}
