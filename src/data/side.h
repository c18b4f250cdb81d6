/* One side of a parallel text, line by line, in constant memory, plain or compressed, with every fault named by file
 * and line. A corpus may have been written anywhere, so CR LF and a byte order mark are taken as line ends and as
 * nothing, and counted where it matters. Only LF and CR LF end a line: a CR elsewhere, U+0085, U+2028 and the like are
 * text. */
#ifndef THOR_DATA_SIDE_H
#define THOR_DATA_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "text/source.h"

enum { THOR_LONGEST_LINE = 1 << 26 };   /* bytes */

typedef struct thor_side {
    thor_source source;
    const char *path;           /* the caller's */
    char *buffer;
    size_t begin, end, room;    /* bytes read and not yet given */
    int64_t number;             /* lines given so far */
    int64_t returns;            /* lines that ended with CR LF */
    int64_t stray_returns;      /* lines with a CR inside, which other programs may take for the end of a line */
    bool ended;
} thor_side;

/* `path` has to stay as long as the reader. */
thor_status thor_side_open(thor_side *lines, const char *path, thor_error *error);
void thor_side_close(thor_side *lines);

/* The next line without its end (LF, CR LF, or the end of the file), checked: UTF-8, no zero byte, no more than
  * THOR_LONGEST_LINE bytes; else THOR_E_FORMAT. A byte order mark in front of the first line is left out. *more is
  * false behind the last line. The text is valid until the next call. */
thor_status thor_side_next(thor_side *lines, const char **text, size_t *count, bool *more, thor_error *error);

/* Calls `take` for each line of a file, up to the first error. *number, unless it is NULL, is how many there were. */
typedef thor_status thor_side_taker(void *context, const char *text, size_t count, thor_error *error);
thor_status thor_side_each(const char *path, thor_side_taker *take, void *context, int64_t *number, thor_error *error);

#endif
