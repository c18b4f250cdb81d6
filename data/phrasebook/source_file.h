/* A source file, given out line by line, and the small parts that its lines consist of. */
#ifndef THOR_PHRASEBOOK_SOURCE_FILE_H
#define THOR_PHRASEBOOK_SOURCE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "pool.h"

struct source {
    struct pool *pool;
    const char *name;
    char *next;                 /* lines are cut out of the text where they stand */
    long line;                  /* number of the line given out last */
};

/* Reads the file whole; it has to be valid UTF-8 without control characters. */
struct source open_source(struct pool *pool, const char *name);

/* The next line that says something, trimmed, or NULL at the end. */
char *next_line(struct source *source);

/* Cuts blanks from both ends. */
char *trim(char *text);

/* Cuts the text at each mark; the parts are trimmed, and stand in the text. */
struct list cut(struct pool *pool, char *text, char mark);

/* The text after a key word and a blank, or NULL where the line does not start with them. */
char *after(char *line, const char *key);

/* Takes "xx = text" apart: the language, and the text in *text. */
int language_line(const struct source *source, char *line, char **text);

/* A decimal number up to 1,000,000 and nothing else; false leaves *value. */
bool parse_count(const char *text, size_t *value);

#endif
