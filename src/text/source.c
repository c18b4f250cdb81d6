#include "text/source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"

enum { BUFFER = 1 << 17 };

/* Reads more of the file behind what is there; the buffer has to be used up or unread. */
static thor_status refill(thor_source *source, thor_error *error)
{
    source->begin = 0;
    source->end = fread(source->buffer, 1, BUFFER, source->stream);
    source->ended = source->end < BUFFER;
    if (ferror(source->stream))
        return thor_fail_io(error, source->path, "read it");
    return THOR_OK;
}

static thor_status start_unpacking(thor_source *source, thor_error *error)
{
    const thor_compression *compression = source->compression;
    if (!compression)
        return THOR_OK;
    if (!compression->make)
        return thor_fail(error, THOR_E_FAILED,
                         "%s: is compressed with %s, which this thor was built without; unpack it (%s), or build thor "
                         "where configure finds %s",
                         source->path, compression->name, compression->tool, compression->library);
    source->state = compression->make();
    if (!source->state)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory to unpack it", source->path);
    return THOR_OK;
}

/* A file that is named compressed and is not: mostly a page with an error that was saved in its place. */
static thor_status check_name(const thor_source *source, thor_error *error)
{
    size_t unpacked = thor_unpacked_name(source->path);
    bool is_page = source->end > 0 && source->buffer[0] == '<';
    if (source->compression || source->path[unpacked] == '\0')
        return THOR_OK;
    return thor_fail(error, THOR_E_FORMAT, "%s: is not compressed, though its name ends in %s%s; expected what the "
                     "name says; get the file again, or rename it", source->path, source->path + unpacked,
                     source->end == 0 ? " (it is empty)" : is_page ? " (it looks like a saved web page)" : "");
}

thor_status thor_source_open(thor_source *source, const char *path, thor_error *error)
{
    *source = (thor_source){ .path = path ? path : "standard input", .buffer = malloc(BUFFER) };
    if (!source->buffer)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory to read it", source->path);
    source->stream = path ? fopen(path, "rb") : stdin;
    struct stat facts;
    if (!source->stream)
        return thor_fail_io(error, source->path, "open it");
    if (fstat(fileno(source->stream), &facts) == 0 && S_ISDIR(facts.st_mode))
        return thor_fail(error, THOR_E_IO, "%s: is a folder; expected a file with one sentence a line", source->path);
    setvbuf(source->stream, NULL, _IONBF, 0);
    THOR_TRY(refill(source, error));
    source->compression = thor_compression_of(source->buffer, source->end);
    THOR_TRY(check_name(source, error));
    return start_unpacking(source, error);
}

void thor_source_close(thor_source *source)
{
    if (source->state)
        source->compression->free(source->state);
    if (source->stream && source->stream != stdin)
        fclose(source->stream);
    free(source->buffer);
    *source = (thor_source){ .stream = NULL };
}

static thor_status read_plain(thor_source *source, void *bytes, size_t room, size_t *count, thor_error *error)
{
    if (source->begin == source->end && !source->ended)
        THOR_TRY(refill(source, error));
    size_t there = source->end - source->begin;
    *count = there < room ? there : room;
    memcpy(bytes, source->buffer + source->begin, *count);
    source->begin += *count;
    return THOR_OK;
}

static thor_status damaged(const thor_source *source, int64_t line, const char *what, thor_error *error)
{
    return thor_fail(error, THOR_E_FORMAT, "%s:%lld: the %s data %s; get the file again", source->path, (long long)line,
                     source->compression->name, what);
}

static thor_status read_packed(thor_source *source, void *bytes, size_t room, int64_t line, size_t *count,
                               thor_error *error)
{
    thor_unpack_flow flow = { .out = bytes, .out_count = room };
    while (flow.out_count == room) {
        if (source->begin == source->end && !source->ended)
            THOR_TRY(refill(source, error));
        flow.in = source->buffer + source->begin;
        flow.in_count = source->end - source->begin;
        flow.last = source->ended;
        if (flow.in_count == 0 && source->ended && source->whole)
            break;
        size_t before = flow.in_count;
        thor_unpack_result result = source->compression->step(source->state, &flow);
        source->begin = source->end - flow.in_count;
        if (result == THOR_UNPACK_DAMAGED)
            return damaged(source, line, "is damaged", error);
        if (result == THOR_UNPACK_TOO_LARGE)
            return thor_fail(error, THOR_E_MEMORY, "%s:%lld: unpacking asks for more than %d MiB; unpack it first (%s)",
                             source->path, (long long)line, THOR_UNPACK_MOST >> 20, source->compression->tool);
        source->whole = result == THOR_UNPACK_WHOLE;
        if (!source->whole && source->ended && before == flow.in_count && flow.out_count == room)
            return damaged(source, line, "ends too early", error);
    }
    *count = room - flow.out_count;
    return THOR_OK;
}

thor_status thor_source_read(thor_source *source, void *bytes, size_t room, int64_t line, size_t *count,
                             thor_error *error)
{
    *count = 0;
    if (room == 0)
        return THOR_OK;
    return source->compression ? read_packed(source, bytes, room, line, count, error)
                           : read_plain(source, bytes, room, count, error);
}
