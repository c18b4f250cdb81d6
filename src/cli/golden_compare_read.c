/* thor golden compare: files, and what lies beside them. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "cli/golden_cli.h"
#include "cli/golden_compare_cli.h"
#include "file/config_json.h"

bool thor_golden_is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool thor_golden_is_there(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* ---- one file -------------------------------------------------------------------------------------------------- */

static thor_status add_scalar(thor_tensor_list *list, const char *name, double value, thor_error *error)
{
    thor_tensor like = { .dtype = THOR_F64 };
    void *data;
    snprintf(like.name, sizeof like.name, "%s", name);
    THOR_TRY(thor_tensor_list_add(list, &like, &data, error));
    *(double *)data = value;
    return THOR_OK;
}

/* The numbers of losses.json as scalars of their own. */
static thor_status read_losses(thor_tensor_list *list, const char *path, thor_error *error)
{
    double values[THOR_LOSS_COUNT];
    char name[THOR_MAX_NAME];
    THOR_TRY(thor_losses_read(path, thor_loss_names, values, THOR_LOSS_COUNT, true, error));
    for (int i = 0; i < THOR_LOSS_COUNT; i++) {
        snprintf(name, sizeof name, "losses.%s", thor_loss_names[i]);
        if (values[i] == values[i])
            THOR_TRY(add_scalar(list, name, values[i], error));
    }
    return THOR_OK;
}

typedef struct {
    thor_tensor_list *list;
    thor_error *error;
} sink;

static thor_status take_update(void *context, int64_t update, const char *key, double value)
{
    sink *s = context;
    char name[THOR_MAX_NAME];
    snprintf(name, sizeof name, "updates.%03lld.%.60s", (long long)update, key);
    return add_scalar(s->list, name, value, s->error);
}

thor_status thor_golden_read_list(thor_tensor_list *list, const char *path, thor_error *error)
{
    sink s = { list, error };
    *list = (thor_tensor_list){ .items = NULL };
    if (ends_with(path, "golden.json"))
        return thor_golden_updates_read(path, take_update, &s, error);
    return ends_with(path, ".json") ? read_losses(list, path, error) : thor_tensor_list_read(list, path, error);
}

thor_compare_kind thor_golden_kind(const char *ours, const char *theirs)
{
    static const struct { const char *word; thor_compare_kind kind; } known[] = {
        { "after.safetensors", THOR_COMPARE_AFTER }, { "moments.safetensors", THOR_COMPARE_MOMENTS },
        { "gradients.safetensors", THOR_COMPARE_GRADIENTS }, { "backward.safetensors", THOR_COMPARE_BACKWARD },
        { ".json", THOR_COMPARE_LOSSES },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (ends_with(ours, known[i].word) || ends_with(theirs, known[i].word))
            return known[i].kind;
    return THOR_COMPARE_FORWARD;
}

/* ---- what lies beside ------------------------------------------------------------------------------------------ */

/* The folder of `path`, or `path` where that is one; with malloc. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = thor_golden_is_folder(path) ? strlen(path) : slash ? (size_t)(slash - path) + 1 : 0;
    char *folder = malloc(length + 2);
    if (folder) {
        memcpy(folder, length ? path : ".", length ? length : 1);
        folder[length ? length : 1] = '\0';
    }
    return folder;
}

/* A file that is not there leaves the list empty; so does one that cannot be read, an error where it is compared. */
static void read_beside(thor_tensor_list *list, const char *folder, const char *name)
{
    char *path = thor_path(folder, name);
    if (path && thor_golden_is_there(path) && thor_tensor_list_read(list, path, NULL) != THOR_OK)
        thor_tensor_list_free(list);
    free(path);
}

static bool find_config(thor_config *config, const char *beside)
{
    char *folder = folder_of(beside), *name = folder ? thor_path(folder, "config.json") : NULL;
    bool found = name && thor_golden_is_there(name) && thor_config_read(config, name, NULL) == THOR_OK;
    free(name);
    free(folder);
    return found;
}

static void take_facts(thor_compare_facts *facts, const thor_config *config)
{
    facts->p = config->router.policy == THOR_TOP_P ? config->router.p : 0;
    facts->capacity = config->moe.capacity_factor > 0;
    facts->by_priority = config->moe.capacity_order == THOR_CAPACITY_PRIORITY;
    facts->predicted = config->task.representation == THOR_REPRESENTATION_PREDICTED;
    facts->balance_sentences = config->balance.task_over == THOR_TASK_OVER_SENTENCES;
    facts->small_eps = config->optimizer.eps < 1e-4;
    facts->pool_max = thor_config_has_predictor(config) && config->task.pool == THOR_POOL_MAX;
    facts->tap_embedding = config->task.tap == THOR_TAP_EMBEDDING;
}

thor_status thor_golden_look_beside(thor_golden_comparing *c, thor_compare_facts *facts, thor_error *error)
{
    thor_config config;
    char *folder = folder_of(c->ours);
    *facts = (thor_compare_facts){ .p = 0 };
    if (!folder)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", c->ours);
    if (find_config(&config, c->ours) || find_config(&config, c->theirs)) {
        take_facts(facts, &config);
        thor_config_free(&config);
    }
    facts->p = c->top_p > 0 ? c->top_p : facts->p;
    read_beside(&c->batch, folder, "batch.safetensors");
    read_beside(&c->initial, folder, "initial.safetensors");
    read_beside(&c->forward, folder, "forward.safetensors");
    free(folder);
    return THOR_OK;
}
