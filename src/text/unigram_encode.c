#include "text/unigram_encode.h"

#include <float.h>
#include <stdlib.h>

#include "text/hash_tables.h"
#include "text/utf8.h"

/* What SentencePiece takes off the worst score for an unknown character. */
#define UNKNOWN_PENALTY 10.0f

struct thor_unigram {
    const thor_spm *spm;
    thor_map64 edges;       /* node << 8 | byte to node; node 0 is the root */
    int32_t *piece_at;      /* the piece that ends at a node, -1: none */
    float worst, best;      /* score of normal pieces */
};

static bool add_piece(thor_unigram *unigram, int32_t piece, uint32_t *nodes)
{
    const thor_piece *p = &unigram->spm->pieces[piece];
    uint32_t node = 0;
    for (uint32_t i = 0; i < p->bytes; i++) {
        uint64_t edge = (uint64_t)node << 8 | (unsigned char)p->text[i];
        uint32_t next = thor_map64_get(&unigram->edges, edge);
        if (next == THOR_ABSENT) {
            next = ++*nodes;
            unigram->piece_at[next] = -1;
            if (!thor_map64_put(&unigram->edges, edge, next))
                return false;
        }
        node = next;
    }
    unigram->piece_at[node] = piece;
    return true;
}

static bool fill(thor_unigram *unigram)
{
    const thor_spm *spm = unigram->spm;
    size_t bytes = 1;
    for (int32_t i = 0; i < spm->count; i++)
        bytes += spm->pieces[i].bytes;
    unigram->piece_at = malloc(bytes * sizeof *unigram->piece_at);
    if (!unigram->piece_at)
        return false;
    unigram->piece_at[0] = -1;
    uint32_t nodes = 0;
    for (int32_t i = 0; i < spm->count; i++) {
        thor_piece_type type = spm->pieces[i].type;
        if (type != THOR_PIECE_NORMAL && type != THOR_PIECE_USER && type != THOR_PIECE_UNUSED)
            continue;
        if (!add_piece(unigram, i, &nodes))
            return false;
        if (type == THOR_PIECE_NORMAL && spm->pieces[i].score < unigram->worst)
            unigram->worst = spm->pieces[i].score;
        if (type == THOR_PIECE_NORMAL && spm->pieces[i].score > unigram->best)
            unigram->best = spm->pieces[i].score;
    }
    return true;
}

thor_status thor_unigram_create(thor_unigram **unigram, const thor_spm *spm, thor_error *error)
{
    *unigram = calloc(1, sizeof **unigram);
    if (*unigram) {
        (*unigram)->spm = spm;
        (*unigram)->worst = FLT_MAX;
        (*unigram)->best = FLT_MIN;
        if (fill(*unigram))
            return THOR_OK;
    }
    thor_unigram_free(*unigram);
    *unigram = NULL;
    return thor_fail(error, THOR_E_MEMORY, "no memory for the tables of %d pieces", (int)spm->count);
}

void thor_unigram_free(thor_unigram *unigram)
{
    if (!unigram)
        return;
    thor_map64_free(&unigram->edges);
    free(unigram->piece_at);
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
    uint32_t node = 0;
    for (size_t at = start; at < count; at++) {
        node = thor_map64_get(&unigram->edges, (uint64_t)node << 8 | (unsigned char)text[at]);
        if (node == THOR_ABSENT)
            break;
        int32_t piece = unigram->piece_at[node];
        if (piece < 0 || spm->pieces[piece].type == THOR_PIECE_UNUSED)
            continue;
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
