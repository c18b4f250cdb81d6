#include "text/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

enum { ROOM = 2 * THOR_LINE_MOST };

thor_status thor_lines_open(thor_lines *lines, const char *path, thor_error *error)
{
    bool standard = !path || strcmp(path, "-") == 0;
    *lines = (thor_lines){ .stream = standard ? stdin : fopen(path, "rb") };
    if (!lines->stream)
        return thor_fail(error, THOR_E_IO, "%s: %s", path, strerror(errno));
    const char *name = standard ? "standard input" : path;
    lines->name = malloc(strlen(name) + 1);
    lines->buffer = malloc(ROOM);
    if (!lines->name || !lines->buffer) {
        thor_lines_close(lines);
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for lines of %d bytes", name, THOR_LINE_MOST);
    }
    strcpy(lines->name, name);
    return THOR_OK;
}

void thor_lines_close(thor_lines *lines)
{
    if (lines->stream && lines->stream != stdin)
        fclose(lines->stream);
    free(lines->name);
    free(lines->buffer);
    *lines = (thor_lines){ .stream = NULL };
}

/* Moves what is left to the front and reads behind it. */
static thor_status refill(thor_lines *lines, thor_error *error)
{
    memmove(lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    size_t wanted = ROOM - lines->end, got = fread(lines->buffer + lines->end, 1, wanted, lines->stream);
    lines->end += got;
    if (got < wanted && ferror(lines->stream))
        return thor_fail(error, THOR_E_IO, "%s:%lld: %s", lines->name, (long long)lines->number + 1, strerror(errno));
    lines->finished = got < wanted;
    return THOR_OK;
}

static thor_status check(const thor_lines *lines, const char *text, size_t count, thor_error *error)
{
    long long number = (long long)lines->number;
    if (count >= THOR_LINE_MOST)
        return thor_fail(error, THOR_E_FORMAT, "%s:%lld: the line has %d bytes or more; expected one sentence a line",
                         lines->name, number, THOR_LINE_MOST);
    const char *zero = memchr(text, 0, count);
    if (zero)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s:%lld: byte %zu is zero; expected UTF-8 text (UTF-16 can be converted with "
                         "iconv)",
                         lines->name, number, (size_t)(zero - text) + 1);
    size_t valid = thor_utf8_valid(text, count);
    if (valid < count)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s:%lld: byte %zu (0x%02X) is not UTF-8; convert the text first, for example "
                         "with iconv",
                         lines->name, number, valid + 1, (unsigned)(unsigned char)text[valid]);
    return THOR_OK;
}

thor_status thor_lines_next(thor_lines *lines, const char **text, size_t *count, bool *more, thor_error *error)
{
    char *start = lines->buffer + lines->at, *newline = memchr(start, '\n', lines->end - lines->at);
    if (!newline && !lines->finished) {
        THOR_TRY(refill(lines, error));
        start = lines->buffer;
        newline = memchr(start, '\n', lines->end);
    }
    size_t bytes = newline ? (size_t)(newline - start) : lines->end - lines->at;
    *more = newline || bytes > 0;
    if (!*more)
        return THOR_OK;
    lines->number++;
    lines->at += bytes + (newline ? 1 : 0);
    if (bytes > 0 && newline && start[bytes - 1] == '\r')
        bytes--;
    *text = start;
    *count = bytes;
    return check(lines, start, bytes, error);
}
