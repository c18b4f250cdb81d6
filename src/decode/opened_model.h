/* A trained model and what it computes with, opened together: for commands with -m RUN. */
#ifndef THOR_CLI_OPENED_MODEL_H
#define THOR_CLI_OPENED_MODEL_H

#include "file/checkpoint.h"
#include "simd/compute.h"
#include "text/vocab.h"

typedef struct thor_opened_model {
    char *folder;               /* of the checkpoint that was found */
    thor_model model;
    thor_vocab *vocab;
    thor_compute compute;
} thor_opened_model;

/* `path` is a checkpoint or a run; isa and backend may be NULL. Close it also after an error; zero it before. */
thor_status thor_opened_model_open(thor_opened_model *opened, const char *path, const char *isa, const char *backend,
                                   int threads, thor_error *error);
void thor_opened_model_close(thor_opened_model *opened);

/* "bg, de, en": for errors. Returns `text`. */
const char *thor_opened_model_names(const thor_names *names, char *text, size_t room);

#endif
