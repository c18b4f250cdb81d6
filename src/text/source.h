/* The bytes of a text file, plain or compressed (gzip, xz, zstd; told by how the file begins, not by its name). */
#ifndef THOR_TEXT_SOURCE_H
#define THOR_TEXT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "text/unpack.h"

typedef struct thor_source {
    FILE *stream;
    const char *path;           /* the caller's */
    const thor_compression *compression;  /* NULL: plain */
    void *state;                /* of the compression */
    unsigned char *buffer;      /* bytes of the file that are not yet used: begin … end-1 */
    size_t begin, end;
    bool ended, whole;          /* the file is read; no stream is open */
} thor_source;

/* `path` has to stay as long as the source; NULL is standard input. A folder, and a compression whose library is not
 * built in, are errors. Close it in any case. */
thor_status thor_source_open(thor_source *source, const char *path, thor_error *error);
void thor_source_close(thor_source *source);

/* Up to `room` bytes; *count is 0 at the end. `line` stands in the errors of a compressed file, which has no places of
 * its own: what comes next is in this line. */
thor_status thor_source_read(thor_source *source, void *bytes, size_t room, int64_t line, size_t *count,
                             thor_error *error);

#endif
