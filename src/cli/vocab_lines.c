#include "cli/vocab_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/lines.h"

typedef enum format { PIECES, IDS, FILE_IDS } format;

/* A vocabulary at work on lines. */
typedef struct worker {
    const thor_vocab *vocab;
    format format;
    thor_bytes normal, out;
    thor_segments segments;
} worker;

typedef thor_status line_handler(worker *worker, const thor_lines *lines, const char *text, size_t count,
                                 thor_error *error);

static thor_status read_format(const char *name, format *found, thor_error *error)
{
    static const char *const names[] = { "pieces", "ids", "file-ids" };
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], name) == 0) {
            *found = (format)i;
            return THOR_OK;
        }
    return thor_fail(error, THOR_E_USAGE, "format '%s'; expected pieces, ids or file-ids", name);
}

static void add_segment(worker *w, thor_segment segment)
{
    const thor_spm *spm = thor_vocab_model(w->vocab);
    if (w->format != PIECES) {
        char number[16];
        int id = w->format == IDS ? thor_vocab_id(w->vocab, segment.piece) : segment.piece;
        int length = snprintf(number, sizeof number, "%d", id);
        thor_bytes_add(&w->out, number, (size_t)length);
    } else if (segment.piece == spm->unk) {
        thor_bytes_add(&w->out, w->normal.data + segment.start, segment.bytes);
    } else {
        thor_bytes_add(&w->out, spm->pieces[segment.piece].text, spm->pieces[segment.piece].bytes);
    }
}

/* Prints w->out as a line and empties it. */
static thor_status print_line(worker *w, thor_error *error)
{
    thor_bytes_add_byte(&w->out, '\n');
    THOR_TRY(thor_bytes_check(&w->out, "a line", error));
    if (fwrite(w->out.data, 1, w->out.count, stdout) != w->out.count)
        return thor_fail(error, THOR_E_IO, "standard output: the line cannot be written; is the disk full?");
    w->out.count = 0;
    return THOR_OK;
}

static thor_status encode_line(worker *w, const thor_lines *lines, const char *text, size_t count, thor_error *error)
{
    (void)lines;
    THOR_TRY(thor_vocab_cut(w->vocab, text, count, &w->normal, &w->segments, error));
    for (size_t i = 0; i < w->segments.count; i++) {
        if (i > 0)
            thor_bytes_add_byte(&w->out, ' ');
        add_segment(w, w->segments.items[i]);
    }
    return print_line(w, error);
}

static thor_status read_id(const worker *w, const thor_lines *lines, const char *word, size_t count, int32_t *index,
                           thor_error *error)
{
    long long id = 0;
    size_t digits = 0;
    while (digits < count && digits < 10 && word[digits] >= '0' && word[digits] <= '9')
        id = 10 * id + (word[digits++] - '0');
    int32_t most =
        w->format == IDS ? THOR_ID_FIRST_PIECE + thor_vocab_pieces(w->vocab) : thor_vocab_model(w->vocab)->count;
    if (digits == 0 || digits < count || id >= most)
        return thor_fail(error, THOR_E_FORMAT, "%s:%lld: '%.*s' is no id; expected numbers from 0 to %d", lines->name,
                         (long long)lines->number, (int)(count < 40 ? count : 40), word, (int)most - 1);
    *index = w->format == IDS ? thor_vocab_file_index(w->vocab, (int32_t)id) : (int32_t)id;
    return THOR_OK;
}

static thor_status join_word(worker *w, thor_joiner *joiner, const thor_lines *lines, const char *word, size_t count,
                             thor_error *error)
{
    int32_t index = -1;
    if (count == 0)
        return THOR_OK;
    if (w->format == PIECES)
        index = thor_vocab_find(w->vocab, word, count);
    else
        THOR_TRY(read_id(w, lines, word, count, &index, error));
    if (w->format == PIECES && index < 0)
        thor_join_unknown(joiner, word, count);
    else
        thor_join_piece(joiner, index);
    return THOR_OK;
}

static thor_status decode_line(worker *w, const thor_lines *lines, const char *text, size_t count, thor_error *error)
{
    thor_joiner joiner = thor_join_start(w->vocab);
    thor_status status = THOR_OK;
    joiner.text = w->out;
    for (size_t at = 0; at <= count && status == THOR_OK;) {
        const char *blank = at < count ? memchr(text + at, ' ', count - at) : NULL;
        size_t end = blank ? (size_t)(blank - text) : count;
        status = join_word(w, &joiner, lines, text + at, end - at, error);
        at = end + 1;
    }
    thor_error ignored;
    thor_status ended = thor_join_end(&joiner, status == THOR_OK ? error : &ignored);
    w->out = joiner.text;
    status = status == THOR_OK ? ended : status;
    return status == THOR_OK ? print_line(w, error) : status;
}

static thor_status handle_file(worker *w, const char *path, line_handler *handle, thor_error *error)
{
    thor_lines lines;
    THOR_TRY(thor_lines_open(&lines, path, error));
    thor_status status = THOR_OK;
    for (bool more = true; status == THOR_OK;) {
        const char *text;
        size_t count;
        status = thor_lines_next(&lines, &text, &count, &more, error);
        if (status != THOR_OK || !more)
            break;
        status = handle(w, &lines, text, count, error);
    }
    thor_lines_close(&lines);
    return status;
}

static thor_status handle_files(const thor_vocab *vocab, const thor_vocab_request *request, line_handler *handle,
                                thor_error *error)
{
    worker w = { .vocab = vocab };
    THOR_TRY(read_format(request->format, &w.format, error));
    thor_status status = THOR_OK;
    if (request->operands.count == 0)
        status = handle_file(&w, NULL, handle, error);
    for (size_t i = 0; i < request->operands.count && status == THOR_OK; i++)
        status = handle_file(&w, request->operands.items[i], handle, error);
    free(w.normal.data);
    free(w.out.data);
    free(w.segments.items);
    return status;
}

thor_status thor_vocab_encode_files(const thor_vocab *vocab, const thor_vocab_request *request, thor_error *error)
{
    return handle_files(vocab, request, encode_line, error);
}

thor_status thor_vocab_decode_files(const thor_vocab *vocab, const thor_vocab_request *request, thor_error *error)
{
    return handle_files(vocab, request, decode_line, error);
}
