/* Text files line by line, plain or compressed, each line checked before anybody sees it. */
#ifndef THOR_TEXT_LINES_H
#define THOR_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "text/source.h"

/* A line has fewer bytes than this. */
enum { THOR_LINE_MOST = 1000000 };

typedef struct thor_lines {
    thor_source source;
    char *name;             /* for errors; "standard input" */
    char *buffer;           /* what was read; at … end - 1 is still to be handed out */
    size_t at, end;
    int64_t number;         /* of the line handed out last, from 1 */
    bool finished;          /* the source is at its end */
} thor_lines;

/* Opens a file; NULL or "-" is standard input. thor_lines_close closes it. */
thor_status thor_lines_open(thor_lines *lines, const char *path, thor_error *error);
void thor_lines_close(thor_lines *lines);

/* The next line without its end, a newline with or without a carriage return before it; the last line may lack it.
 * The text is valid until the next call. *more is false when there is none. Errors: THOR_E_IO; THOR_E_FORMAT with
 * file and line for a zero byte, for bytes that are not UTF-8 and for a line that is too long. */
thor_status thor_lines_next(thor_lines *lines, const char **text, size_t *count, bool *more, thor_error *error);

/* Called for a line; `lines` has the name of the file and the number of the line. */
typedef thor_status thor_line_taker(void *context, const thor_lines *lines, const char *text, size_t count,
                                    thor_error *error);

/* All lines of a file in turn, up to the first error. */
thor_status thor_lines_each(const char *path, thor_line_taker *take, void *context, thor_error *error);

#endif
