#include "text/unpack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef THOR_HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef THOR_HAVE_LZMA
#include <lzma.h>
#endif
#ifdef THOR_HAVE_ZSTD
#include <zstd.h>
#endif

/* The largest size that fits the field of a library's stream. */
#if defined(THOR_HAVE_ZLIB)
static unsigned int at_most(size_t count)
{
    return count < 1U << 30 ? (unsigned int)count : 1U << 30;
}
#endif

/* ---- gzip -------------------------------------------------------------------------------------------------------- */

#ifdef THOR_HAVE_ZLIB
static void *gzip_make(void)
{
    enum { GZIP_WINDOW = 15 + 16 };
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream && inflateInit2(stream, GZIP_WINDOW) != Z_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static thor_unpack_result gzip_step(void *state, thor_unpack_flow *flow)
{
    z_stream *stream = state;
    unsigned int given = at_most(flow->in_count), room = at_most(flow->out_count);
    /* zlib does not write there, but old ones do not say so. */
    stream->next_in = (unsigned char *)(uintptr_t)flow->in;
    stream->avail_in = given;
    stream->next_out = flow->out;
    stream->avail_out = room;
    int code = inflate(stream, Z_NO_FLUSH);
    flow->in += given - stream->avail_in;
    flow->in_count -= given - stream->avail_in;
    flow->out += room - stream->avail_out;
    flow->out_count -= room - stream->avail_out;
    if (code == Z_STREAM_END)
        return inflateReset(stream) == Z_OK ? THOR_UNPACK_WHOLE : THOR_UNPACK_DAMAGED;
    if (code == Z_MEM_ERROR)
        return THOR_UNPACK_TOO_LARGE;
    return code == Z_OK || code == Z_BUF_ERROR ? THOR_UNPACK_MORE : THOR_UNPACK_DAMAGED;
}

static void gzip_free(void *state)
{
    if (state)
        inflateEnd(state);
    free(state);
}
#else
#define gzip_make NULL
#define gzip_step NULL
#define gzip_free NULL
#endif

/* ---- xz ---------------------------------------------------------------------------------------------------------- */

#ifdef THOR_HAVE_LZMA
static void *xz_make(void)
{
    lzma_stream *stream = malloc(sizeof *stream), fresh = LZMA_STREAM_INIT;
    if (!stream)
        return NULL;
    *stream = fresh;
    if (lzma_stream_decoder(stream, THOR_UNPACK_MOST, LZMA_CONCATENATED) == LZMA_OK)
        return stream;
    free(stream);
    return NULL;
}

static thor_unpack_result xz_step(void *state, thor_unpack_flow *flow)
{
    lzma_stream *stream = state;
    stream->next_in = flow->in;
    stream->avail_in = flow->in_count;
    stream->next_out = flow->out;
    stream->avail_out = flow->out_count;
    lzma_ret code = lzma_code(stream, flow->last ? LZMA_FINISH : LZMA_RUN);
    flow->in = stream->next_in;
    flow->in_count = stream->avail_in;
    flow->out = stream->next_out;
    flow->out_count = stream->avail_out;
    if (code == LZMA_STREAM_END)
        return THOR_UNPACK_WHOLE;
    if (code == LZMA_MEM_ERROR || code == LZMA_MEMLIMIT_ERROR)
        return THOR_UNPACK_TOO_LARGE;
    return code == LZMA_OK || code == LZMA_BUF_ERROR ? THOR_UNPACK_MORE : THOR_UNPACK_DAMAGED;
}

static void xz_free(void *state)
{
    if (state)
        lzma_end(state);
    free(state);
}
#else
#define xz_make NULL
#define xz_step NULL
#define xz_free NULL
#endif

/* ---- zstd -------------------------------------------------------------------------------------------------------- */

#ifdef THOR_HAVE_ZSTD
static void *zstd_make(void)
{
    return ZSTD_createDStream();
}

static thor_unpack_result zstd_step(void *state, thor_unpack_flow *flow)
{
    ZSTD_inBuffer in = { flow->in, flow->in_count, 0 };
    ZSTD_outBuffer out = { flow->out, flow->out_count, 0 };
    size_t code = ZSTD_decompressStream(state, &out, &in);
    flow->in += in.pos;
    flow->in_count -= in.pos;
    flow->out += out.pos;
    flow->out_count -= out.pos;
    if (ZSTD_isError(code))
        return strstr(ZSTD_getErrorName(code), "memory") ? THOR_UNPACK_TOO_LARGE : THOR_UNPACK_DAMAGED;
    return code == 0 ? THOR_UNPACK_WHOLE : THOR_UNPACK_MORE;
}

static void zstd_free(void *state)
{
    ZSTD_freeDStream(state);
}
#else
#define zstd_make NULL
#define zstd_step NULL
#define zstd_free NULL
#endif

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static const thor_compression compressions[] = {
    { "gzip", ".gz", "gzip -d", "zlib", { 0x1F, 0x8B }, 2, gzip_make, gzip_step, gzip_free },
    { "xz", ".xz", "xz -d", "liblzma", { 0xFD, '7', 'z', 'X', 'Z', 0x00 }, 6, xz_make, xz_step, xz_free },
    { "zstd", ".zst", "zstd -d", "libzstd", { 0x28, 0xB5, 0x2F, 0xFD }, 4, zstd_make, zstd_step, zstd_free },
};

const thor_compression *thor_compressions(size_t *count)
{
    *count = sizeof compressions / sizeof *compressions;
    return compressions;
}

const thor_compression *thor_compression_of(const void *begin, size_t count)
{
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++)
        if (count >= compressions[i].magic_count &&
            memcmp(begin, compressions[i].magic, compressions[i].magic_count) == 0)
            return &compressions[i];
    return NULL;
}

size_t thor_unpacked_name(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
        size_t suffix = strlen(compressions[i].suffix);
        if (length > suffix && strcmp(name + length - suffix, compressions[i].suffix) == 0)
            return length - suffix;
    }
    return length;
}
