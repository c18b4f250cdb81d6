/* thor golden check: recomputes a folder and compares bit for bit, in the order of computation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/element.h"
#include "base/fileio.h"
#include "base/numbers.h"
#include "cli/golden_cli.h"
#include "file/checksums.h"
#include "file/safetensors.h"
#include "report/compare.h"
#include "report/golden_order.h"

typedef struct {
    const char *folder;
    int first_mixture;
    size_t tensors;             /* that agreed */
} checking;

static thor_status with_path(char **path, const char *folder, const char *name, thor_error *error)
{
    *path = thor_path(folder, name);
    return *path ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
}

/* ---- one tensor ------------------------------------------------------------------------------------------------ */

static thor_status fail_element(const char *path, const thor_tensor *stored, const thor_tensor *computed, int64_t i,
                                thor_error *error)
{
    char at[96];
    return thor_fail(error, THOR_E_FAILED, "%s: %s%s is %.9g, recomputed %.9g: the first difference in the order of "
                     "computation", path, stored->name,
                     thor_position_text(at, stored->dims, stored->shape, i), thor_element(stored, i),
                     thor_element(computed, i));
}

static thor_status check_bits(const char *path, const thor_tensor *stored, const thor_tensor *computed,
                              thor_error *error)
{
    size_t size = thor_dtype_size(computed->dtype);
    bool same = stored->dims == computed->dims && stored->dtype == computed->dtype;
    for (int i = 0; same && i < stored->dims; i++)
        same = stored->shape[i] == computed->shape[i];
    if (!same)
        return thor_fail(error, THOR_E_FAILED, "%s: %s has another type or shape than it should have", path,
                         stored->name);
    for (int64_t i = 0; i < thor_tensor_count(computed); i++)
        if (memcmp((const char *)stored->data + (size_t)i * size, (const char *)computed->data + (size_t)i * size,
                   size) != 0)
            return fail_element(path, stored, computed, i, error);
    return THOR_OK;
}

/* ---- one file -------------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t order;
    const thor_tensor *tensor;
} ordered;

static int by_order(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return strcmp(x->tensor->name, y->tensor->name);
}

static thor_status check_lists(checking *c, const char *path, const thor_tensor_list *stored,
                               const thor_tensor_list *computed, thor_error *error)
{
    ordered *order = calloc(computed->count + 1, sizeof *order);
    if (!order)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for the order of its tensors", path);
    for (size_t i = 0; i < computed->count; i++)
        order[i] = (ordered){ thor_golden_order(computed->items[i].name, c->first_mixture), &computed->items[i] };
    qsort(order, computed->count, sizeof *order, by_order);
    thor_status status = THOR_OK;
    for (size_t i = 0; i < computed->count && status == THOR_OK; i++) {
        const thor_tensor *found = thor_tensor_list_find(stored, order[i].tensor->name);
        if (!found && thor_golden_inside(order[i].tensor->name))
            continue;               /* a folder of before these were written */
        status = found ? check_bits(path, found, order[i].tensor, error)
                       : thor_fail(error, THOR_E_FAILED, "%s: there is no tensor '%s'", path, order[i].tensor->name);
    }
    free(order);
    THOR_TRY(status);
    for (size_t i = 0; i < stored->count; i++)
        if (!thor_tensor_list_find(computed, stored->items[i].name))
            return thor_fail(error, THOR_E_FAILED, "%s: tensor '%s' should not be there", path, stored->items[i].name);
    c->tensors += computed->count;
    return THOR_OK;
}

static thor_status check_list(checking *c, const char *name, const thor_tensor_list *computed, thor_error *error)
{
    char *path;
    thor_tensor_list stored = { .items = NULL };
    if (computed->count == 0)
        return THOR_OK;
    THOR_TRY(with_path(&path, c->folder, name, error));
    thor_status status = thor_tensor_list_read(&stored, path, error);
    if (status == THOR_OK)
        status = check_lists(c, path, &stored, computed, error);
    thor_tensor_list_free(&stored);
    free(path);
    return status;
}

/* The parameters of blocks as tensors that point into them. */
static thor_status check_blocks(checking *c, const char *name, const thor_params *params, const thor_block *blocks,
                                size_t count, thor_error *error)
{
    thor_tensor_list view = { .count = count * (size_t)params->count };
    view.items = calloc(view.count + 1, sizeof *view.items);
    if (!view.items)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %zu tensors", view.count);
    thor_blocks_list(view.items, params, blocks, count);
    thor_status status = check_list(c, name, &view, error);
    free(view.items);
    return status;
}

static thor_status check_block(checking *c, const char *name, const thor_params *params, float *values,
                               thor_error *error)
{
    const thor_block block = { "", values };
    return check_blocks(c, name, params, &block, 1, error);
}

/* A folder need not have moments. */
static thor_status check_moments(checking *c, const thor_params *params, const thor_golden *golden, thor_error *error)
{
    const thor_block blocks[] = { { "m.", golden->m }, { "v.", golden->v } };
    char *path;
    THOR_TRY(with_path(&path, c->folder, "moments.safetensors", error));
    bool there = access(path, F_OK) == 0;
    free(path);
    return there ? check_blocks(c, "moments.safetensors", params, blocks, 2, error) : THOR_OK;
}

static thor_status check_losses(const checking *c, const double *computed, thor_error *error)
{
    double stored[THOR_LOSS_COUNT];
    char *path;
    THOR_TRY(with_path(&path, c->folder, "losses.json", error));
    thor_status status = thor_losses_read(path, thor_loss_names, stored, THOR_LOSS_COUNT, false, error);
    for (int i = 0; i < THOR_LOSS_COUNT && status == THOR_OK; i++)
        if (stored[i] != computed[i])
            status = thor_fail(error, THOR_E_FAILED, "%s: %s is %.17g, recomputed %.17g: the first difference in the "
                               "order of computation", path, thor_loss_names[i], stored[i], computed[i]);
    free(path);
    return status;
}

/* ---- updates --------------------------------------------------------------------------------------------------- */

typedef struct {
    const thor_golden *golden;
    const char *path, *names[THOR_UPDATE_COUNT];
    int64_t seen;               /* numbers */
    thor_error *error;
} update_check;

static thor_status check_number(void *context, int64_t update, const char *key, double stored)
{
    update_check *u = context;
    int k = 0;
    while (k < THOR_UPDATE_COUNT && strcmp(u->names[k], key) != 0)
        k++;
    if (k == THOR_UPDATE_COUNT || update > u->golden->update_count)
        return thor_fail(u->error, THOR_E_FAILED, "%s: '%s' of update %lld should not be there", u->path, key,
                         (long long)update);
    double computed = u->golden->updates[update - 1][k];
    u->seen++;
    if (stored == computed)
        return THOR_OK;
    return thor_fail(u->error, THOR_E_FAILED, "%s: %s of update %lld is %.17g, recomputed %.17g: the first difference "
                     "in the order of computation", u->path, key, (long long)update, stored, computed);
}

/* golden.json need not tell of the updates, but of all of them or of none. */
static thor_status check_updates(const checking *c, const thor_golden *golden, thor_error *error)
{
    char *path;
    THOR_TRY(with_path(&path, c->folder, "golden.json", error));
    update_check u = { .golden = golden, .path = path, .error = error };
    thor_update_names(u.names);
    thor_status status = thor_golden_updates_read(path, check_number, &u, error);
    int64_t expected = golden->update_count * THOR_UPDATE_COUNT;
    if (status == THOR_OK && u.seen != 0 && u.seen != expected)
        status = thor_fail(error, THOR_E_FAILED, "%s: 'updates' holds %lld numbers; expected %lld, %d for each update",
                           path, (long long)u.seen, (long long)expected, (int)THOR_UPDATE_COUNT);
    free(path);
    return status;
}

/* ---- the folder ------------------------------------------------------------------------------------------------ */

/* Parameters that come from the seed have to be the seed's. */
static thor_status check_initial(checking *c, const thor_golden_subject *subject, const thor_golden_facts *facts,
                                 thor_error *error)
{
    const thor_params *params = &subject->model.params;
    if (strcmp(facts->initial, "seed") != 0)
        return THOR_OK;
    float *fresh = malloc(thor_bytes_of(params->floats, sizeof *fresh));
    if (!fresh)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld parameters", (long long)params->floats);
    thor_params_init(fresh, params, subject->model.config.seed, NULL);
    thor_status status = check_block(c, "initial.safetensors", params, fresh, error);
    free(fresh);
    return status;
}

static thor_status check_results(checking *c, thor_golden_subject *subject, thor_golden *golden,
                                 const thor_golden_facts *facts, thor_error *error)
{
    const thor_params *params = &subject->model.params;
    c->first_mixture = thor_golden_first_mixture(&golden->forward);
    THOR_TRY(check_initial(c, subject, facts, error));
    THOR_TRY(check_list(c, "dropout.safetensors", &golden->dropout, error));
    THOR_TRY(check_list(c, "forward.safetensors", &golden->forward, error));
    THOR_TRY(check_losses(c, golden->losses, error));
    THOR_TRY(check_block(c, "gradients.safetensors", params, golden->gradients, error));
    THOR_TRY(check_updates(c, golden, error));
    THOR_TRY(check_moments(c, params, golden, error));
    THOR_TRY(check_block(c, "after.safetensors", params, subject->model.values, error));
    if (strcmp(golden->digest, facts->digest) != 0)
        return thor_fail(error, THOR_E_FAILED, "%s: golden.json: the digest is %s, recomputed %s: Adam's moments or "
                         "the last losses differ", c->folder, facts->digest, golden->digest);
    return THOR_OK;
}

static thor_status recompute(checking *c, thor_golden_subject *subject, const thor_compute *compute, thor_error *error)
{
    thor_golden_facts facts;
    thor_golden golden = { .initial = NULL };
    char *path;
    THOR_TRY(with_path(&path, c->folder, "golden.json", error));
    thor_status status = thor_golden_facts_read(&facts, path, error);
    free(path);
    THOR_TRY(status);
    THOR_TRY(thor_golden_subject_read(subject, c->folder, (int64_t)facts.seed, error));
    THOR_TRY(thor_golden_check_memory(subject, compute->par.threads, error));
    status = thor_golden_compute(&golden, &subject->model, &subject->batch, facts.steps, compute, error);
    if (status == THOR_OK)
        status = check_results(c, subject, &golden, &facts, error);
    thor_golden_free(&golden);
    return status;
}

static void say_checksum(void *context, const char *name, const char *what)
{
    fprintf(stderr, "%s/%s: %s\n", (const char *)context, name, what);
}

static thor_status check_sums(const char *folder, thor_error *error)
{
    size_t wrong;
    char name[512];
    snprintf(name, sizeof name, "%.500s", folder);
    THOR_TRY(thor_checksums_check(folder, say_checksum, name, &wrong, error));
    if (wrong > 0)
        return thor_fail(error, THOR_E_FAILED, "%s: %zu files differ from SHA256SUMS", folder, wrong);
    return THOR_OK;
}

thor_status thor_golden_check(const thor_golden_options *options, thor_error *error)
{
    checking c = { .folder = options->operands.items[0] };
    thor_golden_subject subject = { .batch = { .sentences = 0 } };
    thor_compute compute;
    THOR_TRY(thor_golden_compute_open(&compute, options, error));
    thor_status status = recompute(&c, &subject, &compute, error);
    if (status == THOR_OK)
        status = check_sums(c.folder, error);
    if (status == THOR_OK)
        printf("%s: %zu tensors, losses and digest agree bit for bit\n", c.folder, c.tensors);
    thor_golden_subject_close(&subject);
    thor_compute_close(&compute);
    return status;
}
