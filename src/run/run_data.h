/* Prepared data as a training sees it: the corpus, its batches, and what it adds to a configuration. */
#ifndef THOR_RUN_RUN_DATA_H
#define THOR_RUN_RUN_DATA_H

#include "data/sampler.h"
#include "model/setup.h"
#include "model/pass.h"

typedef struct thor_run_data {
    thor_prepared corpus;
    thor_sampler *sampler;
    thor_shape most;            /* the largest batch of train and valid */
    char *vocabulary;           /* the bytes of the corpus's .model */
    size_t vocabulary_count;
    char checksum[65];          /* of the whole corpus */
} thor_run_data;

/* Completes `config` from the corpus in `folder`: languages and domains where it has none, pairs (`directions`, as
 * thor_directions_choose has it; NULL: the configuration's, or those of the set-up), vocabulary, task.candidates; then
 * checks it. */
thor_status thor_run_data_complete(thor_config *config, const thor_prepared *corpus, const char *folder,
                                   const char *directions, thor_setup setup, thor_error *error);

/* Opens `folder` and completes `config`. The files are checked on the threads of `par`. `config` has to outlive *data.
 * Zero *data first, close it after any result. */
thor_status thor_run_data_open(thor_run_data *data, thor_config *config, const char *folder, const char *directions,
                               thor_setup setup, const thor_par *par, thor_error *error);
void thor_run_data_close(thor_run_data *data);

#endif
