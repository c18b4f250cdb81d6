/* Writing a column: numbers go through a buffer in the file's byte order, and the checksum sees what the file gets. */
#include "base/little_endian.h"
#include "data/format.h"

#include <stdlib.h>
#include <string.h>

static thor_status flush(thor_column_writer *writer, thor_error *error)
{
    thor_sha256_add(&writer->hash, writer->buffer, writer->used);
    if (fwrite(writer->buffer, 1, writer->used, writer->output.stream) != writer->used)
        return thor_fail_io(error, writer->output.path, "write it");
    writer->used = 0;
    return THOR_OK;
}

thor_status thor_column_open(thor_column_writer *writer, const char *folder, const char *name, thor_column_kind kind,
                             thor_error *error)
{
    memset(writer, 0, sizeof *writer);
    writer->kind = kind;
    char *path = thor_path(folder, name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", name);
    thor_status status = thor_output_open(&writer->output, path, error);
    free(path);
    thor_sha256_start(&writer->hash);
    thor_column_header(writer->buffer, kind);
    writer->used = THOR_DATA_HEADER;
    return status;
}

thor_status thor_column_add(thor_column_writer *writer, int64_t value, thor_error *error)
{
    size_t width = thor_column_width(writer->kind);
    if (sizeof writer->buffer - writer->used < width)
        THOR_TRY(flush(writer, error));
    unsigned char *place = writer->buffer + writer->used;
    if (writer->kind == THOR_IDS)
        thor_put32(place, (uint32_t)value);
    else
        thor_put64(place, (uint64_t)value);
    writer->used += width;
    writer->count++;
    return THOR_OK;
}

thor_status thor_column_commit(thor_column_writer *writer, const char *name, thor_column *column, thor_error *error)
{
    THOR_TRY(flush(writer, error));
    THOR_TRY(thor_output_commit_unsynced(&writer->output, error));
    *column = (thor_column){ .count = writer->count };
    memcpy(column->name, name, strlen(name) + 1);
    thor_sha256_hex(&writer->hash, column->checksum);
    return THOR_OK;
}

void thor_column_abandon(thor_column_writer *writer)
{
    thor_output_abandon(&writer->output);
}
