#include "api/unpad.h"

#include <stdlib.h>
#include <string.h>

enum { ID_PAD = 1 };

static int64_t length_of(const int32_t *row, int64_t width)
{
    int64_t n = width;
    while (n > 0 && row[n - 1] == ID_PAD)
        n--;
    return n;
}

static thor_status copy_row(int32_t *to, const int32_t *from, int64_t n, const char *name, int64_t b,
                            int32_t vocabulary, thor_error *error)
{
    for (int64_t t = 0; t < n; t++) {
        if (from[t] < 0 || from[t] >= vocabulary || from[t] == ID_PAD)
            return thor_fail(error, THOR_E_USAGE,
                             "%s, sentence %lld, position %lld: id %d; 0 to %d without the padding's %d is possible",
                             name, (long long)b, (long long)t, (int)from[t], (int)vocabulary - 1, ID_PAD);
        to[t] = from[t];
    }
    return THOR_OK;
}

static thor_status allocate(thor_unpadded *u, const thor_padded_batch *p, thor_error *error)
{
    int64_t most = (int64_t)1 << 40;
    if (p->sentences < 1 || p->source_width < 1 || p->target_width < 1 || p->sentences > most / p->source_width / 16 ||
        p->sentences > most / p->target_width / 16)
        return thor_fail(error, THOR_E_USAGE,
                         "a batch of %lld sentences, %lld wide at the source and %lld at the target, cannot be run",
                         (long long)p->sentences, (long long)p->source_width, (long long)p->target_width);
    u->offsets = calloc((size_t)p->sentences * 2 + 2, sizeof *u->offsets);
    u->ids = malloc((size_t)(p->sentences * (p->source_width + 2 * p->target_width)) * sizeof *u->ids);
    u->labels = malloc((size_t)p->sentences * 3 * sizeof *u->labels);
    if (!u->offsets || !u->ids || !u->labels)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %lld sentences", (long long)p->sentences);
    return THOR_OK;
}

static thor_status fill(thor_unpadded *u, const thor_padded_batch *p, int32_t vocabulary, thor_error *error)
{
    int64_t B = p->sentences, S = p->source_width, T = p->target_width, source = 0, target = 0, widest_source = 0,
            widest_target = 0;
    int32_t *target_in = u->ids + B * S, *target_out = target_in + B * T;
    for (int64_t b = 0; b < B; b++) {
        int64_t n = length_of(p->src_tokens + b * S, S), m = length_of(p->tgt_out + b * T, T);
        if (n == 0 || m == 0 || length_of(p->tgt_in + b * T, T) != m)
            return thor_fail(error, THOR_E_USAGE,
                             "sentence %lld: %lld source tokens, %lld in tgt_in, %lld in tgt_out; none may be empty "
                             "and the last two are of one length",
                             (long long)b, (long long)n, (long long)length_of(p->tgt_in + b * T, T), (long long)m);
        THOR_TRY(copy_row(u->ids + source, p->src_tokens + b * S, n, "src_tokens", b, vocabulary, error));
        THOR_TRY(copy_row(target_in + target, p->tgt_in + b * T, m, "tgt_in", b, vocabulary, error));
        THOR_TRY(copy_row(target_out + target, p->tgt_out + b * T, m, "tgt_out", b, vocabulary, error));
        u->offsets[b + 1] = source += n;
        u->offsets[B + 1 + b + 1] = target += m;
        widest_source = n > widest_source ? n : widest_source;
        widest_target = m > widest_target ? m : widest_target;
    }
    memcpy(u->labels, p->src_language, (size_t)B * sizeof *u->labels);
    memcpy(u->labels + B, p->tgt_language, (size_t)B * sizeof *u->labels);
    memcpy(u->labels + 2 * B, p->task_label, (size_t)B * sizeof *u->labels);
    u->batch = (thor_batch){
        B,      source,    target,     widest_source, widest_target, u->offsets,       u->offsets + B + 1,
        u->ids, target_in, target_out, u->labels,     u->labels + B, u->labels + 2 * B
    };
    return THOR_OK;
}

thor_status thor_unpad(thor_unpadded *unpadded, const thor_padded_batch *padded, int32_t vocabulary, thor_error *error)
{
    *unpadded = (thor_unpadded){ .offsets = NULL };
    thor_status status = allocate(unpadded, padded, error);
    if (status == THOR_OK)
        status = fill(unpadded, padded, vocabulary, error);
    if (status != THOR_OK)
        thor_unpadded_free(unpadded);
    return status;
}

void thor_unpadded_free(thor_unpadded *unpadded)
{
    free(unpadded->offsets);
    free(unpadded->ids);
    free(unpadded->labels);
    *unpadded = (thor_unpadded){ .offsets = NULL };
}
