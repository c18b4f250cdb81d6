/* The first look at a corpus: is every line text, and do both sides have as many? */
#include <stdlib.h>

#include "data/side.h"
#include "data/prepare.h"

typedef struct survey {
    thor_bitext_split **splits; /* [count] whose part is looked at */
    int32_t *parts;             /* [count] */
    int64_t *lines;             /* [count] result */
    thor_status *statuses;      /* [count] */
    int64_t count;
} survey;

static thor_status count_lines(const char *path, int64_t *count, thor_error *error)
{
    thor_side lines;
    thor_status status = thor_side_open(&lines, path, error);
    bool more = true;
    while (status == THOR_OK && more) {
        const char *text;
        size_t bytes;
        status = thor_side_next(&lines, &text, &bytes, &more, error);
    }
    *count = lines.number;
    thor_side_close(&lines);
    if (status == THOR_OK && *count == 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: the file is empty; remove both sides or put sentences in", path);
    return status;
}

static thor_status look_at(const thor_bitext_part *part, int64_t *lines, thor_error *error)
{
    int64_t second;
    THOR_TRY(count_lines(part->path[0], lines, error));
    THOR_TRY(count_lines(part->path[1], &second, error));
    if (*lines != second)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s has %lld lines, but %s has %lld; line N of one has to translate "
                         "line N of the other: find the line that is missing",
                         part->path[0], (long long)*lines, part->path[1], (long long)second);
    return THOR_OK;
}

static void look(void *context, int64_t begin, int64_t end, int thread)
{
    survey *job = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        job->statuses[i] = look_at(&job->splits[i]->parts[job->parts[i]], &job->lines[i], NULL);
}

/* Lists every part of every split; with the arrays still NULL it only counts. */
static int64_t list_parts(const thor_bitext *corpus, survey *job)
{
    int64_t count = 0;
    for (int32_t pair = 0; pair < corpus->pair_count; pair++)
        for (int split = 0; split < THOR_SPLITS; split++) {
            thor_bitext_split *found = &corpus->pairs[pair].splits[split];
            for (int32_t part = 0; part < found->count; part++, count++)
                if (job->splits) {
                    job->splits[count] = found;
                    job->parts[count] = part;
                }
        }
    return count;
}

static thor_status add_up(const survey *job, thor_error *error)
{
    for (int64_t i = 0; i < job->count; i++)
        job->splits[i]->lines = 0;
    for (int64_t i = 0; i < job->count; i++) {
        if (job->statuses[i] != THOR_OK) {
            /* Looked at once more, for the sentence. */
            THOR_TRY(look_at(&job->splits[i]->parts[job->parts[i]], &job->lines[i], error));
        }
        job->splits[i]->lines += job->lines[i];
    }
    return THOR_OK;
}

thor_status thor_survey(thor_bitext *corpus, const thor_par *par, thor_error *error)
{
    survey job = { .splits = NULL };
    job.count = list_parts(corpus, &job);
    size_t room = (size_t)job.count + 1;
    job.splits = calloc(room, sizeof(thor_bitext_split *));
    job.parts = calloc(room, sizeof *job.parts);
    job.lines = calloc(room, sizeof *job.lines);
    job.statuses = calloc(room, sizeof *job.statuses);
    thor_status status = THOR_OK;
    if (!job.splits || !job.parts || !job.lines || !job.statuses) {
        status = thor_fail(error, THOR_E_MEMORY, "no memory for a list of %lld files", (long long)job.count);
    } else {
        list_parts(corpus, &job);
        thor_par_each(par, job.count, look, &job);
        status = add_up(&job, error);
    }
    free(job.splits);
    free(job.parts);
    free(job.lines);
    free(job.statuses);
    return status;
}
