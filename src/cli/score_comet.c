/* The files that COMET's own command reads: comet-score -s src.txt -t mt.txt -r ref.txt. Line i of each belongs to
 * line i of the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "cli/score_cli.h"

/* COMET reads as Python does, for which a lone CR ends a line: a blank takes its place, or everything behind it would
 * be shifted. */
static void print_lines(FILE *stream, const thor_score_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < lines[i].count; k++)
            fputc(lines[i].bytes[k] == '\r' ? ' ' : lines[i].bytes[k], stream);
        fputc('\n', stream);
    }
}

static thor_status write_lines(const char *folder, const char *name, const thor_score_line *lines, size_t count,
                               thor_error *error)
{
    thor_output output;
    char *path = thor_path(folder, name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", name);
    thor_status status = thor_output_open(&output, path, error);
    free(path);
    THOR_TRY(status);
    print_lines(output.stream, lines, count);
    return thor_output_commit(&output, error);
}

/* "mt.txt" where there is one, else "mt.1.txt" … */
static void number_name(char name[32], const char *stem, size_t index, size_t count)
{
    if (count > 1)
        snprintf(name, 32, "%s.%zu.txt", stem, index + 1);
    else
        snprintf(name, 32, "%s.txt", stem);
}

static thor_status check_source(const thor_score_job *job, const char *path, const thor_score_lines *source,
                                thor_error *error)
{
    for (size_t s = 0; s < job->system_count; s++)
        if (job->systems[s].lines.count != source->count)
            return thor_fail(error, THOR_E_FAILED, "%s has %zu lines and %s has %zu; line i of the one has to belong "
                             "to line i of the other", job->systems[s].name, job->systems[s].lines.count, path,
                             source->count);
    return THOR_OK;
}

static thor_status write_all(const thor_score_job *job, const char *folder, const thor_score_lines *source,
                             thor_error *error)
{
    char name[32];
    THOR_TRY(thor_make_folder(folder, error));
    THOR_TRY(write_lines(folder, "src.txt", source->items, source->count, error));
    for (size_t r = 0; r < job->reference_count; r++) {
        number_name(name, "ref", r, job->reference_count);
        THOR_TRY(write_lines(folder, name, job->reference_items[r], source->count, error));
    }
    for (size_t s = 0; s < job->system_count; s++) {
        number_name(name, "mt", s, job->system_count);
        THOR_TRY(write_lines(folder, name, job->systems[s].lines.items, source->count, error));
    }
    return THOR_OK;
}

thor_status score_comet(const thor_score_job *job, const char *folder, const char *source, thor_error *error)
{
    thor_score_lines lines;
    thor_score_corpus corpus;
    for (size_t s = 0; s < job->system_count; s++)
        THOR_TRY(thor_score_job_corpus(job, &job->systems[s], &corpus, error));
    thor_status status = thor_score_lines_open(&lines, source, error);
    if (status == THOR_OK)
        status = check_source(job, source, &lines, error);
    if (status == THOR_OK)
        status = write_all(job, folder, &lines, error);
    thor_score_lines_free(&lines);
    return status;
}
