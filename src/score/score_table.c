#include "score/score_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static thor_status name_direction(const thor_score_table *table, size_t line, const char *name,
                                  thor_score_direction *found, thor_error *error)
{
    const char *other;
    size_t length;
    if (strlen(name) >= THOR_SCORE_WORD || !strchr(name, '-'))
        return thor_fail(error, THOR_E_FORMAT, "%s:%zu: '%.64s' is not a direction; expected source-target such as "
                         "en-de", table->path, line, name);
    snprintf(found->name, sizeof found->name, "%s", name);
    found->counts = thor_direction_parse(name, &found->from_english, &other, &length);
    if (found->counts)
        snprintf(found->other, sizeof found->other, "%.*s", (int)length, other);
    return THOR_OK;
}

static thor_status choose_tokenizer(const thor_score_job *job, const char *name, thor_metric *metric, thor_error *error)
{
    if (metric->kind != THOR_METRIC_BLEU || job->fixed_tokenizer)
        return THOR_OK;
    int chosen = thor_tokenizer_for_language(name);
    if (chosen < 0)
        return thor_fail(error, THOR_E_USAGE, "%s: BLEU for this language needs MeCab, which thor does not have; "
                         "choose a tokeniser with --tokenize (char is usual)", name);
    metric->bleu.tokenizer = (thor_tokenizer)chosen;
    return THOR_OK;
}

static thor_status score_files(const thor_score_job *job, thor_score_direction *found, thor_error *error)
{
    thor_score_corpus corpus;
    THOR_TRY(thor_score_job_corpus(job, &job->systems[0], &corpus, error));
    found->lines = corpus.count;
    for (size_t m = 0; m < job->metric_count; m++) {
        thor_metric metric = job->metrics[m];
        THOR_TRY(choose_tokenizer(job, found->name, &metric, error));
        THOR_TRY(thor_score_of(job, &metric, &corpus, &found->scores[m], error));
    }
    return THOR_OK;
}

/* Takes the field that begins with `key` out of the list; returns what stands behind it, NULL when there is none. */
static const char *take_field(char **fields, size_t *count, const char *key)
{
    for (size_t f = 2; f < *count; f++)
        if (strncmp(fields[f], key, strlen(key)) == 0) {
            const char *value = fields[f] + strlen(key);
            memmove(&fields[f], &fields[f + 1], (*count - f - 1) * sizeof *fields);
            --*count;
            return value;
        }
    return NULL;
}

/* Names stand in file names. */
static thor_status name_row(const thor_score_table *table, thor_score_direction *found, const char *label,
                            thor_error *error)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+=";
    size_t length = strlen(label);
    if (length < 1 || length >= THOR_SCORE_WORD || strspn(label, allowed) != length)
        return thor_fail(error, THOR_E_FORMAT, "%s:%zu: name=%.64s: expected 1 to %d ASCII letters, digits and -_.+=",
                         table->path, found->line, label, THOR_SCORE_WORD - 1);
    memcpy(found->label, label, length + 1);
    return THOR_OK;
}

/* fields: direction, hypotheses, references … */
static thor_status score_direction(const thor_score_table *table, char **fields, size_t field_count,
                                   const char *source, thor_score_direction *found, thor_error *error)
{
    thor_score_job own = *table->job;
    thor_score_system system = { .name = fields[1] };
    own.systems = &system;
    own.system_count = 1;
    own.reference_count = 0;
    thor_status status = thor_score_lines_open(&system.lines, fields[1], error);
    for (size_t f = 2; f < field_count && status == THOR_OK; f++)
        status = thor_score_job_add_reference(&own, fields[f], error);
    if (status == THOR_OK)
        status = score_files(&own, found, error);
    if (status == THOR_OK && table->visit)
        status = table->visit(table->context, &own, found, source, error);
    thor_score_job_free_references(&own);
    thor_score_lines_free(&system.lines);
    return status;
}

static thor_status read_fields(thor_score_table *table, size_t line, char *text, thor_error *error)
{
    char *fields[4 + THOR_SCORE_MAX_REFERENCES];
    thor_score_direction *found = &table->directions[table->count];
    size_t most = sizeof fields / sizeof *fields, count = split_fields(text, fields, most);
    const char *source = count <= most ? take_field(fields, &count, "source=") : NULL;
    const char *label = count <= most ? take_field(fields, &count, "name=") : NULL;
    thor_error inner;
    if (count < 3 || count > 2 + THOR_SCORE_MAX_REFERENCES)
        return thor_fail(error, THOR_E_FORMAT, "%s:%zu: found %zu fields; expected direction, hypotheses and 1 to %d "
                         "references, with a tab between", table->path, line, count, THOR_SCORE_MAX_REFERENCES);
    THOR_TRY(name_direction(table, line, fields[0], found, error));
    found->line = line;
    if (label)
        THOR_TRY(name_row(table, found, label, error));
    thor_status status = score_direction(table, fields, count, source, found, &inner);
    if (status != THOR_OK)
        return thor_fail(error, status, "%s:%zu: %s", table->path, line, inner.text);
    table->count++;
    return THOR_OK;
}

static thor_status read_direction(thor_score_table *table, size_t line, thor_score_line text, thor_error *error)
{
    char *copy = malloc(text.count + 1);
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "%s:%zu: no memory for the line", table->path, line);
    memcpy(copy, text.bytes, text.count);
    copy[text.count] = '\0';
    thor_status status = read_fields(table, line, copy, error);
    free(copy);
    return status;
}

thor_status thor_score_table_read(thor_score_table *table, const char *path, thor_error *error)
{
    thor_score_lines lines;
    table->path = path;
    table->count = 0;
    THOR_TRY(thor_score_lines_open(&lines, path, error));
    table->directions = calloc(lines.count ? lines.count : 1, sizeof *table->directions);
    thor_status status = THOR_OK;
    if (!table->directions)
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu directions", path, lines.count);
    for (size_t i = 0; i < lines.count && status == THOR_OK; i++)
        if (lines.items[i].count > 0 && lines.items[i].bytes[0] != '#')
            status = read_direction(table, i + 1, lines.items[i], error);
    if (status == THOR_OK && table->count == 0)
        status = thor_fail(error, THOR_E_FORMAT, "%s: names no direction; expected lines of direction, hypotheses and "
                           "references with tabs between", path);
    thor_score_lines_free(&lines);
    return status;
}

void thor_score_table_free(thor_score_table *table)
{
    free(table->directions);
    table->directions = NULL;
    table->count = 0;
}

thor_status thor_score_table_means(const thor_score_table *table, size_t metric, thor_score_side side,
                                   thor_averages *averages, thor_error *error)
{
    const char **languages = calloc(table->count + 1, sizeof *languages);
    double *scores = calloc(table->count + 1, sizeof *scores);
    size_t count = 0;
    bool fine = languages && scores;
    for (size_t i = 0; fine && i < table->count; i++) {
        const thor_score_direction *one = &table->directions[i];
        if (!one->counts || (side != THOR_SCORE_ALL && one->from_english != (side == THOR_SCORE_FROM_ENGLISH)))
            continue;
        languages[count] = one->other;
        scores[count++] = one->scores[metric].score;
    }
    if (fine)
        *averages = thor_averages_of(languages, scores, count);
    free(languages);
    free(scores);
    return fine ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for %zu directions", table->count);
}
