/* The files of a prepared folder, for those who write and open them; thor-data(5) describes every byte.
 *
 *   corpus.index        text: what there is, with the SHA-256 of every other file and of itself
 *   vocab.model         the vocabulary
 *   N.SPLIT.SIDE.ids    header, then int32: the pieces of all sentences of one side, one after another
 *   N.SPLIT.SIDE.offsets    header, then int64: where each sentence starts, and behind the last one where it ends */
#ifndef THOR_DATA_FORMAT_H
#define THOR_DATA_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/fileio.h"
#include "base/hash.h"
#include "data/prepared.h"

#define THOR_DATA_MAGIC "THORDATA"
#define THOR_DATA_INDEX "corpus.index"
#define THOR_DATA_VOCABULARY "vocab.model"

enum {
    THOR_DATA_VERSION = 1,
    THOR_DATA_HEADER = 64,          /* bytes: magic, version, kind, zeros */
    THOR_DATA_MOST_NAMES = 65535    /* languages, domains, pairs */
};

typedef enum thor_column_kind { THOR_IDS, THOR_OFFSETS, THOR_COLUMN_KINDS } thor_column_kind;

/* One file of numbers. */
typedef struct thor_column {
    char name[48];                  /* in the folder */
    int64_t count;                  /* numbers, without the header */
    char checksum[65];              /* of the whole file */
    const void *values;             /* int32 or int64 in the machine's order; NULL until opened */
    thor_map map;
    char *copy;                     /* the file in memory, where it is not mapped */
} thor_column;

typedef thor_column thor_pair_columns[THOR_SPLITS][2][THOR_COLUMN_KINDS];

struct thor_prepared_files {
    thor_pair_columns *pairs;       /* [pair_count] */
};

const char *thor_split_name(thor_split split);
const char *thor_column_kind_name(thor_column_kind kind);
size_t thor_column_width(thor_column_kind kind);    /* bytes of a number */

/* "12.train.0.ids" */
void thor_column_name(char name[48], int32_t pair, thor_split split, int side, thor_column_kind kind);

/* The 64 bytes in front of the numbers. */
void thor_column_header(unsigned char header[THOR_DATA_HEADER], thor_column_kind kind);

/* Adds an empty pair, language or domain. The lists are the corpus's own; thor_prepared_close frees them. */
thor_status thor_prepared_add_name(char ***names, int32_t *count, const char *name, thor_error *error);
thor_status thor_prepared_add_pair(thor_prepared *prepared, thor_error *error);

/* Reads and writes corpus.index. Reading fills everything but the columns' values and vocabulary_path. */
thor_status thor_index_read(thor_prepared *prepared, const char *path, thor_error *error);
thor_status thor_index_write(const thor_prepared *prepared, const char *path, thor_error *error);

/* How a column is opened. */
typedef struct thor_column_opening {
    bool copied;                    /* into memory; else mapped, where the machine's byte order is the file's */
    thor_prepared_check check;
    int32_t pieces;                 /* ids are below 4 + pieces */
    int64_t ids;                    /* that offsets lead to */
} thor_column_opening;

/* Opens the file of a column whose name, count and checksum are known; thor_column_close in any case. */
thor_status thor_column_load(thor_column *column, const char *folder, thor_column_kind kind,
                             const thor_column_opening *how, thor_error *error);
void thor_column_close(thor_column *column);

int64_t thor_column_bytes(const thor_column *column, thor_column_kind kind);    /* size of its file */

/* Is the file of this column there, bit by bit as its count and checksum say? */
thor_status thor_column_verify(const char *folder, const thor_column *column, thor_column_kind kind,
                               thor_error *error);

/* Writes one column number by number, in constant memory. */
typedef struct thor_column_writer {
    thor_output output;
    thor_sha256 hash;
    thor_column_kind kind;
    int64_t count;
    size_t used;
    unsigned char buffer[1 << 16];
} thor_column_writer;

thor_status thor_column_open(thor_column_writer *writer, const char *folder, const char *name, thor_column_kind kind,
                             thor_error *error);
thor_status thor_column_add(thor_column_writer *writer, int64_t value, thor_error *error);
/* Gives the file its name and says in *column what the index has to say about it. It is synced with its folder. */
thor_status thor_column_commit(thor_column_writer *writer, const char *name, thor_column *column, thor_error *error);
void thor_column_abandon(thor_column_writer *writer);

#endif
