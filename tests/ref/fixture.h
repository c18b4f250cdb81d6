/* Tiny configurations and invented batches on which the model and its judge are compared. */
#ifndef REF_FIXTURE_H
#define REF_FIXTURE_H

#include "reference.h"

/* One case: a system of thor-model(7) with one or more keys changed. */
typedef struct ref_case {
    const char *name;
    const char *settings;       /* words that ref_case_config understands, the system first */
} ref_case;

extern const ref_case ref_cases[];
extern const int ref_case_count;

/* Width 8, 2+2 layers, 4 experts, 3 languages, 20 ids; loss weights large enough to be seen. Lists belong to the
 * fixture. */
void ref_case_config(thor_config *config, const char *settings);

/* Sentences of shortest … longest words, drawn from `seed`; free with ref_batch_free. */
ref_batch *ref_batch_invent(const thor_config *config, int64_t sentences, int64_t shortest, int64_t longest,
                            uint64_t seed);
/* The sentences listed in `which`, with `more` columns of padding beyond the longest. */
ref_batch *ref_batch_take(const ref_batch *from, const int64_t *which, int64_t count, int64_t more);
void ref_batch_free(ref_batch *batch);

/* The same sentences as packed rows; free with ref_batch_unpack. */
thor_batch ref_batch_pack(const ref_batch *batch);
void ref_batch_unpack(thor_batch *packed);

#endif
