/* Opening a column: its values, mapped or in memory, after everything that the index says of them has been checked. */
#include "data/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "pieces/vocab.h"

static bool machine_is_little(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

int64_t thor_column_bytes(const thor_column *column, thor_column_kind kind)
{
    return THOR_DATA_HEADER + column->count * (int64_t)thor_column_width(kind);
}

void thor_column_close(thor_column *column)
{
    if (column->map.bytes)
        thor_map_close(&column->map);
    free(column->copy);
    column->copy = NULL;
    column->values = NULL;
    column->map = (thor_map){ .bytes = NULL };
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static thor_status check_form(const thor_column *column, thor_column_kind kind, const unsigned char *bytes,
                              size_t count, const char *path, thor_error *error)
{
    unsigned char header[THOR_DATA_HEADER];
    int64_t expected = thor_column_bytes(column, kind);
    thor_column_header(header, kind);
    if ((uint64_t)count != (uint64_t)expected)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: %zu bytes, expected %lld; the file is truncated or of another corpus: prepare it again",
                         path, count, (long long)expected);
    if (memcmp(bytes, header, sizeof header) != 0)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: does not begin as a file of %s of format version %d; prepare the corpus again",
                         path, thor_column_kind_name(kind), THOR_DATA_VERSION);
    return THOR_OK;
}

static thor_status check_sum(const thor_column *column, const unsigned char *bytes, size_t count, const char *path,
                             thor_error *error)
{
    thor_sha256 hash;
    char hex[65];
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, bytes, count);
    thor_sha256_hex(&hash, hex);
    if (strcmp(hex, column->checksum) != 0)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: SHA-256 is %.12s…, %s says %.12s…; the file was damaged: prepare the corpus again",
                         path, hex, THOR_DATA_INDEX, column->checksum);
    return THOR_OK;
}

static thor_status check_ids(const thor_column *column, int32_t pieces, const char *path, thor_error *error)
{
    const int32_t *ids = column->values;
    for (int64_t i = 0; i < column->count; i++)
        if (ids[i] < THOR_ID_UNK || ids[i] >= THOR_ID_FIRST_PIECE + pieces)
            return thor_fail(error, THOR_E_FORMAT,
                             "%s: id %d at place %lld is not of a vocabulary of %d pieces; prepare the corpus again",
                             path, (int)ids[i], (long long)i, (int)pieces);
    return THOR_OK;
}

static thor_status check_offsets(const thor_column *column, int64_t ids, const char *path, thor_error *error)
{
    const int64_t *offsets = column->values;
    bool right = offsets[0] == 0 && offsets[column->count - 1] == ids;
    for (int64_t i = 1; i < column->count; i++)
        right = right && offsets[i] >= offsets[i - 1] && offsets[i] - offsets[i - 1] < INT32_MAX;
    if (!right)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: offsets do not rise from 0 to the %lld ids beside them; prepare the corpus again",
                         path, (long long)ids);
    return THOR_OK;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* From the file's byte order to the machine's, in place. */
static void turn_bytes(void *values, int64_t count, thor_column_kind kind)
{
    unsigned char *bytes = values;
    int32_t *ids = values;
    int64_t *offsets = values;
    for (int64_t i = 0; i < count; i++)
        if (kind == THOR_IDS)
            ids[i] = (int32_t)thor_get32(bytes + 4 * i);
        else
            offsets[i] = (int64_t)thor_get64(bytes + 8 * i);
}

static thor_status take(thor_column *column, thor_column_kind kind, const char *path, const thor_column_opening *how,
                        thor_error *error)
{
    const unsigned char *bytes;
    size_t count;
    if (how->copied || !machine_is_little()) {
        THOR_TRY(thor_read_file(path, (size_t)thor_column_bytes(column, kind), &column->copy, &count, error));
        bytes = (const unsigned char *)column->copy;
    } else {
        THOR_TRY(thor_map_open(&column->map, path, error));
        bytes = column->map.bytes;
        count = column->map.count;
    }
    THOR_TRY(check_form(column, kind, bytes, count, path, error));
    if (how->check == THOR_CHECK_CONTENT)
        THOR_TRY(check_sum(column, bytes, count, path, error));
    if (!machine_is_little())
        turn_bytes(column->copy + THOR_DATA_HEADER, column->count, kind);
    column->values = bytes + THOR_DATA_HEADER;
    if (kind == THOR_OFFSETS)
        return check_offsets(column, how->ids, path, error);
    return how->check == THOR_CHECK_CONTENT ? check_ids(column, how->pieces, path, error) : THOR_OK;
}

thor_status thor_column_load(thor_column *column, const char *folder, thor_column_kind kind,
                             const thor_column_opening *how, thor_error *error)
{
    char *path = thor_path(folder, column->name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", column->name);
    thor_status status = take(column, kind, path, how, error);
    free(path);
    return status;
}

thor_status thor_column_verify(const char *folder, const thor_column *column, thor_column_kind kind, thor_error *error)
{
    thor_map map = { .bytes = NULL };
    char *path = thor_path(folder, column->name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", column->name);
    thor_status status = thor_map_open(&map, path, error);
    if (status == THOR_OK)
        status = check_form(column, kind, map.bytes, map.count, path, error);
    if (status == THOR_OK)
        status = check_sum(column, map.bytes, map.count, path, error);
    if (map.bytes)
        thor_map_close(&map);
    free(path);
    return status;
}
