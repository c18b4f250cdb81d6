/* A trained model, its vocabulary and what it computes with, opened together: one door for the commands with -m RUN and
 * for thor.h, so that both refuse the same with the same sentence. */
#ifndef THOR_DECODE_OPENED_MODEL_H
#define THOR_DECODE_OPENED_MODEL_H

#include "file/checkpoint.h"
#include "pieces/vocab.h"
#include "simd/compute.h"

typedef struct thor_opened_model {
    char *folder;               /* of the checkpoint that was found */
    thor_model model;
    thor_vocab *vocab;
    thor_compute compute;
} thor_opened_model;

/* `path` is a checkpoint or a run; isa and backend may be NULL, threads 0 means all. A vocabulary with other ids than
 * the model's is THOR_E_FORMAT. Close it also after an error. */
thor_status thor_opened_model_open(thor_opened_model *opened, const char *path, const char *isa, const char *backend,
                                   int threads, thor_error *error);
/* An object of zeros may be closed, too. */
void thor_opened_model_close(thor_opened_model *opened);

/* The number of a language; THOR_E_USAGE, with the languages there are, for a name that the model does not know.
 * `argument` is what the caller calls the name ("--from", "from"), for the sentence. */
thor_status thor_opened_model_language(const thor_opened_model *opened, const char *argument, const char *name,
                                       int32_t *number, thor_error *error);

/* The same for a domain. name NULL: -1, and THOR_E_USAGE where the model has to be told the domain. */
thor_status thor_opened_model_domain(const thor_opened_model *opened, const char *argument, const char *name,
                                     int32_t *number, thor_error *error);

/* "bg, de, en": for errors. Returns `text`. */
const char *thor_opened_model_names(const thor_names *names, char *text, size_t room);

#endif
