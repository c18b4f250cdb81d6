/* Files that appear whole or not at all, and reading that trusts no size. */
#ifndef THOR_BASE_FILEIO_H
#define THOR_BASE_FILEIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

/* "PATH: cannot DOING: what errno says; what to try". Call it before anything else can change errno. */
thor_status thor_fail_io(thor_error *error, const char *path, const char *doing);

/* A file being written beside its final name. */
typedef struct thor_output {
    FILE *stream;
    char *path, *aside;
} thor_output;

/* Hands what was printed to the system. False where that, or any write before it, failed; errno tells why. */
bool thor_flush(FILE *stream);

/* Makes `path`.part-N beside `path` for writing (base/aside.h). A pipe or device is written to directly; behind a
 * symbolic link its target is what gets replaced. */
thor_status thor_output_open(thor_output *output, const char *path, thor_error *error);

/* Flushes, syncs, renames to the final name and syncs the folder. On failure the old file is untouched and the part
 * removed. */
thor_status thor_output_commit(thor_output *output, thor_error *error);

/* The same without any sync: for files of a folder that thor_sync_folder brings onto the disk before it gets its
 * name. */
thor_status thor_output_commit_unsynced(thor_output *output, thor_error *error);

/* Gives up: removes the part. Harmless after a commit. */
void thor_output_abandon(thor_output *output);

/* All of it at once, with open and commit. */
thor_status thor_write_file(const char *path, const void *bytes, size_t count, thor_error *error);

/* A whole file, with a zero byte behind it that is not counted; the caller frees *bytes. More than `most` bytes is an
 * error. */
thor_status thor_read_file(const char *path, size_t most, char **bytes, size_t *count, thor_error *error);

/* A file mapped for reading (mmap). */
typedef struct thor_map {
    const unsigned char *bytes;
    size_t count;
} thor_map;

thor_status thor_map_open(thor_map *map, const char *path, thor_error *error);
void thor_map_close(thor_map *map);

/* "folder/name"; the caller frees. NULL without memory. */
char *thor_path(const char *folder, const char *name);

#endif
