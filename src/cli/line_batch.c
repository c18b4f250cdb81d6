#include "cli/line_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/lines.h"

/* So many bytes of lines are read, handled in runs of lines and printed. One thread needs little. */
enum { RUNS = 64, BATCH_BYTES = 4 << 20, FIRST_BYTES = 64 << 10 };

typedef struct batch {
    thor_lines lines;
    thor_line_handler *handler;
    void *context;
    thor_bytes text;
    size_t *ends;               /* [count] in `text` */
    size_t count, room;
    int64_t first_number;       /* of its first line */
    struct run {
        thor_bytes out;
        thor_status status;
        thor_error error;
    } runs[RUNS];
} batch;

/* Fills the batch up to `most` bytes or the end of the file. An error is the line's behind those of the batch. */
static thor_status fill(batch *b, size_t most, bool *more, thor_error *error)
{
    b->count = b->text.count = 0;
    b->first_number = b->lines.number + 1;
    for (*more = true; b->text.count < most;) {
        const char *text;
        size_t count;
        THOR_TRY(thor_lines_next(&b->lines, &text, &count, more, error));
        if (!*more)
            return THOR_OK;
        thor_bytes_add(&b->text, text, count);
        if (b->text.failed || !thor_grow(&b->ends, &b->room, b->count, 1, sizeof *b->ends))
            return thor_fail(error, THOR_E_MEMORY, "%s:%lld: no memory for more lines", b->lines.name,
                             (long long)b->lines.number);
        b->ends[b->count++] = b->text.count;
    }
    return THOR_OK;
}

static void handle_run(void *context, int64_t begin, int64_t end, int thread)
{
    batch *b = context;
    for (int64_t i = begin; i < end; i++) {
        struct run *run = &b->runs[i];
        size_t first = b->count * (size_t)i / RUNS, last = b->count * ((size_t)i + 1) / RUNS;
        run->out.count = 0;
        run->status = THOR_OK;
        for (size_t line = first; line < last && run->status == THOR_OK; line++) {
            size_t start = line > 0 ? b->ends[line - 1] : 0, kept = run->out.count;
            run->status = b->handler(b->context, thread, b->lines.name, b->first_number + (int64_t)line,
                                     b->text.data + start, b->ends[line] - start, &run->out, &run->error);
            if (run->status == THOR_OK)
                run->status = thor_bytes_check(&run->out, b->lines.name, &run->error);
            else
                run->out.count = kept;
        }
    }
}

static thor_status print(batch *b, thor_error *error)
{
    for (int i = 0; i < RUNS; i++) {
        struct run *run = &b->runs[i];
        if (run->out.count > 0 && fwrite(run->out.data, 1, run->out.count, stdout) != run->out.count)
            return thor_fail(error, THOR_E_IO, "standard output: the lines cannot be written; is the disk full?");
        if (run->status != THOR_OK) {
            *error = run->error;
            return run->status;
        }
    }
    return THOR_OK;
}

static thor_status go_through(batch *b, const thor_par *par, thor_error *error)
{
    size_t most = FIRST_BYTES;
    for (bool more = true; more; most = BATCH_BYTES) {
        thor_error later;
        thor_status filled = fill(b, most, &more, &later);
        thor_par_each(par, RUNS, handle_run, b);
        THOR_TRY(print(b, error));
        if (filled != THOR_OK) {
            *error = later;
            return filled;
        }
    }
    return THOR_OK;
}

thor_status thor_lines_through(const char *path, const thor_par *par, thor_line_handler *handler, void *context,
                               thor_error *error)
{
    batch *b = calloc(1, sizeof *b);
    if (!b)
        return thor_fail(error, THOR_E_MEMORY, "no memory for lines");
    b->handler = handler;
    b->context = context;
    thor_status status = thor_lines_open(&b->lines, path, error);
    if (status == THOR_OK)
        status = go_through(b, par, error);
    thor_lines_close(&b->lines);
    for (int i = 0; i < RUNS; i++)
        free(b->runs[i].out.data);
    free(b->text.data);
    free(b->ends);
    free(b);
    return status;
}
