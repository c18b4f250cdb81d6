/* A run of several processes: rank 0 alone touches the folder, and all agree (thor-cluster(7)). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cluster/agree.h"
#include "file/config_json.h"
#include "run/run_parts.h"
#include "train/moments.h"

bool thor_run_is_first(const thor_run *run)
{
    return thor_cluster_is_first(run->options->cluster);
}

thor_status thor_run_agree(const thor_run *run, thor_status status, thor_error *error)
{
    return thor_cluster_agree(run->options->cluster, status, error);
}

/* ---- configuration ---- */

/* Rank 0's text becomes everybody's configuration. */
static thor_status spread_config(thor_run *run, thor_error *error)
{
    const thor_cluster *cluster = run->options->cluster;
    char *text = NULL;
    uint64_t count = 0;
    thor_status status = THOR_OK;
    if (thor_run_is_first(run))
        status = thor_config_text(&text, &run->config, NULL, error);
    THOR_TRY(thor_run_agree(run, status, error));
    count = text ? strlen(text) : 0;
    thor_cluster_spread(cluster, &count, sizeof count);
    if (!text)
        text = malloc((size_t)count + 1);
    status = text ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for the configuration of rank 0");
    THOR_TRY(thor_run_agree(run, status, error));
    thor_cluster_spread(cluster, text, (size_t)count);
    if (!thor_run_is_first(run)) {
        thor_config_free(&run->config);
        status = thor_config_parse(&run->config, text, (size_t)count, "rank 0's configuration", error);
    }
    free(text);
    THOR_TRY(thor_run_agree(run, status, error));
    run->resumed = thor_cluster_first_says(cluster, run->resumed);
    return THOR_OK;
}

thor_status thor_run_share_config(thor_run *run, thor_status status, thor_error *error)
{
    THOR_TRY(thor_run_agree(run, status, error));
    return thor_cluster_alone(run->options->cluster) ? THOR_OK : spread_config(run, error);
}

/* ---- comparing ---- */

enum { FACT = 80 };

/* What has to be equal on all ranks; a fact is a name and a value. */
typedef struct fact {
    char name[32], value[FACT];
} fact;

typedef struct facts {
    fact items[16];
    int count;
} facts;

static void add(facts *f, const char *name, const char *format, ...) THOR_PRINTF(3, 4);

static void add(facts *f, const char *name, const char *format, ...)
{
    fact *item = &f->items[f->count++];
    va_list arguments;
    va_start(arguments, format);
    snprintf(item->name, sizeof item->name, "%s", name);
    vsnprintf(item->value, sizeof item->value, format, arguments);
    va_end(arguments);
}

static void hash_of(char hex[65], const void *bytes, size_t count)
{
    thor_sha256 hash;
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, bytes, count);
    thor_sha256_hex(&hash, hex);
}

static void add_config(facts *f, const thor_run *run)
{
    char *text = NULL, hex[65] = "";
    if (thor_config_text(&text, &run->config, NULL, NULL) == THOR_OK)
        hash_of(hex, text, strlen(text));
    add(f, "configuration", "%s", hex);
    free(text);
}

static void gather_facts(facts *f, const thor_run *run)
{
    const thor_run_options *o = run->options;
    const uint16_t order = 1;
    memset(f, 0, sizeof *f);
    add(f, "thor's version", "%s", PACKAGE_VERSION);
    add(f, "byte order", "%s", *(const unsigned char *)&order ? "little" : "big");
    add(f, "products (--backend)", "%s", o->backend ? o->backend : "reference");
    add_config(f, run);
    add(f, "data", "%s", run->data.checksum);
    add(f, "vocabulary", "%s", run->data.corpus.vocabulary_checksum);
    add(f, "--directions", "%.70s", o->directions ? o->directions : "");
    add(f, "--updates", "%lld", (long long)run->target);
    add(f, "--max-time", "%.3f", o->max_seconds);
    add(f, "--validate-every", "%lld", (long long)o->validate_every);
    add(f, "--validate-batches", "%lld", (long long)o->validate_batches);
    add(f, "--save-every", "%lld", (long long)o->save_every);
    add(f, "--keep", "%lld", (long long)o->keep);
    add(f, "--patience", "%lld", (long long)o->patience);
    add(f, "--best-by", "%s, beam %d", thor_best_by_names[o->best_by], (int)o->best_beam);
}

thor_status thor_run_compare(const thor_run *run, thor_error *error)
{
    const thor_cluster *cluster = run->options->cluster;
    facts own;
    if (thor_cluster_alone(cluster))
        return THOR_OK;
    gather_facts(&own, run);
    facts *all = calloc((size_t)cluster->size, sizeof *all);
    thor_status status = all ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for comparing %d processes",
                                                   cluster->size);
    status = thor_run_agree(run, status, error);
    if (status == THOR_OK)
        cluster->exchange(cluster->state, &own, sizeof own, all);
    for (int rank = 1; rank < cluster->size && status == THOR_OK; rank++)
        for (int i = 0; i < own.count && status == THOR_OK; i++) {
            const fact *here = &all[0].items[i], *there = &all[rank].items[i];
            if (strcmp(here->value, there->value) != 0)
                status = thor_fail(error, THOR_E_USAGE, "%s: '%.60s' on rank 0 (%.60s), '%.60s' on rank %d (%.60s); "
                                   "all processes have to be given the same", here->name, here->value,
                                   cluster->hosts[0], there->value, rank, cluster->hosts[rank]);
        }
    free(all);
    return status;
}

/* ---- the start ---- */

/* Where rank 0 stands. */
typedef struct place {
    thor_state state;
    int64_t updates, epoch, batch;
    int32_t sizes[THOR_GROUPS];
} place;

thor_status thor_run_share_start(thor_run *run, thor_status status, thor_error *error)
{
    const thor_cluster *cluster = run->options->cluster;
    THOR_TRY(thor_run_agree(run, status, error));
    if (thor_cluster_alone(cluster))
        return THOR_OK;
    place here;
    memset(&here, 0, sizeof here);
    here = (place){ .state = run->state, .updates = run->trainer.updates, .epoch = run->position.epoch,
                    .batch = run->position.batch };
    memcpy(here.sizes, run->config.lingual.sizes, sizeof here.sizes);
    thor_cluster_spread(cluster, &here, sizeof here);
    run->state = here.state;
    run->trainer.updates = here.updates;
    run->position = (thor_position){ here.epoch, here.batch };
    memcpy(run->config.lingual.sizes, here.sizes, sizeof here.sizes);
    memcpy(run->model.config.lingual.sizes, here.sizes, sizeof here.sizes);
    thor_cluster_spread(cluster, run->model.values, (size_t)run->model.params.floats * sizeof(float));
    return THOR_OK;
}

thor_status thor_run_share_moments(thor_run *run, thor_error *error)
{
    float *block = run->trainer.gradients[0];
    for (int which = 0; which < 2; which++) {
        thor_status status = THOR_OK;
        if (thor_run_is_first(run))
            status = thor_checkpoint_moments(&run->model.params, which ? NULL : block, which ? block : NULL, run->last,
                                             error);
        THOR_TRY(thor_run_agree(run, status, error));
        thor_moments_spread(&run->trainer, which, block);
    }
    return THOR_OK;
}

/* ---- saving ---- */

thor_status thor_run_save_together(thor_run *run, thor_checkpoint *checkpoint, const char *path, thor_error *error)
{
    thor_moments moments;
    THOR_TRY(thor_run_agree(run, thor_moments_open(&moments, &run->trainer, error), error));
    thor_status status = THOR_OK;
    if (thor_run_is_first(run)) {
        checkpoint->read_moment = thor_moments_read;
        checkpoint->reader = &moments;
        status = thor_checkpoint_write(path, checkpoint, error);
        thor_moments_end(&moments);
    } else {
        thor_moments_serve(&moments);
    }
    thor_moments_close(&moments);
    return thor_run_agree(run, status, error);
}

/* Parameters are copied from their owners and cannot drift apart, unless a memory goes bad. */
thor_status thor_run_compare_values(const thor_run *run, thor_error *error)
{
    const thor_cluster *cluster = run->options->cluster;
    char own[65];
    if (thor_cluster_alone(cluster))
        return THOR_OK;
    hash_of(own, run->model.values, (size_t)run->model.params.floats * sizeof(float));
    char *all = calloc((size_t)cluster->size, sizeof own);
    thor_status status = all ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for comparing %d processes",
                                                   cluster->size);
    status = thor_run_agree(run, status, error);
    if (status == THOR_OK)
        cluster->exchange(cluster->state, own, sizeof own, all);
    for (int rank = 1; rank < cluster->size && status == THOR_OK; rank++)
        if (memcmp(all, all + (size_t)rank * sizeof own, sizeof own) != 0)
            status = thor_fail(error, THOR_E_FAILED, "update %lld: rank %d (%.60s) has other parameters than rank 0; "
                               "the memory of one of them is not reliable; the last checkpoint is whole",
                               (long long)run->trainer.updates, rank, cluster->hosts[rank]);
    free(all);
    return status;
}
