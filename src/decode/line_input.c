#include "decode/line_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "text/lines.h"
#include "text/utf8.h"

enum { READ_BYTES = 1 << 16 };

thor_status thor_line_input_open(thor_line_input *input, const char *path, bool replace, thor_error *error)
{
    bool standard = !path || strcmp(path, "-") == 0;
    *input = (thor_line_input){ .file = standard ? STDIN_FILENO : open(path, O_RDONLY), .replace = replace };
    input->name = standard ? "standard input" : path;
    if (input->file < 0)
        return thor_fail_io(error, path, "open for reading");
    return THOR_OK;
}

void thor_line_input_close(thor_line_input *input)
{
    if (input->file > STDIN_FILENO)
        close(input->file);
    free(input->buffer);
    *input = (thor_line_input){ .file = -1 };
}

void thor_line_chunk_free(thor_line_chunk *chunk)
{
    free(chunk->text.data);
    free(chunk->lines);
    *chunk = (thor_line_chunk){ .count = 0 };
}

/* Reads once, after what is still there. */
static thor_status refill(thor_line_input *input, thor_error *error)
{
    if (input->at > 0)
        memmove(input->buffer, input->buffer + input->at, input->end - input->at);
    input->end -= input->at;
    input->at = 0;
    if (!thor_grow(&input->buffer, &input->room, input->end, READ_BYTES, 1))
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a line of %zu bytes", input->name, input->end);
    ssize_t got;
    do
        got = read(input->file, input->buffer + input->end, READ_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return thor_fail_io(error, input->name, "read");
    input->end += (size_t)got;
    input->finished = got == 0;
    return THOR_OK;
}

static bool would_wait(const thor_line_input *input)
{
    struct pollfd asked = { .fd = input->file, .events = POLLIN };
    return poll(&asked, 1, 0) == 0;
}

/* Appends text whose broken characters become U+FFFD, one for each byte. */
static void add_repaired(thor_bytes *text, const char *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        uint32_t code;
        size_t length = thor_utf8_next(bytes + at, count - at, &code);
        if (length > 0 && code != 0)
            thor_bytes_add(text, bytes + at, length);
        else
            thor_bytes_add(text, "\xEF\xBF\xBD", 3);
        at += length > 0 ? length : 1;
    }
}

static thor_status check_line(const thor_line_input *input, const char *bytes, size_t count, thor_error *error)
{
    size_t good = thor_utf8_valid(bytes, count);
    const char *zero = memchr(bytes, 0, good);
    if (zero)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: line %lld, byte %zu is zero; expected UTF-8 text (--replace-invalid goes on)",
                         input->name, (long long)input->number, (size_t)(zero - bytes) + 1);
    if (good < count)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: line %lld, byte %zu (0x%02X) is not UTF-8; convert the text first, for example with "
                         "iconv (--replace-invalid goes on)",
                         input->name, (long long)input->number, good + 1, (unsigned)(unsigned char)bytes[good]);
    return THOR_OK;
}

static thor_status add_line(thor_line_input *input, thor_line_chunk *chunk, const char *bytes, size_t count,
                            thor_error *error)
{
    input->number++;
    if (count > 0 && bytes[count - 1] == '\r')
        count--;
    if (input->number == 1)
        thor_utf8_skip_mark(&bytes, &count);
    if (!input->replace)
        THOR_TRY(check_line(input, bytes, count, error));
    thor_input_line line = { .start = chunk->text.count, .number = input->number };
    if (input->replace)
        add_repaired(&chunk->text, bytes, count);
    else
        thor_bytes_add(&chunk->text, bytes, count);
    line.bytes = chunk->text.count - line.start;
    THOR_TRY(thor_bytes_check(&chunk->text, "lines to translate", error));
    if (!thor_grow(&chunk->lines, &chunk->room, chunk->count, 1, sizeof *chunk->lines))
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu lines", chunk->count + 1);
    chunk->lines[chunk->count++] = line;
    return THOR_OK;
}

/* Takes whole lines out of the buffer; at the end of the input also a last one without its newline. */
static thor_status take_lines(thor_line_input *input, thor_line_chunk *chunk, size_t most, thor_error *error)
{
    while (chunk->count < most && input->at < input->end) {
        const char *start = input->buffer + input->at, *newline = memchr(start, '\n', input->end - input->at);
        size_t count = newline ? (size_t)(newline - start) : input->end - input->at;
        if (count >= THOR_LINE_MOST)
            return thor_fail(error, THOR_E_FORMAT, "%s: line %lld has %d bytes or more; expected one sentence a line",
                             input->name, (long long)input->number + 1, (int)THOR_LINE_MOST);
        if (!newline && !input->finished)
            return THOR_OK;
        input->at += count + (newline ? 1 : 0);
        THOR_TRY(add_line(input, chunk, start, count, error));
    }
    return THOR_OK;
}

thor_status thor_line_input_read(thor_line_input *input, thor_line_chunk *chunk, size_t most,
                                      thor_error *error)
{
    chunk->count = 0;
    chunk->text.count = 0;
    THOR_TRY(take_lines(input, chunk, most, error));
    while (chunk->count < most && !input->finished && (chunk->count == 0 || !would_wait(input))) {
        THOR_TRY(refill(input, error));
        THOR_TRY(take_lines(input, chunk, most, error));
    }
    return THOR_OK;
}
