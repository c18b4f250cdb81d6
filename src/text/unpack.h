/* Compressed files as libraries that others keep well unpack them. Which of them are there, configure decides. */
#ifndef THOR_TEXT_UNPACK_H
#define THOR_TEXT_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

/* Input that is still to be unpacked and room for what comes out; a step moves both. */
typedef struct thor_unpack_flow {
    const unsigned char *in;
    size_t in_count;
    unsigned char *out;
    size_t out_count;
    bool last;                  /* no input follows */
} thor_unpack_flow;

typedef enum thor_unpack_result {
    THOR_UNPACK_MORE,           /* in the middle of a stream */
    THOR_UNPACK_WHOLE,          /* a stream ended here; another one may follow */
    THOR_UNPACK_DAMAGED,
    THOR_UNPACK_TOO_LARGE,      /* more memory is asked for than THOR_UNPACK_MOST, or there is none */
} thor_unpack_result;

enum { THOR_UNPACK_MOST = 1 << 28 };    /* bytes that a file may ask for; xz -9 asks for 65 MiB, zstd -19 for 8 */

typedef struct thor_compression {
    const char *name, *suffix, *tool;   /* "gzip", ".gz", "gzip -d" */
    const char *library;        /* that unpacks it, for messages */
    unsigned char magic[6];     /* how a file begins */
    size_t magic_count;
    void *(*make)(void);        /* a state; NULL without memory. The functions are NULL where the library is not built
                                 * in. */
    thor_unpack_result (*step)(void *state, thor_unpack_flow *flow);
    void (*free)(void *state);
} thor_compression;

/* The compressions that are known, built in or not. */
const thor_compression *thor_compressions(size_t *count);

/* The compression of a file that begins with these bytes; NULL: none. */
const thor_compression *thor_compression_of(const void *begin, size_t count);

/* Bytes of `name` without the suffix of a compression. */
size_t thor_unpacked_name(const char *name);

#endif
