#include "data/journal.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

enum { MOST_BYTES = 4096 };

void thor_journal_key(char key[65], const thor_vocab *vocab, int32_t max_pieces, const char *text)
{
    char facts[512];
    int count = snprintf(facts, sizeof facts, "thor %s format %d vocabulary %s most %d text %s", PACKAGE_VERSION,
                         THOR_DATA_VERSION, thor_vocab_checksum(vocab), (int)max_pieces, text);
    thor_sha256 hash;
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, facts, (size_t)count);
    thor_sha256_hex(&hash, key);
}

static char *record_path(const char *folder, int32_t pair, thor_split split)
{
    char name[48];
    snprintf(name, sizeof name, "%d.%s.done", (int)pair, thor_split_name(split));
    return thor_path(folder, name);
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

static size_t print_record(char text[MOST_BYTES], const char *key, const thor_done *done)
{
    const thor_prepare_counts *c = &done->counts;
    size_t used = (size_t)snprintf(text, MOST_BYTES,
                                   "thor-split\t1\t%s\ncounts\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
                                   "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
                                   "\t%" PRId64 "\t%" PRId64 "\t%" PRId32 "\t%" PRId32 "\n",
                                   key, c->read, c->kept, c->empty, c->too_long, c->returns[0], c->returns[1],
                                   c->stray[0], c->stray[1], c->pieces[0], c->pieces[1], c->unknown[0], c->unknown[1],
                                   c->longest[0], c->longest[1]);
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++)
            used += (size_t)snprintf(text + used, MOST_BYTES - used, "column\t%d\t%s\t%" PRId64 "\t%s\n", side,
                                     thor_column_kind_name((thor_column_kind)kind), done->columns[side][kind].count,
                                     done->columns[side][kind].checksum);
    return used;
}

static void checksum(char hex[65], const char *text, size_t count)
{
    thor_sha256 hash;
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, text, count);
    thor_sha256_hex(&hash, hex);
}

thor_status thor_journal_write(const char *folder, int32_t pair, thor_split split, const char *key,
                               const thor_done *done, thor_error *error)
{
    char text[MOST_BYTES], hex[65], *path = record_path(folder, pair, split);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a path in %s", folder);
    size_t used = print_record(text, key, done);
    checksum(hex, text, used);
    used += (size_t)snprintf(text + used, MOST_BYTES - used, "end\t%s\n", hex);
    thor_output output;
    thor_status status = thor_output_open(&output, path, error);
    free(path);
    THOR_TRY(status);
    fwrite(text, 1, used, output.stream);
    return thor_output_commit_unsynced(&output, error);
}

/* Reads what print_record printed and says whether it prints the same again. */
static bool parse_record(const char *text, const char *key, thor_done *done)
{
    thor_prepare_counts *c = &done->counts;
    int used = 0;
    int found = sscanf(text,
                       "thor-split\t1\t%*64s\ncounts\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64
                       "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64
                       "\t%" SCNd32 "\t%" SCNd32 "\n%n",
                       &c->read, &c->kept, &c->empty, &c->too_long, &c->returns[0], &c->returns[1], &c->stray[0],
                       &c->stray[1], &c->pieces[0], &c->pieces[1], &c->unknown[0], &c->unknown[1], &c->longest[0],
                       &c->longest[1], &used);
    for (int i = 0; i < 2 * THOR_COLUMN_KINDS && found == 14 && used > 0; i++) {
        thor_column *column = &done->columns[i / THOR_COLUMN_KINDS][i % THOR_COLUMN_KINDS];
        int length = 0;
        text += used;
        if (sscanf(text, "column\t%*d\t%*s\t%" SCNd64 "\t%64[0-9a-f]\n%n", &column->count, column->checksum,
                   &length) != 2 ||
            length == 0)
            return false;
        used = length;
    }
    if (found != 14)
        return false;
    char again[MOST_BYTES], hex[65], end[80];
    size_t whole = print_record(again, key, done);
    checksum(hex, again, whole);
    snprintf(end, sizeof end, "end\t%s\n", hex);
    return strcmp(text + used, end) == 0;
}

static bool columns_are_whole(const char *folder, int32_t pair, thor_split split, thor_done *done)
{
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++) {
            thor_column *column = &done->columns[side][kind];
            thor_column_name(column->name, pair, split, side, (thor_column_kind)kind);
            if (column->count < 0 || thor_column_verify(folder, column, (thor_column_kind)kind, NULL) != THOR_OK)
                return false;
        }
    return true;
}

bool thor_journal_read(const char *folder, int32_t pair, thor_split split, const char *key, thor_done *done)
{
    char *path = record_path(folder, pair, split), *text = NULL;
    size_t count;
    memset(done, 0, sizeof *done);
    bool good = path && thor_read_file(path, MOST_BYTES - 1, &text, &count, NULL) == THOR_OK &&
                strlen(text) == count && parse_record(text, key, done) && columns_are_whole(folder, pair, split, done);
    free(text);
    free(path);
    return good;
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

thor_status thor_journal_open(const char *folder, thor_error *error)
{
    DIR *directory = opendir(folder);
    if (!directory && errno != ENOENT)
        return thor_fail_io(error, folder, "open as a folder");
    bool empty = true, marked = false;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
        marked = marked || strcmp(entry->d_name, THOR_JOURNAL_MARK) == 0;
    }
    if (directory)
        closedir(directory);
    if (!empty && !marked)
        return thor_fail(error, THOR_E_USAGE,
                         "%s: has files that no preparation left; move it away, it would be written over", folder);
    if (marked)
        return THOR_OK;
    static const char text[] = "thor prepare fills this folder. The same command again goes on where this one was.\n";
    char *path = thor_path(folder, THOR_JOURNAL_MARK);
    thor_status status = path ? thor_make_folder(folder, error)
                              : thor_fail(error, THOR_E_MEMORY, "no memory for a path in %s", folder);
    if (status == THOR_OK)
        status = thor_write_file(path, text, sizeof text - 1, error);
    free(path);
    return status;
}

/* Names that a finished folder has. */
static bool belongs(const char *name, int32_t pairs)
{
    static const char *const plain[] = { THOR_DATA_INDEX, THOR_DATA_VOCABULARY, "report.tsv",
                                         "report.json",   ".",                  ".." };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(name, plain[i]) == 0)
            return true;
    int number = atoi(name);
    for (int column = 0; column < THOR_SPLITS * 2 * THOR_COLUMN_KINDS; column++) {
        char known[48];
        thor_column_name(known, number, (thor_split)(column / 4), column / 2 % 2, (thor_column_kind)(column % 2));
        if (strcmp(name, known) == 0)
            return number < pairs;
    }
    return false;
}

thor_status thor_journal_sweep(const char *folder, int32_t pairs, thor_error *error)
{
    DIR *directory = opendir(folder);
    if (!directory)
        return thor_fail_io(error, folder, "list it");
    thor_status status = THOR_OK;
    for (struct dirent *entry; status == THOR_OK && (entry = readdir(directory));) {
        if (belongs(entry->d_name, pairs))
            continue;
        char *path = thor_path(folder, entry->d_name);
        if (!path)
            status = thor_fail(error, THOR_E_MEMORY, "no memory for a path in %s", folder);
        else if (unlink(path) != 0)
            status = thor_fail_io(error, path, "remove it");
        free(path);
    }
    closedir(directory);
    return status;
}

bool thor_journal_has_work(const char *folder)
{
    DIR *directory = opendir(folder);
    bool found = false;
    for (struct dirent *entry; directory && !found && (entry = readdir(directory));)
        found = ends_with(entry->d_name, ".done");
    if (directory)
        closedir(directory);
    return found;
}
