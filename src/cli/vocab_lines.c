#include "cli/vocab_lines.h"

#include <stdlib.h>
#include <string.h>

#include "cli/line_batch.h"

typedef enum format { PIECES, IDS, FILE_IDS, TEXT } format;

/* A vocabulary at work on lines. */
typedef struct worker {
    const thor_vocab *vocab;
    format format;
    thor_encoder *encoders;     /* [threads] */
} worker;

static thor_status read_format(const char *name, bool encodes, format *found, thor_error *error)
{
    static const char *const names[] = { "pieces", "ids", "file-ids", "text" };
    for (int i = 0; i < (encodes ? 4 : 3); i++)
        if (strcmp(names[i], name) == 0) {
            *found = (format)i;
            return THOR_OK;
        }
    return thor_fail(error, THOR_E_USAGE, "format '%s'; expected pieces, ids%s", name,
                     encodes ? ", file-ids or text" : " or file-ids");
}

static void add_number(thor_bytes *out, int32_t number)
{
    char digits[12];
    size_t at = sizeof digits;
    uint32_t left = (uint32_t)number;
    do
        digits[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    thor_bytes_add(out, digits + at, sizeof digits - at);
}

static thor_status at_line(const char *name, int64_t number, thor_error *error)
{
    thor_error inner = *error;
    return thor_fail(error, inner.code, "%s:%lld: %.900s", name, (long long)number, inner.text);
}

static thor_status encode_line(void *context, int thread, const char *name, int64_t number, const char *text,
                               size_t count, thor_bytes *out, thor_error *error)
{
    worker *w = context;
    thor_encoder *encoder = &w->encoders[thread];
    thor_status status = w->format == TEXT     ? thor_vocab_normal(w->vocab, text, count, &encoder->normal, error)
                         : w->format == PIECES ? thor_encoder_pieces(encoder, w->vocab, text, count, out, error)
                                               : thor_encoder_cut(encoder, w->vocab, text, count, error);
    if (status != THOR_OK)
        return at_line(name, number, error);
    if (w->format == TEXT)
        thor_bytes_add(out, encoder->normal.data, encoder->normal.count);
    bool numbers = w->format == IDS || w->format == FILE_IDS;
    for (size_t i = 0; numbers && i < encoder->segments.count; i++) {
        int32_t piece = encoder->segments.items[i].piece;
        if (i > 0)
            thor_bytes_add_byte(out, ' ');
        add_number(out, w->format == IDS ? thor_vocab_id(w->vocab, piece) : piece);
    }
    thor_bytes_add_byte(out, '\n');
    return THOR_OK;
}

static thor_status read_id(const worker *w, const char *word, size_t count, int32_t *index, thor_error *error)
{
    long long id = 0;
    size_t digits = 0;
    while (digits < count && digits < 10 && word[digits] >= '0' && word[digits] <= '9')
        id = 10 * id + (word[digits++] - '0');
    int32_t most =
        w->format == IDS ? THOR_ID_FIRST_PIECE + thor_vocab_pieces(w->vocab) : thor_vocab_model(w->vocab)->count;
    if (digits == 0 || digits < count || id >= most)
        return thor_fail(error, THOR_E_FORMAT, "'%.*s' is no id; expected numbers from 0 to %d",
                         (int)(count < 40 ? count : 40), word, (int)most - 1);
    *index = w->format == IDS ? thor_vocab_file_index(w->vocab, (int32_t)id) : (int32_t)id;
    return THOR_OK;
}

static thor_status join_word(const worker *w, thor_joiner *joiner, const char *word, size_t count, thor_error *error)
{
    int32_t index = -1;
    if (count == 0)
        return THOR_OK;
    if (w->format == PIECES)
        index = thor_vocab_find(w->vocab, word, count);
    else
        THOR_TRY(read_id(w, word, count, &index, error));
    if (w->format == PIECES && index < 0)
        thor_join_unknown(joiner, word, count);
    else
        thor_join_piece(joiner, index);
    return THOR_OK;
}

static thor_status decode_line(void *context, int thread, const char *name, int64_t number, const char *text,
                               size_t count, thor_bytes *out, thor_error *error)
{
    const worker *w = context;
    thor_joiner joiner = thor_join_start(w->vocab);
    thor_status status = THOR_OK;
    (void)thread;
    for (size_t at = 0; at <= count && status == THOR_OK;) {
        const char *blank = at < count ? memchr(text + at, ' ', count - at) : NULL;
        size_t end = blank ? (size_t)(blank - text) : count;
        status = join_word(w, &joiner, text + at, end - at, error);
        at = end + 1;
    }
    thor_error ignored;
    thor_status ended = thor_join_end(&joiner, status == THOR_OK ? error : &ignored);
    status = status == THOR_OK ? ended : status;
    thor_bytes_add(out, joiner.text.data, joiner.text.count);
    thor_bytes_add_byte(out, '\n');
    free(joiner.text.data);
    return status == THOR_OK ? THOR_OK : at_line(name, number, error);
}

static thor_status handle_files(const thor_vocab *vocab, const thor_vocab_request *request, bool encodes,
                                thor_error *error)
{
    worker w = { .vocab = vocab };
    thor_par par = thor_par_make((int)request->threads);
    thor_line_handler *handler = encodes ? encode_line : decode_line;
    THOR_TRY(read_format(request->format, encodes, &w.format, error));
    w.encoders = calloc((size_t)par.threads, sizeof *w.encoders);
    if (!w.encoders)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d threads", par.threads);
    thor_status status = THOR_OK;
    if (request->operands.count == 0)
        status = thor_lines_through(NULL, &par, handler, &w, error);
    for (size_t i = 0; i < request->operands.count && status == THOR_OK; i++)
        status = thor_lines_through(request->operands.items[i], &par, handler, &w, error);
    for (int i = 0; i < par.threads; i++)
        thor_encoder_free(&w.encoders[i]);
    free(w.encoders);
    return status;
}

thor_status thor_vocab_encode_files(const thor_vocab *vocab, const thor_vocab_request *request, thor_error *error)
{
    return handle_files(vocab, request, true, error);
}

thor_status thor_vocab_decode_files(const thor_vocab *vocab, const thor_vocab_request *request, thor_error *error)
{
    return handle_files(vocab, request, false, error);
}
