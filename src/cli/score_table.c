/* Many directions: their scores, and means by group of languages, from and into English. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "cli/score_table.h"

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

static thor_status name_direction(const score_table_rows *all, size_t line, const char *name,
                                  score_direction_row *found, thor_error *error)
{
    const char *other;
    size_t length;
    if (strlen(name) >= SCORE_WORD || !strchr(name, '-'))
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
        return thor_fail(error, THOR_E_USAGE, "%s: BLEU for this language needs MeCab, which thor has not; choose a "
                         "tokeniser with --tokenize (char is usual)", name);
    metric->bleu.tokenizer = (thor_tokenizer)chosen;
    return THOR_OK;
}

static thor_status score_files(const score_run *run, score_direction_row *found, thor_error *error)
{
    thor_score_corpus corpus;
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

/* COMET's files of one direction, in a folder of its name. */
static thor_status write_comet(const score_run *run, const char *direction, const char *source, thor_error *error)
{
    if (!run->comet)
        return THOR_OK;
    if (!source)
        return thor_fail(error, THOR_E_FORMAT, "--comet needs a field source=FILE with the text that was translated");
    char *folder = thor_path(run->comet, direction);
    thor_status status = folder ? score_comet(run, folder, source, error)
                                : thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", direction);
    free(folder);
    return status;
}

/* Takes the field source=FILE out of the list; NULL when there is none. */
static const char *take_source(char **fields, size_t *count)
{
    for (size_t f = 2; f < *count; f++)
        if (strncmp(fields[f], "source=", 7) == 0) {
            const char *source = fields[f] + 7;
            memmove(&fields[f], &fields[f + 1], (*count - f - 1) * sizeof *fields);
            --*count;
            return source;
        }
    return NULL;
}

/* fields: direction, hypotheses, references … */
static thor_status score_direction(const score_run *run, char **fields, size_t field_count, const char *source,
                                   score_direction_row *found, thor_error *error)
{
    score_run own = *run;
    score_system system = { .name = fields[1] };
    own.systems = &system;
    own.system_count = 1;
    own.reference_count = 0;
    thor_status status = thor_score_lines_open(&system.lines, fields[1], error);
    for (size_t f = 2; f < field_count && status == THOR_OK; f++) {
        size_t r = own.reference_count;
        status = thor_score_lines_open(&own.references[r], fields[f], error);
        own.reference_items[r] = own.references[r].items;
        own.reference_names[r] = fields[f];
        own.reference_count += status == THOR_OK;
    }
    if (status == THOR_OK)
        status = score_files(&own, found, error);
    if (status == THOR_OK)
        status = write_comet(&own, found->name, source, error);
    for (size_t r = 0; r < own.reference_count; r++)
        thor_score_lines_free(&own.references[r]);
    thor_score_lines_free(&system.lines);
    return status;
}

static thor_status read_direction(const score_run *run, score_table_rows *all, size_t line, thor_score_line text,
                                  thor_error *error)
{
    char *fields[3 + THOR_SCORE_MAX_REFERENCES];
    char *copy = malloc(text.count + 1);
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "%s:%zu: no memory for the line", all->path, line);
    memcpy(copy, text.bytes, text.count);
    copy[text.count] = '\0';
    score_direction_row *found = &all->directions[all->count];
    size_t most = sizeof fields / sizeof *fields, count = split_fields(copy, fields, most);
    const char *source = count <= most ? take_source(fields, &count) : NULL;
    thor_status status = THOR_OK;
    if (count < 3 || count > 2 + THOR_SCORE_MAX_REFERENCES)
        status = thor_fail(error, THOR_E_FORMAT, "%s:%zu: found %zu fields; expected direction, hypotheses and 1 to %d "
                           "references, with a tab between", all->path, line, count, THOR_SCORE_MAX_REFERENCES);
    if (status == THOR_OK)
        status = name_direction(all, line, fields[0], found, error);
    if (status == THOR_OK) {
        thor_error inner;
        status = score_direction(run, fields, count, source, found, &inner);
        if (status != THOR_OK)
            thor_fail(error, status, "%s:%zu: %s", all->path, line, inner.text);
    }
    all->count += status == THOR_OK;
    free(copy);
    return status;
}

thor_status score_table(const score_run *run, const char *path, thor_error *error)
{
    thor_score_lines lines;
    score_table_rows all = { .path = path };
    THOR_TRY(thor_score_lines_open(&lines, path, error));
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
        status = score_table_print(run, &all, error);
    free(all.directions);
    thor_score_lines_free(&lines);
    return status;
}
