#include "text/lines.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

enum { ROOM = 2 * THOR_LINE_MOST };

thor_status thor_lines_open(thor_lines *lines, const char *path, thor_error *error)
{
    bool standard = !path || strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    *lines = (thor_lines){ .name = malloc(strlen(name) + 1), .buffer = malloc(ROOM) };
    thor_status status;
    if (!lines->name || !lines->buffer) {
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for lines of %d bytes", name, THOR_LINE_MOST);
    } else {
        strcpy(lines->name, name);
        status = thor_source_open(&lines->source, standard ? NULL : lines->name, error);
    }
    if (status != THOR_OK)
        thor_lines_close(lines);
    return status;
}

void thor_lines_close(thor_lines *lines)
{
    thor_source_close(&lines->source);
    free(lines->name);
    free(lines->buffer);
    *lines = (thor_lines){ .name = NULL };
}

/* Moves what is left to the front and reads behind it. */
static thor_status refill(thor_lines *lines, thor_error *error)
{
    size_t count;
    memmove(lines->buffer, lines->buffer + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    THOR_TRY(thor_source_read(&lines->source, lines->buffer + lines->end, ROOM - lines->end, lines->number + 1, &count,
                              error));
    lines->end += count;
    lines->finished = count == 0;
    return THOR_OK;
}

/* Where the next line ends, with more of the file in the buffer if need be; NULL where that is the end of the file, or
 * where no line is that long. */
static thor_status find_newline(thor_lines *lines, char **newline, thor_error *error)
{
    size_t seen = 0, there = lines->end - lines->at;
    while (!(*newline = memchr(lines->buffer + lines->at + seen, '\n', there - seen)) && !lines->finished &&
           there < THOR_LINE_MOST) {
        seen = there;
        THOR_TRY(refill(lines, error));
        there = lines->end - lines->at;
    }
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
    char *newline;
    THOR_TRY(find_newline(lines, &newline, error));
    char *start = lines->buffer + lines->at;
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
    if (lines->number == 1)
        thor_utf8_skip_mark(text, count);
    return check(lines, *text, *count, error);
}

thor_status thor_lines_each(const char *path, thor_line_taker *take, void *context, thor_error *error)
{
    thor_lines lines;
    THOR_TRY(thor_lines_open(&lines, path, error));
    const char *text;
    size_t count;
    bool more;
    thor_status status;
    while ((status = thor_lines_next(&lines, &text, &count, &more, error)) == THOR_OK && more) {
        status = take(context, &lines, text, count, error);
        if (status != THOR_OK)
            break;
    }
    thor_lines_close(&lines);
    return status;
}
