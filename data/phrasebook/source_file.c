#include "source_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "fail.h"
#include "letters.h"

enum { LARGEST_COUNT = 1000000 };

static void check_bytes(const char *name, const char *text, size_t length)
{
    long line = 1;
    for (size_t i = 0; i < length; i += character_length(text + i)) {
        if (text[i] == '\n')
            line++;
        else if (text[i] == '\0' || text[i] == '\r' || text[i] == '\t')
            fail(name, line, "control character");
        if (character_length(text + i) == 0)
            fail(name, line, "not valid UTF-8");
    }
}

/* Everything that is left in a stream, with a zero byte behind it. */
static char *read_stream(struct pool *pool, FILE *stream, size_t *length)
{
    char *text = NULL;
    size_t room = 0;
    *length = 0;
    for (size_t got = 1; got > 0; *length += got) {
        if (*length == room) {
            char *old = text;
            room = room == 0 ? 65536 : 2 * room;
            text = take(pool, room + 1, 1);
            if (*length > 0)
                memcpy(text, old, *length);
        }
        got = fread(text + *length, 1, room - *length, stream);
    }
    return text;
}

struct source open_source(struct pool *pool, const char *name)
{
    FILE *stream = fopen(name, "rb");
    if (stream == NULL)
        fail(name, 0, "cannot open: %s", strerror(errno));
    size_t length;
    char *text = read_stream(pool, stream, &length);
    if (ferror(stream) != 0 || fclose(stream) != 0)
        fail(name, 0, "cannot read: %s", strerror(errno));
    check_bytes(name, text, length);
    if (length == 0 || text[length - 1] != '\n')
        fail(name, 0, length == 0 ? "empty file" : "last line has no end");
    return (struct source){ .pool = pool, .name = name, .next = text };
}

char *trim(char *text)
{
    while (*text == ' ')
        text++;
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
    return text;
}

char *next_line(struct source *source)
{
    while (*source->next != '\0') {
        char *line = source->next;
        char *end = strchr(line, '\n');
        *end = '\0';
        source->next = end + 1;
        source->line++;
        line = trim(line);
        if (*line != '\0' && *line != '#')
            return line;
    }
    return NULL;
}

struct list cut(struct pool *pool, char *text, char mark)
{
    struct list parts = { .count = 0 };
    for (char *end = text; end != NULL; text = end + 1) {
        end = strchr(text, mark);
        if (end != NULL)
            *end = '\0';
        append(pool, &parts, trim(text));
        if (end == NULL)
            break;
    }
    return parts;
}

char *after(char *line, const char *key)
{
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0 || line[length] != ' ')
        return NULL;
    return trim(line + length);
}

int language_line(const struct source *source, char *line, char **text)
{
    char *equals = strstr(line, " =");
    if (equals == NULL || (equals[2] != ' ' && equals[2] != '\0'))
        fail(source->name, source->line, "neither a key word nor 'xx = text'");
    *equals = '\0';
    *text = trim(equals + 2);
    int language = find_language(trim(line));
    if (language == LANGUAGES)
        fail(source->name, source->line, "unknown language '%s'", line);
    return language;
}

bool parse_count(const char *text, size_t *value)
{
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || number > LARGEST_COUNT)
        return false;
    *value = (size_t)number;
    return true;
}
