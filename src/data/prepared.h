/* A prepared corpus: ids of all sentence pairs, memory-mapped. The files are described in thor-data(5). */
#ifndef THOR_DATA_PREPARED_H
#define THOR_DATA_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

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

/* Opens a folder that `thor prepare` wrote. Before anything is used, every size, checksum, offset and id is checked
 * (one pass over the files, on as many threads as there are); every error names the file and says what is wrong with
 * it. */
thor_status thor_prepared_open(thor_prepared *prepared, const char *folder, thor_error *error);
void thor_prepared_close(thor_prepared *prepared);

/* Ids of sentence `index` of one side (0 first, 1 second language); valid as long as the corpus is open. */
const int32_t *thor_prepared_ids(const thor_prepared *prepared, int32_t pair, thor_split split, int side, int64_t index,
                                 int32_t *count);

#endif
