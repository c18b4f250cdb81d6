#include "data/prepared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sort.h"
#include "data/format.h"

typedef struct opening {
    thor_prepared *prepared;
    const char *folder;
    thor_prepared_check check;
    int64_t largest_copied;     /* bytes; files that are larger are mapped */
    thor_status *statuses;      /* one for each column */
} opening;

enum { COLUMNS = THOR_SPLITS * 2 * THOR_COLUMN_KINDS, WORTH_THREADS = 1 << 20 };

/* Maps that a process may have are few: vm.max_map_count of Linux is 65,530 as a rule, which other memory needs too. */
enum { MOST_MAPS = 1 << 15 };

static thor_column *column_at(const thor_prepared *prepared, int64_t item)
{
    return &(&prepared->files->pairs[item / COLUMNS][0][0][0])[item % COLUMNS];
}

/* Where there are more files than may be mapped, the smaller ones are read into memory: those up to this size. */
static thor_status choose_largest_copied(opening *job, int64_t count, thor_error *error)
{
    job->largest_copied = 0;
    if (count <= MOST_MAPS)
        return THOR_OK;
    uint64_t *bytes = malloc((size_t)count * sizeof *bytes);
    if (!bytes)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for the sizes of %lld files", job->folder,
                         (long long)count);
    for (int64_t item = 0; item < count; item++)
        bytes[item] = (uint64_t)thor_column_bytes(column_at(job->prepared, item),
                                                  (thor_column_kind)(item % THOR_COLUMN_KINDS));
    thor_sort_u64(bytes, count);
    job->largest_copied = (int64_t)bytes[count - MOST_MAPS - 1];
    free(bytes);
    return THOR_OK;
}

static thor_status open_column(const opening *job, int64_t item, thor_error *error)
{
    thor_column_kind kind = (thor_column_kind)(item % THOR_COLUMN_KINDS);
    thor_column *column = column_at(job->prepared, item), *ids = column_at(job->prepared, item - kind + THOR_IDS);
    thor_column_opening how = { .copied = thor_column_bytes(column, kind) <= job->largest_copied, .check = job->check,
                                .pieces = job->prepared->pieces, .ids = ids->count };
    return thor_column_load(column, job->folder, kind, &how, error);
}

static void open_columns(void *context, int64_t begin, int64_t end, int thread)
{
    const opening *job = context;
    (void)thread;
    for (int64_t item = begin; item < end; item++)
        job->statuses[item] = open_column(job, item, NULL);
}

/* A small corpus is read sooner than threads start. */
static thor_par choose_threads(const thor_prepared *prepared, const thor_par *par)
{
    int64_t ids = 0;
    for (int32_t pair = 0; pair < prepared->pair_count && ids < WORTH_THREADS; pair++)
        ids += prepared->files->pairs[pair][THOR_TRAIN][0][THOR_IDS].count;
    return par && ids >= WORTH_THREADS ? *par : (thor_par){ .threads = 1 };
}

static thor_status open_files(thor_prepared *prepared, const char *folder, const thor_par *par,
                              thor_prepared_check check, thor_error *error)
{
    int64_t count = (int64_t)prepared->pair_count * COLUMNS;
    opening job = { .prepared = prepared, .folder = folder, .check = check };
    THOR_TRY(choose_largest_copied(&job, count, error));
    job.statuses = calloc((size_t)count, sizeof *job.statuses);
    if (!job.statuses)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %lld files", folder, (long long)count);
    thor_par chosen = choose_threads(prepared, par);
    thor_par_each(&chosen, count, open_columns, &job);
    thor_status status = THOR_OK;
    for (int64_t item = 0; item < count && status == THOR_OK; item++)
        if (job.statuses[item] != THOR_OK) {
            /* The first of them is opened once more, for its sentence. */
            thor_column_close(column_at(prepared, item));
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

static thor_status open_folder(thor_prepared *prepared, const char *folder, const char *index, const thor_par *par,
                               thor_prepared_check check, thor_error *error)
{
    struct stat found;
    const char *missing = stat(folder, &found) != 0 ? folder : stat(index, &found) != 0 ? index : NULL;
    if (missing && (errno == ENOENT || errno == ENOTDIR))
        return thor_fail(error, THOR_E_IO, "%s does not exist; expected a folder that `thor prepare -o` wrote",
                         missing);
    if (missing)
        return thor_fail_io(error, missing, "look at it");
    THOR_TRY(thor_index_read(prepared, index, error));
    THOR_TRY(check_vocabulary(prepared, error));
    return open_files(prepared, folder, par, check, error);
}

thor_status thor_prepared_open(thor_prepared *prepared, const char *folder, const thor_par *par,
                               thor_prepared_check check, thor_error *error)
{
    *prepared = (thor_prepared){ .vocabulary_path = thor_path(folder, THOR_DATA_VOCABULARY) };
    char *index = thor_path(folder, THOR_DATA_INDEX);
    thor_status status = index && prepared->vocabulary_path
                             ? open_folder(prepared, folder, index, par, check, error)
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
            thor_column_close(&(&prepared->files->pairs[pair][0][0][0])[column]);
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
