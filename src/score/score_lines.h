/* Lines of text to be scored. */
#ifndef THOR_SCORE_SCORE_LINES_H
#define THOR_SCORE_SCORE_LINES_H

#include <stddef.h>
#include <stdio.h>

#include "base/status.h"

/* One line: `count` bytes of UTF-8, no newline, no zero byte behind them. A NULL pointer says that there is no such
 * text (a reference that this line does not have), which is not the same as an empty line. */
typedef struct thor_score_line {
    const char *bytes;
    size_t count;
} thor_score_line;

/* All lines of a file. */
typedef struct thor_score_lines {
    thor_score_line *items;
    size_t count;
    char *memory;               /* what the items point into */
} thor_score_lines;

/* The line that a C string holds; NULL stays NULL. */
thor_score_line thor_score_line_of(const char *text);

/* Reads a stream to its end, once. Lines end with '\n' (the last one may lack it); white space at their ends, a
 * carriage return too, is cut off as sacreBLEU does. `name` stands in errors: THOR_E_IO, THOR_E_FORMAT for bytes that
 * are not UTF-8 or zero (with their line), THOR_E_MEMORY. The caller frees with thor_score_lines_free. */
thor_status thor_score_lines_read(thor_score_lines *lines, FILE *stream, const char *name, thor_error *error);

/* The same for a file. */
thor_status thor_score_lines_open(thor_score_lines *lines, const char *path, thor_error *error);

/* Field `index`, from 0, of a line whose fields have tabs between, without white space at its end; a field behind the
 * last one is empty. */
thor_score_line thor_score_lines_field(thor_score_line line, size_t index);

void thor_score_lines_free(thor_score_lines *lines);

#endif
