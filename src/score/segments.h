/* Lines of text to be scored. */
#ifndef THOR_SCORE_SEGMENTS_H
#define THOR_SCORE_SEGMENTS_H

#include <stddef.h>
#include <stdio.h>

#include "base/status.h"

/* One line: `count` bytes of UTF-8, no newline, no zero byte behind them. A NULL pointer says that there is no such
 * text (a reference that this line has not), which is something else than an empty line. */
typedef struct thor_segment {
    const char *bytes;
    size_t count;
} thor_segment;

/* All lines of a file. */
typedef struct thor_segments {
    thor_segment *items;
    size_t count;
    char *memory;               /* what the items point into */
} thor_segments;

/* A segment of a C string; NULL stays NULL. */
thor_segment thor_segment_of(const char *text);

/* Reads a stream to its end, once. Lines end with '\n' (the last one may lack it); white space at their ends, a
 * carriage return too, is cut off as sacreBLEU does. `name` stands in errors: THOR_E_IO, THOR_E_FORMAT for bytes that
 * are not UTF-8 (with their line), THOR_E_MEMORY. The caller frees with thor_segments_free. */
thor_status thor_segments_read(thor_segments *segments, FILE *stream, const char *name, thor_error *error);

/* The same for a file. */
thor_status thor_segments_open(thor_segments *segments, const char *path, thor_error *error);

void thor_segments_free(thor_segments *segments);

#endif
