#include "data/prepared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/par.h"
#include "data/format.h"
#include "pieces/vocab.h"

/* ---- one column -------------------------------------------------------------------------------------------------- */

static bool machine_is_little(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static void close_column(thor_column *column)
{
    if (column->map.bytes)
        thor_map_close(&column->map);
    free(column->copy);
    column->copy = NULL;
    column->values = NULL;
    column->map = (thor_map){ .bytes = NULL };
}

static thor_status check_bytes(const thor_column *column, thor_column_kind kind, const char *path, thor_error *error)
{
    unsigned char header[THOR_DATA_HEADER];
    thor_column_header(header, kind);
    uint64_t expected = THOR_DATA_HEADER + (uint64_t)column->count * thor_column_width(kind);
    if (column->map.count != expected)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: %zu bytes, expected %llu; the file is truncated or of another corpus: prepare it again",
                         path, column->map.count, (unsigned long long)expected);
    if (memcmp(column->map.bytes, header, sizeof header) != 0)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: does not begin as a file of %s of format version %d; prepare the corpus again",
                         path, thor_column_kind_name(kind), THOR_DATA_VERSION);
    thor_sha256 hash;
    char hex[65];
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, column->map.bytes, column->map.count);
    thor_sha256_hex(&hash, hex);
    if (strcmp(hex, column->checksum) != 0)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: SHA-256 is %.12s…, %s says %.12s…; the file was damaged: prepare the corpus again",
                         path, hex, THOR_DATA_INDEX, column->checksum);
    return THOR_OK;
}

thor_status thor_column_verify(const char *folder, const thor_column *column, thor_column_kind kind, thor_error *error)
{
    thor_column opened = *column;
    char *path = thor_path(folder, column->name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", column->name);
    thor_status status = thor_map_open(&opened.map, path, error);
    if (status == THOR_OK) {
        status = check_bytes(&opened, kind, path, error);
        thor_map_close(&opened.map);
    }
    free(path);
    return status;
}

/* Where the machine's byte order is not the file's, a copy takes the place of the map. */
static thor_status place_values(thor_column *column, thor_column_kind kind, const char *path, thor_error *error)
{
    const unsigned char *bytes = column->map.bytes + THOR_DATA_HEADER;
    column->values = bytes;
    if (machine_is_little())
        return THOR_OK;
    size_t width = thor_column_width(kind);
    column->copy = malloc((size_t)column->count * width + 1);
    if (!column->copy)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a copy of %zu bytes", path, column->map.count);
    int32_t *ids = column->copy;
    int64_t *offsets = column->copy;
    for (int64_t i = 0; i < column->count; i++)
        if (kind == THOR_IDS)
            ids[i] = (int32_t)thor_get32(bytes + 4 * i);
        else
            offsets[i] = (int64_t)thor_get64(bytes + 8 * i);
    column->values = column->copy;
    thor_map_close(&column->map);
    column->map = (thor_map){ .bytes = NULL };
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

/* ---- all of them ------------------------------------------------------------------------------------------------- */

typedef struct opening {
    thor_prepared *prepared;
    const char *folder;
    thor_status *statuses; /* one for each column */
} opening;

enum { COLUMNS = THOR_SPLITS * 2 * THOR_COLUMN_KINDS, WORTH_THREADS = 1 << 20 };

static thor_status open_column(const opening *job, int64_t item, thor_error *error)
{
    int64_t rest = item % COLUMNS;
    thor_column_kind kind = (thor_column_kind)(rest % THOR_COLUMN_KINDS);
    int64_t side = rest / THOR_COLUMN_KINDS % 2, split = rest / THOR_COLUMN_KINDS / 2;
    thor_column *columns = job->prepared->files->pairs[item / COLUMNS][split][side];
    char *path = thor_path(job->folder, columns[kind].name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", columns[kind].name);
    thor_status status = thor_map_open(&columns[kind].map, path, error);
    if (status == THOR_OK)
        status = check_bytes(&columns[kind], kind, path, error);
    if (status == THOR_OK)
        status = place_values(&columns[kind], kind, path, error);
    if (status == THOR_OK)
        status = kind == THOR_IDS ? check_ids(&columns[kind], job->prepared->pieces, path, error)
                                  : check_offsets(&columns[kind], columns[THOR_IDS].count, path, error);
    free(path);
    return status;
}

static void open_columns(void *context, int64_t begin, int64_t end, int thread)
{
    const opening *job = context;
    (void)thread;
    for (int64_t item = begin; item < end; item++)
        job->statuses[item] = open_column(job, item, NULL);
}

/* A small corpus is read sooner than threads start. */
static thor_par choose_threads(const thor_prepared *prepared)
{
    int64_t ids = 0;
    for (int32_t pair = 0; pair < prepared->pair_count && ids < WORTH_THREADS; pair++)
        ids += prepared->files->pairs[pair][THOR_TRAIN][0][THOR_IDS].count;
    return thor_par_make(ids < WORTH_THREADS ? 1 : 0);
}

static thor_status open_files(thor_prepared *prepared, const char *folder, thor_error *error)
{
    int64_t count = (int64_t)prepared->pair_count * COLUMNS;
    opening job = { prepared, folder, calloc((size_t)count, sizeof(thor_status)) };
    if (!job.statuses)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %lld files", folder, (long long)count);
    thor_par par = choose_threads(prepared);
    thor_par_each(&par, count, open_columns, &job);
    thor_status status = THOR_OK;
    for (int64_t item = 0; item < count && status == THOR_OK; item++)
        if (job.statuses[item] != THOR_OK) {
            /* The first of them is opened once more, for its sentence. */
            close_column(&(&prepared->files->pairs[item / COLUMNS][0][0][0])[item % COLUMNS]);
            status = open_column(&job, item, error);
            if (status == THOR_OK)
                status = thor_fail(error, THOR_E_IO, "%s: a file changed while it was opened; try again", folder);
        }
    free(job.statuses);
    return status;
}

static thor_status check_vocabulary(const thor_prepared *prepared, thor_error *error)
{
    thor_map map = { .bytes = NULL };
    THOR_TRY(thor_map_open(&map, prepared->vocabulary_path, error));
    thor_sha256 hash;
    char hex[65];
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, map.bytes, map.count);
    thor_sha256_hex(&hash, hex);
    thor_map_close(&map);
    if (strcmp(hex, prepared->vocabulary_checksum) != 0)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: SHA-256 is %.12s…, %s says %.12s…; it is not the vocabulary of "
                         "this corpus: prepare that again",
                         prepared->vocabulary_path, hex, THOR_DATA_INDEX, prepared->vocabulary_checksum);
    return THOR_OK;
}

static thor_status open_folder(thor_prepared *prepared, const char *folder, const char *index, thor_error *error)
{
    struct stat found;
    const char *missing = stat(folder, &found) != 0 ? folder : stat(index, &found) != 0 ? index : NULL;
    if (missing && (errno == ENOENT || errno == ENOTDIR))
        return thor_fail(error, THOR_E_IO, "%s is not there; expected a folder that `thor prepare -o` wrote", missing);
    if (missing)
        return thor_fail_io(error, missing, "look at it");
    THOR_TRY(thor_index_read(prepared, index, error));
    THOR_TRY(check_vocabulary(prepared, error));
    return open_files(prepared, folder, error);
}

thor_status thor_prepared_open(thor_prepared *prepared, const char *folder, thor_error *error)
{
    *prepared = (thor_prepared){ .vocabulary_path = thor_path(folder, THOR_DATA_VOCABULARY) };
    char *index = thor_path(folder, THOR_DATA_INDEX);
    thor_status status = index && prepared->vocabulary_path
                             ? open_folder(prepared, folder, index, error)
                             : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its path", folder);
    free(index);
    if (status != THOR_OK)
        thor_prepared_close(prepared);
    return status;
}

void thor_prepared_close(thor_prepared *prepared)
{
    for (int32_t i = 0; i < prepared->language_count; i++)
        free(prepared->languages[i]);
    for (int32_t i = 0; i < prepared->domain_count; i++)
        free(prepared->domains[i]);
    for (int32_t pair = 0; pair < prepared->pair_count; pair++)
        for (int column = 0; column < COLUMNS; column++)
            close_column(&(&prepared->files->pairs[pair][0][0][0])[column]);
    if (prepared->files)
        free(prepared->files->pairs);
    free(prepared->files);
    free(prepared->pairs);
    free(prepared->domains);
    free(prepared->languages);
    free(prepared->vocabulary_path);
    *prepared = (thor_prepared){ .languages = NULL };
}

const int32_t *thor_prepared_ids(const thor_prepared *prepared, int32_t pair, thor_split split, int side, int64_t index,
                                 int32_t *count)
{
    const thor_column *columns = prepared->files->pairs[pair][split][side];
    const int64_t *offsets = columns[THOR_OFFSETS].values;
    *count = (int32_t)(offsets[index + 1] - offsets[index]);
    return (const int32_t *)columns[THOR_IDS].values + offsets[index];
}
