#include "train/golden_tensors.h"

#include <string.h>

#include "base/rng.h"
#include "model/sites.h"

static thor_tensor named(const char *name, thor_dtype dtype, int dims, int64_t a, int64_t b, int64_t c)
{
    thor_tensor tensor = { .dtype = dtype, .dims = dims, .shape = { a, b, c } };
    memcpy(tensor.name, name, strlen(name) + 1);
    return tensor;
}

/* Rows of `width` elements of four bytes, packed, to [B, L, width]. */
static void spread(void *to, const void *rows, const int64_t *offset, int64_t sentences, int64_t L, int64_t width)
{
    for (int64_t b = 0; b < sentences; b++)
        memcpy((char *)to + b * L * width * 4, (const char *)rows + offset[b] * width * 4,
               (size_t)((offset[b + 1] - offset[b]) * width) * 4);
}

/* ---- the batch ------------------------------------------------------------------------------------------------- */

static thor_status add_tokens(thor_tensor_list *list, const char *name, const int32_t *rows, const int64_t *offset,
                              int64_t sentences, int64_t width, thor_error *error)
{
    void *data;
    thor_tensor like = named(name, THOR_I32, 2, sentences, width, 0);
    THOR_TRY(thor_tensor_list_add(list, &like, &data, error));
    for (int64_t i = 0; i < sentences * width; i++)
        ((int32_t *)data)[i] = THOR_PADDING_ID;
    spread(data, rows, offset, sentences, width, 1);
    return THOR_OK;
}

static thor_status add_labels(thor_tensor_list *list, const char *name, const int32_t *labels, int64_t sentences,
                              thor_error *error)
{
    void *data;
    thor_tensor like = named(name, THOR_I32, 1, sentences, 0, 0);
    THOR_TRY(thor_tensor_list_add(list, &like, &data, error));
    memcpy(data, labels, (size_t)sentences * sizeof *labels);
    return THOR_OK;
}

thor_status thor_golden_batch(thor_tensor_list *list, const thor_batch *b, thor_error *error)
{
    int64_t B = b->sentences, S = b->source_width, T = b->target_width;
    THOR_TRY(add_tokens(list, "src_tokens", b->source, b->source_offset, B, S, error));
    THOR_TRY(add_tokens(list, "tgt_in", b->target_in, b->target_offset, B, T, error));
    THOR_TRY(add_tokens(list, "tgt_out", b->target_out, b->target_offset, B, T, error));
    THOR_TRY(add_labels(list, "src_language", b->source_language, B, error));
    THOR_TRY(add_labels(list, "tgt_language", b->target_language, B, error));
    return add_labels(list, "task_label", b->task_label, B, error);
}

/* ---- masks ----------------------------------------------------------------------------------------------------- */

typedef struct {
    thor_tensor_list *list;
    uint64_t seed;
    uint32_t step;
} mask_job;

/* keep[i] = u_i >= p, written from the definition and not with the kernel that training uses. */
static thor_status add_mask(void *context, const thor_site_use *use, thor_error *error)
{
    const mask_job *job = context;
    void *data;
    THOR_TRY(thor_site_check(use, error));
    int64_t count = thor_tensor_count(&use->mask);
    THOR_TRY(thor_tensor_list_add(job->list, &use->mask, &data, error));
    thor_rng rng = thor_rng_make(job->seed, use->site, job->step, 0);
    for (int64_t i = 0; i < count; i++)
        ((uint8_t *)data)[i] = thor_rng_uniform(&rng, (uint64_t)i) >= (float)use->rate;
    return THOR_OK;
}

thor_status thor_golden_dropout(thor_tensor_list *list, const thor_config *config, const thor_batch *batch,
                                uint32_t step, thor_error *error)
{
    mask_job job = { list, config->seed, step };
    return thor_sites_visit(config, batch->sentences, batch->source_width, batch->target_width, add_mask, &job, error);
}

/* ---- the forward pass ------------------------------------------------------------------------------------------ */

void thor_golden_collect(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    thor_golden_collector *c = context;
    const thor_batch *batch = c->batch;
    void *data;
    if (c->status != THOR_OK)
        return;
    if (rows == THOR_OF_SENTENCES) {
        c->status = thor_tensor_list_add(c->list, tensor, &data, c->error);
        if (c->status == THOR_OK)
            memcpy(data, tensor->data, (size_t)thor_tensor_count(tensor) * 4);
        return;
    }
    bool source = rows == THOR_OF_SOURCE;
    int64_t L = source ? batch->source_width : batch->target_width, width = tensor->shape[1];
    thor_tensor like = named(tensor->name, tensor->dtype, 3, batch->sentences, L, width);
    c->status = thor_tensor_list_add(c->list, &like, &data, c->error);
    if (c->status == THOR_OK)
        spread(data, tensor->data, source ? batch->source_offset : batch->target_offset, batch->sentences, L, width);
}

static thor_status add_logits(thor_tensor_list *list, thor_pass *pass, const thor_batch *batch, int64_t vocabulary,
                              thor_error *error)
{
    void *data;
    thor_tensor like = named("logits", THOR_F32, 3, batch->sentences, batch->target_width, vocabulary);
    THOR_TRY(thor_tensor_list_add(list, &like, &data, error));
    for (int64_t b = 0; b < batch->sentences; b++)
        thor_pass_logits(pass, (float *)data + b * batch->target_width * vocabulary, batch->target_offset[b],
                         batch->target_offset[b + 1] - batch->target_offset[b]);
    return THOR_OK;
}

thor_status thor_golden_forward(thor_tensor_list *list, thor_pass *pass, const thor_batch *batch, int64_t vocabulary,
                                thor_error *error)
{
    thor_golden_collector c = { list, batch, THOR_OK, error };
    thor_pass_visit(pass, thor_golden_collect, &c);
    THOR_TRY(c.status);
    return add_logits(list, pass, batch, vocabulary, error);
}
