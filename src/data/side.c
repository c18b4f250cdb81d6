#include "data/side.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

enum { FIRST_ROOM = 1 << 18 };

thor_status thor_side_open(thor_side *lines, const char *path, thor_error *error)
{
    *lines = (thor_side){ .path = path, .room = FIRST_ROOM, .buffer = malloc(FIRST_ROOM) };
    if (!lines->buffer)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory to read it", path);
    return thor_source_open(&lines->source, path, error);
}

void thor_side_close(thor_side *lines)
{
    thor_source_close(&lines->source);
    free(lines->buffer);
    *lines = (thor_side){ .path = NULL };
}

static thor_status grow(thor_side *lines, thor_error *error)
{
    if (lines->room >= THOR_LONGEST_LINE)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s:%lld: the line is longer than %d MiB; is this a text file with one sentence a line?",
                         lines->path, (long long)lines->number + 1, THOR_LONGEST_LINE >> 20);
    char *buffer = realloc(lines->buffer, 2 * lines->room);
    if (!buffer)
        return thor_fail(error, THOR_E_MEMORY, "%s:%lld: no memory for so long a line", lines->path,
                         (long long)lines->number + 1);
    lines->buffer = buffer;
    lines->room *= 2;
    return THOR_OK;
}

/* Reads more behind what is there. */
static thor_status refill(thor_side *lines, thor_error *error)
{
    memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
    if (lines->end == lines->room)
        THOR_TRY(grow(lines, error));
    size_t count;
    THOR_TRY(thor_source_read(&lines->source, lines->buffer + lines->end, lines->room - lines->end, lines->number + 1,
                              &count, error));
    lines->end += count;
    lines->ended = count == 0;
    return THOR_OK;
}

/* FF FE or FE FF: the byte order mark of UTF-16, which is no UTF-8. */
static bool is_utf16(const char *text, size_t count)
{
    return count >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
}

static thor_status check(const thor_side *lines, const char *text, size_t count, thor_error *error)
{
    if (lines->number == 1 && is_utf16(text, count))
        return thor_fail(error, THOR_E_FORMAT,
                         "%s:1: byte 1 (0x%02x) is not UTF-8 but begins UTF-16's byte order mark; convert the file "
                         "(iconv -f UTF-16 -t UTF-8)",
                         lines->path, (unsigned)(unsigned char)text[0]);
    const char *zero = memchr(text, '\0', count);
    size_t valid = thor_utf8_valid(text, count);
    if (zero && (size_t)(zero - text) <= valid)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s:%lld: byte %zu is NUL, which no text has; convert the file to "
                         "UTF-8 (iconv -f UTF-16 -t UTF-8?) or remove it",
                         lines->path, (long long)lines->number, (size_t)(zero - text) + 1);
    if (valid < count)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s:%lld: byte %zu (0x%02x) is not UTF-8; convert the file (iconv -f "
                         "ISO-8859-1 -t UTF-8?) or correct the line",
                         lines->path, (long long)lines->number, valid + 1, (unsigned)(unsigned char)text[valid]);
    return THOR_OK;
}

thor_status thor_side_next(thor_side *lines, const char **text, size_t *count, bool *more, thor_error *error)
{
    size_t seen = 0;
    char *newline;
    while (!(newline = memchr(lines->buffer + lines->begin + seen, '\n', lines->end - lines->begin - seen)) &&
           !lines->ended) {
        seen = lines->end - lines->begin;
        THOR_TRY(refill(lines, error));
    }
    *text = lines->buffer + lines->begin;
    *count = newline ? (size_t)(newline - *text) : lines->end - lines->begin;
    *more = newline || *count > 0;
    if (!*more)
        return THOR_OK;
    lines->begin += *count + (newline ? 1 : 0);
    lines->number++;
    if (*count > 0 && (*text)[*count - 1] == '\r') {
        --*count;
        lines->returns++;
    }
    lines->stray_returns += *count > 0 && memchr(*text, '\r', *count) != NULL;
    if (lines->number == 1)
        thor_utf8_skip_mark(text, count);
    return check(lines, *text, *count, error);
}

thor_status thor_side_each(const char *path, thor_side_taker *take, void *context, int64_t *number, thor_error *error)
{
    thor_side lines;
    thor_status status = thor_side_open(&lines, path, error);
    bool more = true;
    while (status == THOR_OK && more) {
        const char *text;
        size_t count;
        status = thor_side_next(&lines, &text, &count, &more, error);
        if (status == THOR_OK && more)
            status = take(context, text, count, error);
    }
    if (number)
        *number = lines.number;
    thor_side_close(&lines);
    return status;
}
