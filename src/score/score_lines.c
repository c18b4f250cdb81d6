#include "score/score_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "text/unicode.h"

enum { READ_AT_ONCE = 1 << 16 };

thor_score_line thor_score_line_of(const char *text)
{
    return (thor_score_line){ text, text ? strlen(text) : 0 };
}

static thor_status read_all(thor_bytes *all, FILE *stream, const char *name, thor_error *error)
{
    for (;;) {
        if (!thor_bytes_reserve(all, READ_AT_ONCE))
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for more than %zu bytes of it; score it in parts",
                             name, all->count);
        size_t got = fread(all->data + all->count, 1, READ_AT_ONCE, stream);
        all->count += got;
        if (ferror(stream))
            return thor_fail(error, THOR_E_IO, "%s: cannot be read: %s", name, strerror(errno));
        if (got == 0)
            return THOR_OK;
    }
}

static size_t count_lines(const char *bytes, size_t count)
{
    size_t lines = 0;
    const char *at = bytes, *end = bytes + count;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        lines++;
        at = newline ? newline + 1 : end;
    }
    return lines;
}

static thor_status cut_lines(thor_score_lines *lines, size_t bytes, const char *name, thor_error *error)
{
    const char *at = lines->memory, *end = at + bytes;
    for (size_t line = 0; line < lines->count; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);
        size_t good = thor_unicode_check(at, length);
        const char *zero = memchr(at, '\0', good);
        if (zero)
            return thor_fail(error, THOR_E_FORMAT,
                             "%s:%zu: byte %zu of the line is zero, which no text has; convert the file, as with "
                             "iconv(1)", name, line + 1, (size_t)(zero - at) + 1);
        if (good < length)
            return thor_fail(error, THOR_E_FORMAT,
                             "%s:%zu: byte %zu of the line (0x%02X) is not UTF-8; convert the file, as with iconv(1)",
                             name, line + 1, good + 1, (unsigned)(unsigned char)at[good]);
        lines->items[line] = (thor_score_line){ at, thor_unicode_trim_right(at, length) };
        at += length + 1;
    }
    return THOR_OK;
}

thor_status thor_score_lines_read(thor_score_lines *lines, FILE *stream, const char *name, thor_error *error)
{
    *lines = (thor_score_lines){ .items = NULL };
    thor_bytes all = { .data = NULL };
    thor_status status = read_all(&all, stream, name, error);
    lines->memory = all.data;
    if (status == THOR_OK && all.count > 0) {
        lines->count = count_lines(all.data, all.count);
        lines->items = calloc(lines->count, sizeof *lines->items);
        if (lines->items)
            status = cut_lines(lines, all.count, name, error);
        else
            status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu lines", name, lines->count);
    }
    if (status != THOR_OK)
        thor_score_lines_free(lines);
    return status;
}

thor_status thor_score_lines_open(thor_score_lines *lines, const char *path, thor_error *error)
{
    *lines = (thor_score_lines){ .items = NULL };
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return thor_fail(error, THOR_E_IO, "%s: cannot be opened: %s", path, strerror(errno));
    thor_status status = thor_score_lines_read(lines, stream, path, error);
    fclose(stream);
    return status;
}

thor_score_line thor_score_lines_field(thor_score_line line, size_t index)
{
    const char *at = line.bytes, *end = line.bytes + line.count;
    for (; index > 0; index--) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        at = tab ? tab + 1 : end;
    }
    const char *tab = memchr(at, '\t', (size_t)(end - at));
    return (thor_score_line){ at, thor_unicode_trim_right(at, (size_t)((tab ? tab : end) - at)) };
}

void thor_score_lines_free(thor_score_lines *lines)
{
    free(lines->items);
    free(lines->memory);
    *lines = (thor_score_lines){ .items = NULL };
}
