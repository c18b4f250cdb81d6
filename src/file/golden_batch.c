/* batch.safetensors: padded arrays of ids to packed rows. */
#include <stdlib.h>
#include <string.h>

#include "file/golden_folder.h"
#include "file/safetensors.h"

enum { PADDING = 1, MOST_WIDTH = 1 << 24 };

typedef struct {
    const char *path;
    const thor_tensor_list *list;
    const thor_config *config;
    thor_error *error;
} reader;

static int64_t whole(const thor_tensor *tensor, int64_t i)
{
    return tensor->dtype == THOR_I32 ? ((const int32_t *)tensor->data)[i] : ((const int64_t *)tensor->data)[i];
}

static thor_status find(const reader *r, const thor_tensor **found, const char *name, int dims)
{
    *found = thor_tensor_list_find(r->list, name);
    if (!*found)
        return thor_fail(r->error, THOR_E_FORMAT, "%s: there is no tensor '%s'", r->path, name);
    if ((*found)->dtype != THOR_I32 && (*found)->dtype != THOR_I64)
        return thor_fail(r->error, THOR_E_FORMAT, "%s: '%s' has the type %s; expected I32 or I64", r->path, name,
                         thor_dtype_name((*found)->dtype));
    if ((*found)->dims != dims || thor_tensor_count(*found) < 1)
        return thor_fail(r->error, THOR_E_FORMAT, "%s: '%s' has to have %d dimension%s, none of them 0", r->path, name,
                         dims, dims == 1 ? "" : "s");
    return THOR_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

/* The length of sentence b: all before the padding, which nothing but padding may follow. */
static thor_status measure(const reader *r, const thor_tensor *tokens, int64_t b, int64_t *length)
{
    int64_t width = tokens->shape[1];
    *length = width;
    for (int64_t i = 0; i < width; i++) {
        int64_t id = whole(tokens, b * width + i);
        if (id < 0 || id >= r->config->vocab.ids)
            return thor_fail(r->error, THOR_E_FORMAT, "%s: %s[%lld,%lld] is %lld; expected an id below vocab.ids, %d",
                             r->path, tokens->name, (long long)b, (long long)i, (long long)id,
                             (int)r->config->vocab.ids);
        if (id == PADDING && *length == width)
            *length = i;
        else if (id != PADDING && *length < width)
            return thor_fail(r->error, THOR_E_FORMAT, "%s: %s[%lld,%lld] is %lld, but stands behind padding (id %d); "
                             "sentences are padded on the right", r->path, tokens->name, (long long)b, (long long)i,
                             (long long)id, PADDING);
    }
    if (*length == 0)
        return thor_fail(r->error, THOR_E_FORMAT, "%s: %s: sentence %lld is empty", r->path, tokens->name,
                         (long long)b);
    return THOR_OK;
}

static thor_status measure_all(const reader *r, const thor_tensor *tokens, int64_t *offset)
{
    offset[0] = 0;
    for (int64_t b = 0; b < tokens->shape[0]; b++) {
        int64_t length;
        THOR_TRY(measure(r, tokens, b, &length));
        offset[b + 1] = offset[b] + length;
    }
    return THOR_OK;
}

static thor_status same_lengths(const reader *r, const thor_tensor *in, const thor_tensor *out, const int64_t *offset)
{
    for (int64_t b = 0; b < in->shape[0]; b++) {
        int64_t length;
        THOR_TRY(measure(r, out, b, &length));
        if (length != offset[b + 1] - offset[b])
            return thor_fail(r->error, THOR_E_FORMAT, "%s: sentence %lld has %lld tokens in tgt_in and %lld in tgt_out",
                             r->path, (long long)b, (long long)(offset[b + 1] - offset[b]), (long long)length);
    }
    return THOR_OK;
}

static void pack(int32_t *rows, const thor_tensor *tokens, const int64_t *offset)
{
    for (int64_t b = 0; b < tokens->shape[0]; b++)
        for (int64_t i = offset[b]; i < offset[b + 1]; i++)
            rows[i] = (int32_t)whole(tokens, b * tokens->shape[1] + i - offset[b]);
}

/* ---- labels ---------------------------------------------------------------------------------------------------- */

static thor_status read_labels(const reader *r, int32_t *labels, const char *name, int64_t sentences, int64_t below)
{
    const thor_tensor *tensor;
    THOR_TRY(find(r, &tensor, name, 1));
    if (tensor->shape[0] != sentences)
        return thor_fail(r->error, THOR_E_FORMAT, "%s: '%s' has %lld entries for %lld sentences", r->path, name,
                         (long long)tensor->shape[0], (long long)sentences);
    for (int64_t b = 0; b < sentences; b++) {
        int64_t label = whole(tensor, b);
        if (label < 0 || label >= below)
            return thor_fail(r->error, THOR_E_FORMAT, "%s: %s[%lld] is %lld; expected 0 to %lld", r->path, name,
                             (long long)b, (long long)label, (long long)below - 1);
        labels[b] = (int32_t)label;
    }
    return THOR_OK;
}

static thor_status read_all_labels(const reader *r, thor_read_batch *read)
{
    int64_t sentences = read->batch.sentences;
    bool predictor = thor_config_has_predictor(r->config);
    int64_t languages = r->config->languages.count, tasks = predictor ? thor_config_tasks(r->config) : INT32_MAX;
    read->batch.source_language = read->labels;
    read->batch.target_language = read->labels + sentences;
    read->batch.task_label = read->labels + 2 * sentences;
    THOR_TRY(read_labels(r, read->labels, "src_language", sentences, languages));
    THOR_TRY(read_labels(r, read->labels + sentences, "tgt_language", sentences, languages));
    return read_labels(r, read->labels + 2 * sentences, "task_label", sentences, tasks);
}

/* ---- the batch ------------------------------------------------------------------------------------------------- */

static thor_status check_shapes(const reader *r, const thor_tensor *src, const thor_tensor *in, const thor_tensor *out)
{
    if (in->shape[0] != src->shape[0] || out->shape[0] != src->shape[0] || in->shape[1] != out->shape[1])
        return thor_fail(r->error, THOR_E_FORMAT, "%s: src_tokens [%lld,%lld], tgt_in [%lld,%lld] and tgt_out "
                         "[%lld,%lld] do not belong together: expected [B,S], [B,T], [B,T]", r->path,
                         (long long)src->shape[0], (long long)src->shape[1], (long long)in->shape[0],
                         (long long)in->shape[1], (long long)out->shape[0], (long long)out->shape[1]);
    if (src->shape[1] > MOST_WIDTH || in->shape[1] > MOST_WIDTH)
        return thor_fail(r->error, THOR_E_FORMAT, "%s: sentences of more than %d tokens", r->path, (int)MOST_WIDTH);
    return THOR_OK;
}

static thor_status take_memory(const reader *r, thor_read_batch *read, int64_t sentences, int64_t ids)
{
    read->offsets = malloc(2 * ((size_t)sentences + 1) * sizeof *read->offsets);
    read->ids = malloc(((size_t)ids + 1) * sizeof *read->ids);
    read->labels = malloc(3 * (size_t)sentences * sizeof *read->labels);
    if (!read->offsets || !read->ids || !read->labels)
        return thor_fail(r->error, THOR_E_MEMORY, "%s: no memory for a batch of %lld sentences", r->path,
                         (long long)sentences);
    return THOR_OK;
}

static thor_status read_tokens(const reader *r, thor_read_batch *read)
{
    const thor_tensor *src, *in, *out;
    thor_batch *batch = &read->batch;
    THOR_TRY(find(r, &src, "src_tokens", 2));
    THOR_TRY(find(r, &in, "tgt_in", 2));
    THOR_TRY(find(r, &out, "tgt_out", 2));
    THOR_TRY(check_shapes(r, src, in, out));
    batch->sentences = src->shape[0];
    batch->source_width = src->shape[1];
    batch->target_width = in->shape[1];
    THOR_TRY(take_memory(r, read, batch->sentences, thor_tensor_count(src) + 2 * thor_tensor_count(in)));
    int64_t *source = read->offsets, *target = source + batch->sentences + 1;
    THOR_TRY(measure_all(r, src, source));
    THOR_TRY(measure_all(r, in, target));
    THOR_TRY(same_lengths(r, in, out, target));
    batch->source_offset = source;
    batch->target_offset = target;
    batch->source_rows = source[batch->sentences];
    batch->target_rows = target[batch->sentences];
    int32_t *ids = read->ids, *ids_in = ids + batch->source_rows, *ids_out = ids_in + batch->target_rows;
    pack(ids, src, source);
    pack(ids_in, in, target);
    pack(ids_out, out, target);
    batch->source = ids;
    batch->target_in = ids_in;
    batch->target_out = ids_out;
    return THOR_OK;
}

thor_status thor_golden_batch_read(thor_read_batch *read, const char *path, const thor_config *config,
                                   thor_error *error)
{
    thor_tensor_list list;
    reader r = { path, &list, config, error };
    thor_status status = thor_tensor_list_read(&list, path, error);
    if (status == THOR_OK)
        status = read_tokens(&r, read);
    if (status == THOR_OK)
        status = read_all_labels(&r, read);
    thor_tensor_list_free(&list);
    return status;
}

void thor_golden_batch_free(thor_read_batch *read)
{
    free(read->offsets);
    free(read->ids);
    free(read->labels);
    *read = (thor_read_batch){ .offsets = NULL };
}
