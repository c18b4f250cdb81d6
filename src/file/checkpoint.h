/* Checkpoints: folders that appear whole or not at all (thor-checkpoint(5)).
 *
 *   config.json, vocab.model, weights.safetensors       what translation needs
 *   optimizer.safetensors, state.json                   what going on needs as well
 *   SHA256SUMS                                          of all of them; every file is compared before it is used */
#ifndef THOR_FILE_CHECKPOINT_H
#define THOR_FILE_CHECKPOINT_H

#include "file/state.h"
#include "model/model.h"

/* Fills values[count] with a run of floats of a block, `first` counted from the block's start: of the first moment
 * (which 0) or the second (which 1). */
typedef thor_status thor_moment_reader(void *context, int which, int64_t first, int64_t count, float *values,
                                       thor_error *error);

/* What a checkpoint is made of. m, v and state may be NULL and are then left out: nobody can go on from it. */
typedef struct thor_checkpoint {
    thor_model *model;
    float *m, *v;
    thor_moment_reader *read_moment;    /* instead of m and v, where several processes have them; else NULL */
    void *reader;               /* its context */
    const thor_state *state;
    const void *vocabulary;     /* the bytes of vocab.model */
    size_t vocabulary_count;
    const char *version;        /* of the program, for config.json; may be NULL */
} thor_checkpoint;

/* Writes everything to `folder`.part-N, syncs, and changes places with what stands at `folder`. After an error
 * the old one is untouched. */
thor_status thor_checkpoint_write(const char *folder, const thor_checkpoint *checkpoint, thor_error *error);

/* The checkpoint that `-m PATH` means: PATH itself, or PATH/best, or else PATH/last. The caller frees *folder. */
thor_status thor_checkpoint_find(char **folder, const char *path, thor_error *error);

/* The configuration of a checkpoint, as thor_config_read_written. */
thor_status thor_checkpoint_config(thor_config *config, const char *folder, thor_error *error);

/* Opens the model of a checkpoint folder: configuration and weights. The path of its vocabulary is put into
 * *vocabulary, unless that is NULL; the caller frees it. After an error there is neither. */
thor_status thor_checkpoint_open(thor_model *model, char **vocabulary, const char *folder, thor_error *error);

/* Reads the weights into a model that is open already: the shapes have to agree. */
thor_status thor_checkpoint_weights(thor_model *model, const char *folder, thor_error *error);

/* What going on needs. `m` and `v` are blocks of params.floats; one that is NULL is not read. */
thor_status thor_checkpoint_moments(const thor_params *params, float *m, float *v, const char *folder,
                                    thor_error *error);
thor_status thor_checkpoint_state(thor_state *state, const char *folder, thor_error *error);

/* Removes what killed runs left beside `folder` (or a file): folder.part-N, and folder.old-N, which takes its name
 * again where `folder` itself is missing. Only for the run that owns the folder. */
void thor_checkpoint_tidy(const char *folder);

#endif
