/* Encodes splits of a corpus, several at a time, so that all threads are busy with small pairs too. */
#ifndef THOR_DATA_ENCODE_SPLITS_H
#define THOR_DATA_ENCODE_SPLITS_H

#include "data/journal.h"
#include "data/prepare.h"

/* One split of one pair. */
typedef struct thor_split_place {
    int32_t pair;
    thor_split split;
} thor_split_place;

typedef struct thor_split_work {
    const thor_bitext *corpus;
    const thor_vocab *vocab;
    const thor_prepare_options *options;
    const char *folder;
    const thor_split_place *places; /* [count] what is to be encoded, in this order */
    int64_t count;
    thor_done (*done)[THOR_SPLITS]; /* [pairs of the corpus] result */
    int64_t lines_done, lines;      /* sentence pairs, for options->progress */
} thor_split_work;

/* Writes the columns and the record (data/journal.h) of each split and fills its place in `done`. The files do not
 * depend on threads or order. Of errors in one turn, that of the first place is returned. */
thor_status thor_encode_splits(thor_split_work *work, thor_error *error);

#endif
