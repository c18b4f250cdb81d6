/* The first look at a corpus: is every line text, and do both sides have as many? */
#include <stdlib.h>

#include "base/hash.h"
#include "data/prepare.h"
#include "data/side.h"

typedef struct survey {
    thor_bitext_split **splits; /* [count] whose part is looked at */
    int32_t *parts;             /* [count] */
    int64_t *lines;             /* [count] result */
    char (*sums)[2][65];        /* [count] SHA-256 of both sides */
    thor_status *statuses;      /* [count] */
    int64_t count;
} survey;

static thor_status hash_line(void *hash, const char *text, size_t count, thor_error *error)
{
    (void)error;
    thor_sha256_add(hash, text, count);
    thor_sha256_add(hash, "\n", 1);
    return THOR_OK;
}

static thor_status count_lines(const char *path, int64_t *count, char sum[65], thor_error *error)
{
    thor_sha256 hash;
    thor_sha256_start(&hash);
    thor_status status = thor_side_each(path, hash_line, &hash, count, error);
    thor_sha256_hex(&hash, sum);
    if (status == THOR_OK && *count == 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: the file is empty; remove both sides or put sentences in", path);
    return status;
}

static thor_status look_at(const thor_bitext_part *part, int64_t *lines, char sums[2][65], thor_error *error)
{
    int64_t second;
    THOR_TRY(count_lines(part->path[0], lines, sums[0], error));
    THOR_TRY(count_lines(part->path[1], &second, sums[1], error));
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
        job->statuses[i] = look_at(&job->splits[i]->parts[job->parts[i]], &job->lines[i], job->sums[i], NULL);
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
    thor_sha256 hash;
    for (int64_t i = 0; i < job->count; i++) {
        thor_bitext_split *split = job->splits[i];
        if (job->statuses[i] != THOR_OK) {
            /* Looked at once more, for the sentence. */
            THOR_TRY(look_at(&split->parts[job->parts[i]], &job->lines[i], job->sums[i], error));
        }
        if (job->parts[i] == 0) {
            thor_sha256_start(&hash);
            split->lines = 0;
        }
        split->lines += job->lines[i];
        thor_sha256_add(&hash, job->sums[i], sizeof job->sums[i]);
        if (job->parts[i] + 1 == split->count)
            thor_sha256_hex(&hash, split->checksum);
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
    job.sums = calloc(room, sizeof *job.sums);
    job.statuses = calloc(room, sizeof *job.statuses);
    thor_status status = THOR_OK;
    if (!job.splits || !job.parts || !job.lines || !job.sums || !job.statuses) {
        status = thor_fail(error, THOR_E_MEMORY, "no memory for a list of %lld files", (long long)job.count);
    } else {
        list_parts(corpus, &job);
        thor_par_each(par, job.count, look, &job);
        status = add_up(&job, error);
    }
    free(job.splits);
    free(job.parts);
    free(job.lines);
    free(job.sums);
    free(job.statuses);
    return status;
}
