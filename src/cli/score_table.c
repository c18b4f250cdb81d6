/* Many directions: their scores, and means by group of languages, from and into English. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_cli.h"
#include "score/averages.h"

enum { SIDES = 3, WORD = 64 };      /* en-xx, xx-en, both */

typedef struct direction {
    char name[WORD], other[WORD];
    bool counts, from_english;      /* has English on one side; on the source side */
    size_t lines;
    score_result results[SCORE_METRICS];
} direction;

typedef struct table {
    const char *path;
    direction *directions;
    size_t count;
} table;

static const char *const side_names[SIDES] = { "en-xx", "xx-en", "all" };

/* Cuts a line of the table at its tabs into C strings; returns how many there are, at most `most`. */
static size_t split_fields(char *line, char **fields, size_t most)
{
    size_t count = 0;
    while (line && count < most) {
        fields[count++] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
    return line ? most + 1 : count;
}

static thor_status name_direction(const table *all, size_t line, const char *name, direction *found, thor_error *error)
{
    const char *other;
    size_t length;
    if (strlen(name) >= WORD || !strchr(name, '-'))
        return thor_fail(error, THOR_E_FORMAT, "%s:%zu: '%.64s' is no direction; expected source-target such as en-de",
                         all->path, line, name);
    snprintf(found->name, sizeof found->name, "%s", name);
    found->counts = thor_direction_parse(name, &found->from_english, &other, &length);
    if (found->counts)
        snprintf(found->other, sizeof found->other, "%.*s", (int)length, other);
    return THOR_OK;
}

static thor_status choose_tokenizer(const score_run *run, const char *name, thor_metric *metric, thor_error *error)
{
    if (metric->kind != THOR_METRIC_BLEU || run->fixed_tokenizer)
        return THOR_OK;
    int chosen = thor_tokenizer_for_language(name);
    if (chosen < 0)
        return thor_fail(error, THOR_E_USAGE, "%s: BLEU for this language needs MeCab, which thor has not; choose a tokeniser "
                         "with --tokenize (char is usual)", name);
    metric->bleu.tokenizer = (thor_tokenizer)chosen;
    return THOR_OK;
}

static thor_status score_files(const score_run *run, direction *found, thor_error *error)
{
    thor_corpus corpus;
    THOR_TRY(score_corpus(run, &run->systems[0], &corpus, error));
    found->lines = corpus.count;
    for (size_t m = 0; m < run->metric_count; m++) {
        thor_metric metric = run->metrics[m];
        double sums[THOR_SCORE_MAX_COLUMNS];
        THOR_TRY(choose_tokenizer(run, found->name, &metric, error));
        THOR_TRY(thor_metric_statistics(&metric, &corpus, NULL, sums, error));
        score_describe(run, &metric, sums, &found->results[m]);
    }
    return THOR_OK;
}

/* fields: direction, hypotheses, references … */
static thor_status score_direction(const score_run *run, char **fields, size_t field_count, direction *found,
                                   thor_error *error)
{
    score_run own = *run;
    score_system system = { .name = fields[1] };
    own.systems = &system;
    own.system_count = 1;
    own.reference_count = 0;
    thor_status status = thor_segments_open(&system.lines, fields[1], error);
    for (size_t f = 2; f < field_count && status == THOR_OK; f++) {
        size_t r = own.reference_count;
        status = thor_segments_open(&own.references[r], fields[f], error);
        own.reference_items[r] = own.references[r].items;
        own.reference_names[r] = fields[f];
        own.reference_count += status == THOR_OK;
    }
    if (status == THOR_OK)
        status = score_files(&own, found, error);
    for (size_t r = 0; r < own.reference_count; r++)
        thor_segments_free(&own.references[r]);
    thor_segments_free(&system.lines);
    return status;
}

static thor_status read_direction(const score_run *run, table *all, size_t line, thor_segment text, thor_error *error)
{
    char *fields[2 + THOR_SCORE_MAX_REFERENCES];
    char *copy = malloc(text.count + 1);
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "%s:%zu: no memory for the line", all->path, line);
    memcpy(copy, text.bytes, text.count);
    copy[text.count] = '\0';
    direction *found = &all->directions[all->count];
    size_t count = split_fields(copy, fields, sizeof fields / sizeof *fields);
    thor_status status = THOR_OK;
    if (count < 3 || count > sizeof fields / sizeof *fields)
        status = thor_fail(error, THOR_E_FORMAT, "%s:%zu: found %zu fields; expected direction, hypotheses and 1 to %d "
                           "references, with a tab between", all->path, line, count, THOR_SCORE_MAX_REFERENCES);
    if (status == THOR_OK)
        status = name_direction(all, line, fields[0], found, error);
    if (status == THOR_OK) {
        thor_error inner;
        status = score_direction(run, fields, count, found, &inner);
        if (status != THOR_OK)
            thor_fail(error, status, "%s:%zu: %s", all->path, line, inner.text);
    }
    all->count += status == THOR_OK;
    free(copy);
    return status;
}

static thor_averages averages_of(const table *all, size_t metric, int side, const char **languages, double *scores)
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const direction *one = &all->directions[i];
        if (!one->counts || (side < 2 && one->from_english != (side == 0)))
            continue;
        languages[count] = one->other;
        scores[count++] = one->results[metric].score;
    }
    return thor_averages_of(languages, scores, count);
}

static void print_mean(const score_run *run, bool there, double mean)
{
    if (there)
        printf(" %8.*f", run->width, mean);
    else
        printf(" %8s", "-");
}

static void print_averages(const score_run *run, const thor_averages *averages, const char *side, const char *title)
{
    printf("%-8s %-8s %4zu", side, title, averages->directions);
    for (int g = 0; g < THOR_GROUPS; g++)
        print_mean(run, averages->count[g] > 0, averages->mean[g]);
    print_mean(run, true, averages->all);
    print_mean(run, averages->has_weighted, averages->weighted);
    putchar('\n');
}

static void print_directions(const score_run *run, const table *all)
{
    printf("%-16s %8s %-8s", "direction", "lines", "group");
    for (size_t m = 0; m < run->metric_count; m++)
        printf(" %8s", all->directions[0].results[m].title);
    putchar('\n');
    for (size_t i = 0; i < all->count; i++) {
        const direction *one = &all->directions[i];
        printf("%-16s %8zu %-8s", one->name, one->lines,
               thor_group_name(one->counts ? thor_group_of(one->other) : THOR_GROUP_NONE));
        for (size_t m = 0; m < run->metric_count; m++)
            printf(" %8.*f", run->width, one->results[m].score);
        putchar('\n');
    }
}

/* Each signature once: directions differ in their tokenisers and numbers of references. */
static void print_signatures(const score_run *run, const table *all)
{
    for (size_t m = 0; m < run->metric_count; m++)
        for (size_t i = 0; i < all->count; i++) {
            const score_result *result = &all->directions[i].results[m];
            bool known = false;
            for (size_t k = 0; k < i && !known; k++)
                known = strcmp(all->directions[k].results[m].signature, result->signature) == 0;
            if (!known)
                printf("%s|%s\n", result->title, result->signature);
        }
}

static void print_text(const score_run *run, const table *all, const char **languages, double *scores)
{
    print_directions(run, all);
    printf("\n%-8s %-8s %4s %8s %8s %8s %8s %8s\n", "mean", "metric", "of", "high", "medium", "low", "all", "8:4:4");
    for (int side = 0; side < SIDES; side++)
        for (size_t m = 0; m < run->metric_count; m++) {
            thor_averages averages = averages_of(all, m, side, languages, scores);
            if (averages.directions > 0)
                print_averages(run, &averages, side_names[side], all->directions[0].results[m].title);
        }
    putchar('\n');
    print_signatures(run, all);
}

static json_t *direction_json(const score_run *run, const direction *one)
{
    json_t *object = json_object(), *signatures = json_object();
    json_object_set_new(object, "direction", json_string(one->name));
    json_object_set_new(object, "lines", json_integer((json_int_t)one->lines));
    json_object_set_new(object, "group",
                        json_string(thor_group_name(one->counts ? thor_group_of(one->other) : THOR_GROUP_NONE)));
    for (size_t m = 0; m < run->metric_count; m++) {
        json_object_set_new(object, one->results[m].title, json_real(score_rounded(run, one->results[m].score)));
        json_object_set_new(signatures, one->results[m].title, json_string(one->results[m].signature));
    }
    json_object_set_new(object, "signatures", signatures);
    return object;
}

static json_t *mean_json(const score_run *run, bool there, double mean)
{
    return there ? json_real(score_rounded(run, mean)) : json_null();
}

static json_t *averages_json(const score_run *run, const thor_averages *averages, const char *side, const char *title)
{
    json_t *object = json_object();
    json_object_set_new(object, "side", json_string(side));
    json_object_set_new(object, "metric", json_string(title));
    json_object_set_new(object, "directions", json_integer((json_int_t)averages->directions));
    for (int g = 0; g < THOR_GROUPS; g++)
        json_object_set_new(object, thor_group_name((thor_group)g),
                            mean_json(run, averages->count[g] > 0, averages->mean[g]));
    json_object_set_new(object, "all", mean_json(run, true, averages->all));
    json_object_set_new(object, "8:4:4", mean_json(run, averages->has_weighted, averages->weighted));
    return object;
}

static thor_status print_json(const score_run *run, const table *all, const char **languages, double *scores,
                              thor_error *error)
{
    json_t *whole = json_object(), *directions = json_array(), *means = json_array();
    for (size_t i = 0; i < all->count; i++)
        json_array_append_new(directions, direction_json(run, &all->directions[i]));
    for (int side = 0; side < SIDES; side++)
        for (size_t m = 0; m < run->metric_count; m++) {
            thor_averages averages = averages_of(all, m, side, languages, scores);
            if (averages.directions > 0)
                json_array_append_new(means, averages_json(run, &averages, side_names[side],
                                                           all->directions[0].results[m].title));
        }
    json_object_set_new(whole, "directions", directions);
    json_object_set_new(whole, "means", means);
    int failed = !whole || json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(whole);
    return failed ? thor_fail(error, THOR_E_IO, "standard output: the result could not be written") : THOR_OK;
}

static thor_status print_table(const score_run *run, const table *all, thor_error *error)
{
    const char **languages = calloc(all->count, sizeof *languages);
    double *scores = calloc(all->count, sizeof *scores);
    thor_status status = THOR_OK;
    if (!languages || !scores)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %zu directions", all->count);
    else if (run->format == SCORE_JSON)
        status = print_json(run, all, languages, scores, error);
    else
        print_text(run, all, languages, scores);
    free(languages);
    free(scores);
    return status;
}

thor_status score_table(const score_run *run, const char *path, thor_error *error)
{
    thor_segments lines;
    table all = { .path = path };
    THOR_TRY(thor_segments_open(&lines, path, error));
    all.directions = calloc(lines.count ? lines.count : 1, sizeof *all.directions);
    thor_status status = THOR_OK;
    if (!all.directions)
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu directions", path, lines.count);
    for (size_t i = 0; i < lines.count && status == THOR_OK; i++)
        if (lines.items[i].count > 0 && lines.items[i].bytes[0] != '#')
            status = read_direction(run, &all, i + 1, lines.items[i], error);
    if (status == THOR_OK && all.count == 0)
        status = thor_fail(error, THOR_E_FORMAT, "%s: names no direction; expected lines of direction, hypotheses and "
                           "references with tabs between", path);
    if (status == THOR_OK)
        status = print_table(run, &all, error);
    free(all.directions);
    thor_segments_free(&lines);
    return status;
}
