#include "pieces/encoder.h"

#include <stdlib.h>

#include "pieces/piece_cache.h"
#include "pieces/vocab_text.h"

thor_status thor_encoder_cut(thor_encoder *encoder, const thor_vocab *vocab, const char *text, size_t count,
                             thor_error *error)
{
    if (!encoder->segments.cache)       /* without memory for one it goes without */
        encoder->segments.cache = thor_piece_cache_create();
    return thor_vocab_cut(vocab, text, count, &encoder->normal, &encoder->segments, error);
}

static thor_status add_ids(const thor_vocab *vocab, const thor_segments *segments, size_t bytes, thor_ids *out,
                           thor_error *error)
{
    if (!thor_grow(&out->ids, &out->room, out->count, segments->count, sizeof *out->ids))
        return thor_fail(error, THOR_E_MEMORY, "no memory for the ids of a line of %zu bytes", bytes);
    for (size_t i = 0; i < segments->count; i++)
        out->ids[out->count++] = thor_vocab_id(vocab, segments->items[i].piece);
    return THOR_OK;
}

thor_status thor_encoder_line(thor_encoder *encoder, const thor_vocab *vocab, const char *text, size_t count,
                              thor_ids *out, thor_error *error)
{
    THOR_TRY(thor_encoder_cut(encoder, vocab, text, count, error));
    return add_ids(vocab, &encoder->segments, count, out, error);
}

thor_status thor_encoder_pieces(thor_encoder *encoder, const thor_vocab *vocab, const char *text, size_t count,
                                thor_bytes *out, thor_error *error)
{
    const thor_spm *spm = thor_vocab_model(vocab);
    THOR_TRY(thor_encoder_cut(encoder, vocab, text, count, error));
    for (size_t i = 0; i < encoder->segments.count; i++) {
        thor_segment segment = encoder->segments.items[i];
        if (i > 0)
            thor_bytes_add_byte(out, ' ');
        if (segment.piece == spm->unk)
            thor_bytes_add(out, encoder->normal.data + segment.start, segment.bytes);
        else
            thor_bytes_add(out, spm->pieces[segment.piece].text, spm->pieces[segment.piece].bytes);
    }
    return out->failed ? thor_fail(error, THOR_E_MEMORY, "no memory for the pieces of a line of %zu bytes", count)
                       : THOR_OK;
}

void thor_encoder_free(thor_encoder *encoder)
{
    free(encoder->normal.data);
    free(encoder->segments.items);
    thor_piece_cache_free(encoder->segments.cache);
    *encoder = (thor_encoder){ .normal = { .data = NULL } };
}

thor_status thor_vocab_encode(const thor_vocab *vocab, const char *text, size_t count, thor_ids *out, thor_error *error)
{
    thor_encoder once = { .normal = { .data = NULL } };
    thor_status status = thor_vocab_cut(vocab, text, count, &once.normal, &once.segments, error);
    if (status == THOR_OK)
        status = add_ids(vocab, &once.segments, count, out, error);
    thor_encoder_free(&once);
    return status;
}
