#include "decode/opened_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/source_batch.h"
#include "model/sequence.h"
#include "simd/blas.h"

enum { LIST = 512 };

/* Ids of the vocabulary, [CLS] and languages have to be those that the weights were trained with. */
static thor_status check_vocabulary(const thor_opened_model *opened, thor_error *error)
{
    const thor_config *config = &opened->model.config;
    int64_t ids = thor_sequence_ids(thor_vocab_pieces(opened->vocab), config->languages.count);
    if (ids != config->vocab.ids)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: vocab.model has %d pieces, which with %d languages makes %lld ids; config.json says %d; "
                         "the files are not of one model",
                         opened->folder, (int)thor_vocab_pieces(opened->vocab), (int)config->languages.count,
                         (long long)ids, (int)config->vocab.ids);
    return THOR_OK;
}

static thor_status open_checkpoint(thor_opened_model *opened, thor_error *error)
{
    char *path;
    THOR_TRY(thor_checkpoint_open(&opened->model, &path, opened->folder, error));
    thor_status status = thor_vocab_open(&opened->vocab, path, error);
    free(path);
    return status;
}

thor_status thor_opened_model_open(thor_opened_model *opened, const char *path, const char *isa, const char *backend,
                                   int threads, thor_error *error)
{
    *opened = (thor_opened_model){ .folder = NULL };
    THOR_TRY(thor_compute_open(&opened->compute, isa, threads, error));
    if (backend)
        THOR_TRY(thor_backend_choose(&opened->compute, backend, error));
    THOR_TRY(thor_checkpoint_find(&opened->folder, path, error));
    THOR_TRY(open_checkpoint(opened, error));
    return check_vocabulary(opened, error);
}

void thor_opened_model_close(thor_opened_model *opened)
{
    thor_model_close(&opened->model);
    thor_vocab_close(opened->vocab);
    thor_compute_close(&opened->compute);
    free(opened->folder);
    *opened = (thor_opened_model){ .folder = NULL };
}

const char *thor_opened_model_names(const thor_names *names, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < names->count && used + 1 < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", names->items[i]);
    return text;
}

thor_status thor_opened_model_language(const thor_opened_model *opened, const char *argument, const char *name,
                                       int32_t *number, thor_error *error)
{
    char list[LIST];
    const thor_names *languages = &opened->model.config.languages;
    *number = thor_names_find(languages, name);
    if (*number < 0)
        return thor_fail(error, THOR_E_USAGE, "%s=%.40s: the model does not know this language; it has %s", argument,
                         name, thor_opened_model_names(languages, list, sizeof list));
    return THOR_OK;
}

thor_status thor_opened_model_domain(const thor_opened_model *opened, const char *argument, const char *name,
                                     int32_t *number, thor_error *error)
{
    char list[LIST];
    const thor_config *config = &opened->model.config;
    const thor_names *domains = &config->domains;
    *number = name ? thor_names_find(domains, name) : -1;
    thor_opened_model_names(domains, list, sizeof list);
    if (name && *number < 0)
        return thor_fail(error, THOR_E_USAGE, "%s=%.40s: the model does not know this domain; it has %s", argument,
                         name, domains->count ? list : "none");
    if (!name && thor_model_needs_task(&opened->model) && config->task.label == THOR_LABEL_DOMAIN)
        return thor_fail(error, THOR_E_USAGE, "%s is missing: this model has to be told the domain; it has %s",
                         argument, list);
    return THOR_OK;
}
