/* Lines to translate, as many at a time as are there: a pipe whose other end waits for an answer gets it. */
#ifndef THOR_DECODE_LINE_INPUT_H
#define THOR_DECODE_LINE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

typedef struct thor_input_line {
    size_t start, bytes;        /* in the chunk's text */
    int64_t number;             /* in the input, from 1 */
} thor_input_line;

/* Lines that are translated together. Zero it before the first use; thor_line_chunk_free after the last. */
typedef struct thor_line_chunk {
    thor_bytes text;
    thor_input_line *lines;
    size_t count, room;
} thor_line_chunk;

typedef struct thor_line_input {
    int file;
    const char *name;           /* "standard input" or a path */
    bool replace;               /* bytes that are not UTF-8 become U+FFFD instead of an error */
    char *buffer;
    size_t at, end, room;
    int64_t number;             /* lines handed out */
    bool finished;
} thor_line_input;

/* NULL or "-" is standard input. */
thor_status thor_line_input_open(thor_line_input *input, const char *path, bool replace, thor_error *error);
void thor_line_input_close(thor_line_input *input);

/* Fills the chunk with up to `most` lines: waits for the first one, takes what else is there at once. No line means the
 * end. After an error the chunk holds the good lines before it. Errors: THOR_E_IO; THOR_E_FORMAT with the line's number
 * for bytes that are not UTF-8, a zero byte, a line of a megabyte. */
thor_status thor_line_input_read(thor_line_input *input, thor_line_chunk *chunk, size_t most,
                                      thor_error *error);

void thor_line_chunk_free(thor_line_chunk *chunk);

#endif
