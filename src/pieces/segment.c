#include "pieces/segment.h"

#include <stdlib.h>
#include <string.h>

#include "pieces/bpe_encode.h"
#include "pieces/unigram_encode.h"
#include "text/utf8.h"

struct thor_segmenter {
    const thor_spm *spm;
    thor_bpe *bpe;
    thor_unigram *unigram;
};

thor_status thor_segmenter_create(thor_segmenter **segmenter, const thor_spm *spm, thor_error *error)
{
    *segmenter = calloc(1, sizeof **segmenter);
    if (!*segmenter)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the tables of a vocabulary");
    (*segmenter)->spm = spm;
    thor_status status = THOR_OK;
    if (spm->type == THOR_BPE)
        status = thor_bpe_create(&(*segmenter)->bpe, spm, error);
    else if (spm->type == THOR_UNIGRAM)
        status = thor_unigram_create(&(*segmenter)->unigram, spm, error);
    if (status != THOR_OK) {
        thor_segmenter_free(*segmenter);
        *segmenter = NULL;
    }
    return status;
}

void thor_segmenter_free(thor_segmenter *segmenter)
{
    if (!segmenter)
        return;
    thor_bpe_free(segmenter->bpe);
    thor_unigram_free(segmenter->unigram);
    free(segmenter);
}

/* The end of the unit that starts at `at`: a user-defined piece or a character, or a whole word. A word starts at
 * U+2581, or ends behind it where blanks are suffixes. */
static size_t unit_end(const thor_spm *spm, const char *text, size_t count, size_t at)
{
    size_t end = at + thor_utf8_length(text[at]);
    if (spm->type == THOR_CHAR) {
        size_t user = thor_spm_user_prefix(spm, text + at, count - at);
        return user > 0 ? at + user : end;
    }
    bool suffix = spm->normal.blank_as_suffix;
    if (suffix)
        end = at;
    for (; end < count; end += thor_utf8_length(text[end]))
        if (count - end >= THOR_BLANK_BYTES && memcmp(text + end, THOR_BLANK, THOR_BLANK_BYTES) == 0)
            return suffix ? end + THOR_BLANK_BYTES : end;
    return count;
}

static thor_status segment_units(const thor_spm *spm, const char *text, size_t count, thor_segments *out,
                                 thor_error *error)
{
    for (size_t at = 0, end; at < count; at = end) {
        end = unit_end(spm, text, count, at);
        int32_t piece = thor_spm_find(spm, text + at, end - at);
        if (!thor_segments_add(out, at, end - at, piece < 0 ? spm->unk : piece))
            return thor_fail(error, THOR_E_MEMORY, "no memory for the pieces of a line of %zu bytes", count);
    }
    return THOR_OK;
}

/* Joins neighbouring unknown segments from `first` on. */
static void join_unknown(const thor_spm *spm, size_t first, thor_segments *out)
{
    size_t kept = first;
    for (size_t i = first; i < out->count; i++) {
        thor_segment *last = kept > first ? &out->items[kept - 1] : NULL;
        if (last && last->piece == spm->unk && out->items[i].piece == spm->unk)
            last->bytes += out->items[i].bytes;
        else
            out->items[kept++] = out->items[i];
    }
    out->count = kept;
}

/* Replaces unknown segments from `first` on by the pieces of their bytes: from the last one back, so that what is read
 * has not been written over. */
static thor_status spell_unknown(const thor_spm *spm, const char *text, size_t first, thor_segments *out,
                                 thor_error *error)
{
    size_t more = 0;
    for (size_t i = first; i < out->count; i++)
        more += out->items[i].piece == spm->unk ? out->items[i].bytes - 1 : 0;
    if (!thor_grow(&out->items, &out->room, out->count, more, sizeof *out->items))
        return thor_fail(error, THOR_E_MEMORY, "no memory for the bytes of unknown characters");
    size_t from = out->count, to = out->count += more;
    while (from > first) {
        thor_segment segment = out->items[--from];
        if (segment.piece != spm->unk)
            out->items[--to] = segment;
        else
            for (uint32_t at = segment.start + segment.bytes; at > segment.start; at--)
                out->items[--to] = (thor_segment){ .start = at - 1, .bytes = 1,
                                                   .piece = spm->byte_piece[(unsigned char)text[at - 1]] };
    }
    return THOR_OK;
}

thor_status thor_segment_text(const thor_segmenter *segmenter, const char *text, size_t count, thor_segments *out,
                              thor_error *error)
{
    size_t first = out->count;
    if (count > INT32_MAX)
        return thor_fail(error, THOR_E_FORMAT, "a line of %zu bytes; expected less than 2 GiB", count);
    if (segmenter->bpe)
        THOR_TRY(thor_bpe_encode(segmenter->bpe, text, count, out, error));
    else if (segmenter->unigram)
        THOR_TRY(thor_unigram_encode(segmenter->unigram, text, count, out, error));
    else
        THOR_TRY(segment_units(segmenter->spm, text, count, out, error));
    if (segmenter->spm->byte_fallback)
        return spell_unknown(segmenter->spm, text, first, out, error);
    join_unknown(segmenter->spm, first, out);
    return THOR_OK;
}
