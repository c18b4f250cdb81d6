/* A golden folder as files (thor-golden(5)): written whole or not at all, read with everything checked. */
#ifndef THOR_FILE_GOLDEN_FOLDER_H
#define THOR_FILE_GOLDEN_FOLDER_H

#include "base/tensor_list.h"
#include "file/golden_facts.h"
#include "model/batch.h"
#include "model/model.h"

/* Everything that is written. Lists that are empty make no file. */
typedef struct thor_golden_parts {
    const thor_config *config;
    const thor_params *params;
    const thor_golden_facts *facts;
    float *initial, *gradients, *m, *v, *after;     /* blocks [params.floats]; only read */
    thor_golden_updates updates;
    const thor_tensor_list *batch, *dropout, *forward;
    const char *const *loss_names;
    const double *losses;
    size_t loss_count;
} thor_golden_parts;

/* May `folder` be written? It is free, or empty, or, with `overwrite`, a golden folder that holds nothing else. */
thor_status thor_golden_folder_look(const char *folder, bool overwrite, thor_error *error);

/* Writes to `folder`.part-N, syncs, and changes places with what stands there; looks first, as above. */
thor_status thor_golden_folder_write(const char *folder, const thor_golden_parts *parts, bool overwrite,
                                     thor_error *error);

/* The names of its files in the order of computation, and their number. */
const char *const *thor_golden_file_names(size_t *count);

/* A batch out of a file, with its memory. */
typedef struct thor_read_batch {
    thor_batch batch;
    int64_t *offsets;
    int32_t *ids, *labels;
} thor_read_batch;

/* batch.safetensors at `path`, I32 or I64: shapes, ids below vocab.ids, padding on the right only, labels in their
 * ranges; the sentence says where. Free after any result; zero it before. */
thor_status thor_golden_batch_read(thor_read_batch *read, const char *path, const thor_config *config,
                                   thor_error *error);
void thor_golden_batch_free(thor_read_batch *read);

/* All tensors of a safetensors file, in the machine's byte order, in the order of the file. Free the list after any
 * result. */
thor_status thor_tensor_list_read(thor_tensor_list *list, const char *path, thor_error *error);

/* Opens `model` with the configuration and the parameters of a folder's config.json and initial.safetensors; memory is
 * taken only where the file is as large as the configuration says. */
thor_status thor_golden_model_open(thor_model *model, const char *folder, thor_error *error);

#endif
