/* The four columns of one split of one pair while they are written, and the filter in front of them. */
#ifndef THOR_DATA_SPLIT_WRITER_H
#define THOR_DATA_SPLIT_WRITER_H

#include "data/encode.h"
#include "data/format.h"
#include "data/journal.h"

typedef struct thor_split_writer {
    thor_column_writer columns[2][THOR_COLUMN_KINDS];
    thor_done done;             /* counts and columns so far */
    int32_t max_pieces;         /* 0: nothing is filtered by length */
    bool filtered;              /* test is not */
} thor_split_writer;

/* Opens the files of the split. Abandon it in any case. */
thor_status thor_split_open(thor_split_writer *writer, const char *folder, int32_t pair, thor_split split,
                            int32_t max_pieces, thor_error *error);

/* Keeps or drops the pairs of an encoded block. */
thor_status thor_split_add(thor_split_writer *writer, const thor_encode_block *block, thor_error *error);

/* Commits the files; writer->done is complete then. */
thor_status thor_split_commit(thor_split_writer *writer, thor_error *error);
void thor_split_abandon(thor_split_writer *writer);

#endif
