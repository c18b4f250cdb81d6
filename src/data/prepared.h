/* A prepared corpus: ids of all sentence pairs, memory-mapped. The files are described in thor-data(5). */
#ifndef THOR_DATA_PREPARED_H
#define THOR_DATA_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/par.h"
#include "base/status.h"

typedef enum thor_split { THOR_TRAIN, THOR_VALID, THOR_TEST, THOR_SPLITS } thor_split;

/* One language pair of the corpus (both directions can be trained from it). Ids are pieces as thor_vocab_encode gives
 * them: no tags, no </s>. */
typedef struct thor_pair {
    int32_t first, second;      /* languages, indices into languages[] */
    int32_t domain;             /* index into domains[], or -1 */
    int64_t count[THOR_SPLITS]; /* sentence pairs */
} thor_pair;

typedef struct thor_prepared {
    char **languages;
    int32_t language_count;
    char **domains;
    int32_t domain_count;
    thor_pair *pairs;
    int32_t pair_count;
    char *vocabulary_path;      /* the corpus's own copy of the .model */
    char vocabulary_checksum[65];
    int32_t pieces;             /* of that vocabulary, without special ids */
    int32_t max_pieces;         /* longest side that train and valid were allowed; 0: any */
    struct thor_prepared_files *files;
} thor_prepared;

/* How much of the files is looked at before they are used. */
typedef enum thor_prepared_check {
    THOR_CHECK_CONTENT,         /* everything: also the checksum of every byte, and every id */
    THOR_CHECK_FORM             /* index, sizes, headers and offsets: for files that another process of the same run has
                                 * just opened with THOR_CHECK_CONTENT, from the same disk */
} thor_prepared_check;

/* Opens a folder that `thor prepare` wrote. Files are mapped; of more than 32,768 files the largest are, and the others
 * are read into memory. Checks are made on the threads of `par` (NULL: on this one); every error names the file and
 * says what is wrong with it. */
thor_status thor_prepared_open(thor_prepared *prepared, const char *folder, const thor_par *par,
                               thor_prepared_check check, thor_error *error);
void thor_prepared_close(thor_prepared *prepared);

/* Ids of sentence `index` of one side (0 first, 1 second language); valid as long as the corpus is open. */
const int32_t *thor_prepared_ids(const thor_prepared *prepared, int32_t pair, thor_split split, int side, int64_t index,
                                 int32_t *count);

#endif
