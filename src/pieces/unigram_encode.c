#include "pieces/unigram_encode.h"

#include <float.h>
#include <stdlib.h>

#include "pieces/double_array.h"
#include "text/utf8.h"

/* What SentencePiece takes off the worst score for an unknown character. */
#define UNKNOWN_PENALTY 10.0f

struct thor_unigram {
    const thor_spm *spm;
    thor_double_array trie;     /* normal and user-defined pieces, with their indices */
    float worst, best;          /* score of normal pieces */
};

static thor_status fill(thor_unigram *unigram, thor_error *error)
{
    const thor_spm *spm = unigram->spm;
    thor_trie_key *keys = malloc(((size_t)spm->count + 1) * sizeof *keys);
    size_t count = 0;
    if (!keys)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the tables of %d pieces", (int)spm->count);
    for (int32_t i = 0; i < spm->count; i++) {
        const thor_piece *piece = &spm->pieces[i];
        if (piece->type == THOR_PIECE_NORMAL || piece->type == THOR_PIECE_USER)
            keys[count++] = (thor_trie_key){ .text = piece->text, .bytes = piece->bytes, .value = (uint32_t)i };
        if (piece->type == THOR_PIECE_NORMAL && piece->score < unigram->worst)
            unigram->worst = piece->score;
        if (piece->type == THOR_PIECE_NORMAL && piece->score > unigram->best)
            unigram->best = piece->score;
    }
    thor_status status = thor_double_array_build(&unigram->trie, keys, thor_trie_keys_sort(keys, count), error);
    free(keys);
    return status;
}

thor_status thor_unigram_create(thor_unigram **unigram, const thor_spm *spm, thor_error *error)
{
    *unigram = calloc(1, sizeof **unigram);
    if (!*unigram)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the tables of %d pieces", (int)spm->count);
    (*unigram)->spm = spm;
    (*unigram)->worst = FLT_MAX;
    (*unigram)->best = FLT_MIN;
    thor_status status = fill(*unigram, error);
    if (status != THOR_OK) {
        thor_unigram_free(*unigram);
        *unigram = NULL;
    }
    return status;
}

void thor_unigram_free(thor_unigram *unigram)
{
    if (!unigram)
        return;
    free(unigram->trie.units);
    free(unigram);
}

/* The best cut of the text up to a place: its score, and its last piece with that one's start. */
typedef struct cut {
    float score;
    int32_t start, piece;       /* start -1: no cut ends here */
} cut;

/* Sums are rounded to float only where they are kept, and user-defined pieces get a bonus by length, as in
 * SentencePiece. */
static void offer(cut *target, double score, size_t start, int32_t piece)
{
    if (target->start >= 0 && !(score > (double)target->score))
        return;
    *target = (cut){ .score = (float)score, .start = (int32_t)start, .piece = piece };
}

static void extend(const thor_unigram *unigram, const char *text, size_t count, size_t start, cut *cuts)
{
    const thor_spm *spm = unigram->spm;
    size_t first = thor_utf8_length(text[start]);
    bool covered = false;
    size_t node = 0;
    for (size_t at = start; at < count; at++) {
        if (!thor_double_array_step(&unigram->trie, &node, (unsigned char)text[at]))
            break;
        uint32_t value = thor_double_array_value(&unigram->trie, node);
        if (value == UINT32_MAX)
            continue;
        int32_t piece = (int32_t)value;
        size_t length = at + 1 - start;
        double score = spm->pieces[piece].type == THOR_PIECE_USER ? (double)((float)length * unigram->best) - 0.1
                                                                  : (double)spm->pieces[piece].score;
        offer(&cuts[at + 1], score + (double)cuts[start].score, start, piece);
        covered = covered || length == first;
    }
    float unknown = unigram->worst - UNKNOWN_PENALTY + cuts[start].score;
    if (!covered)
        offer(&cuts[start + first], (double)unknown, start, spm->unk);
}

thor_status thor_unigram_encode(const thor_unigram *unigram, const char *text, size_t count, thor_segments *out,
                                thor_error *error)
{
    cut *cuts = malloc((count + 1) * sizeof *cuts);
    size_t first = out->count;
    bool fits = cuts != NULL;
    if (fits) {
        for (size_t i = 0; i <= count; i++)
            cuts[i] = (cut){ .score = 0, .start = -1, .piece = -1 };
        for (size_t start = 0; start < count; start += thor_utf8_length(text[start]))
            extend(unigram, text, count, start, cuts);
        for (size_t end = count; end > 0 && fits; end = (size_t)cuts[end].start)
            fits = thor_segments_add(out, (size_t)cuts[end].start, end - (size_t)cuts[end].start, cuts[end].piece);
    }
    free(cuts);
    if (!fits)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the pieces of a line of %zu bytes", count);
    for (size_t i = first, j = out->count; i + 1 < j; i++) {
        thor_segment swap = out->items[i];
        out->items[i] = out->items[--j];
        out->items[j] = swap;
    }
    return THOR_OK;
}
