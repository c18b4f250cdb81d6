#include "pieces/bpe_encode.h"

#include <stdlib.h>
#include <string.h>

#include "pieces/bpe_table.h"
#include "pieces/piece_cache.h"
#include "text/utf8.h"

/* Words up to this many symbols are merged by looking through all pairs, longer ones with a heap. */
enum { SHORT_WORD = 48 };

#define NO_RANK UINT32_MAX

/* A stretch of the text that is one symbol. */
typedef struct cell {
    uint32_t symbol;            /* THOR_ABSENT: merges with nothing */
    int32_t piece;
    uint32_t start, bytes;
    uint32_t rank;              /* of the piece that it makes with the next cell; NO_RANK: none */
    uint32_t previous, next;    /* used by the heap only */
} cell;

typedef struct work {
    const struct thor_bpe *bpe;
    const char *text;
    cell *cells;
    size_t count, room;
    thor_map64 *taken_apart;    /* unused piece to the bytes of its left part, NULL: the model has none */
    struct offer {
        uint32_t rank, left, bytes;
    } *heap;
    size_t heap_count, heap_room;
    bool failed;                /* no memory */
    cell few[SHORT_WORD];
} work;

thor_status thor_bpe_create(thor_bpe **bpe, const thor_spm *spm, thor_error *error)
{
    *bpe = calloc(1, sizeof **bpe);
    if (*bpe) {
        (*bpe)->spm = spm;
        if (thor_bpe_fill(*bpe))
            return THOR_OK;
    }
    thor_bpe_free(*bpe);
    *bpe = NULL;
    return thor_fail(error, THOR_E_MEMORY, "no memory for the tables of %d pieces", (int)spm->count);
}

void thor_bpe_free(thor_bpe *bpe)
{
    if (!bpe)
        return;
    thor_map64_free(&bpe->pairs);
    free(bpe->rank);
    free(bpe->symbols);
    free(bpe);
}

/* The piece that two cells make, THOR_ABSENT for none; remembers how an unused one came about. */
static uint32_t merged(work *w, const cell *left, const cell *right)
{
    if (left->symbol == THOR_ABSENT || right->symbol == THOR_ABSENT)
        return THOR_ABSENT;
    uint32_t piece = thor_map64_get(&w->bpe->pairs, (uint64_t)left->symbol << 32 | right->symbol);
    if (piece != THOR_ABSENT && w->taken_apart && w->bpe->spm->pieces[piece].type == THOR_PIECE_UNUSED)
        w->failed = !thor_map64_put(w->taken_apart, piece, left->bytes) || w->failed;
    return piece;
}

static uint32_t rank_of(work *w, const cell *left, const cell *right)
{
    uint32_t piece = merged(w, left, right);
    return piece == THOR_ABSENT ? NO_RANK : w->bpe->rank[piece];
}

static void join(work *w, cell *left, const cell *right)
{
    left->symbol = thor_map64_get(&w->bpe->pairs, (uint64_t)left->symbol << 32 | right->symbol);
    left->piece = (int32_t)left->symbol;
    left->bytes += right->bytes;
}

static bool cell_room(work *w)
{
    if (w->count < w->room)
        return true;
    cell *old = w->cells;
    if (old == w->few)
        w->cells = NULL, w->room = 0;
    if (!thor_grow(&w->cells, &w->room, 0, w->count + SHORT_WORD + 1, sizeof *w->cells)) {
        w->cells = old;
        w->failed = true;
        return false;
    }
    if (old == w->few)
        memcpy(w->cells, old, w->count * sizeof *old);
    return true;
}

static void split(work *w, size_t start, size_t end)
{
    const thor_spm *spm = w->bpe->spm;
    w->count = 0;
    for (size_t at = start; at < end && cell_room(w);) {
        cell next = { .symbol = THOR_ABSENT, .piece = spm->unk, .start = (uint32_t)at, .rank = NO_RANK };
        size_t bytes = spm->longest_user > 0 ? thor_spm_user_prefix(spm, w->text + at, end - at) : 0;
        if (bytes > 0) {
            next.piece = thor_spm_find(spm, w->text + at, bytes);
        } else {
            uint32_t code;
            bytes = thor_utf8_next(w->text + at, end - at, &code);
            next.symbol = thor_bpe_symbol(w->bpe, code);
            if (next.symbol < (uint32_t)spm->count)
                next.piece = (int32_t)next.symbol;
        }
        next.bytes = (uint32_t)bytes;
        w->cells[w->count++] = next;
        at += bytes;
    }
}

static void merge_short(work *w)
{
    cell *cells = w->cells;
    size_t count = w->count;
    for (size_t i = 0; i + 1 < count; i++)
        cells[i].rank = rank_of(w, &cells[i], &cells[i + 1]);
    for (;;) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < count; i++)
            if (cells[i].rank < cells[best].rank)
                best = i;
        if (count < 2 || cells[best].rank == NO_RANK)
            break;
        join(w, &cells[best], &cells[best + 1]);
        memmove(&cells[best + 1], &cells[best + 2], (count - best - 2) * sizeof *cells);
        count--;
        if (best > 0)
            cells[best - 1].rank = rank_of(w, &cells[best - 1], &cells[best]);
        cells[best].rank = best + 1 < count ? rank_of(w, &cells[best], &cells[best + 1]) : NO_RANK;
    }
    w->count = count;
}

static bool before(const struct offer *a, const struct offer *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a->left < b->left;
}

static void heap_push(work *w, struct offer offer)
{
    if (!thor_grow(&w->heap, &w->heap_room, w->heap_count, 1, sizeof *w->heap)) {
        w->failed = true;
        return;
    }
    size_t at = w->heap_count++;
    while (at > 0 && before(&offer, &w->heap[(at - 1) / 2])) {
        w->heap[at] = w->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    w->heap[at] = offer;
}

static struct offer heap_pop(work *w)
{
    struct offer top = w->heap[0], last = w->heap[--w->heap_count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < w->heap_count) {
        child += child + 1 < w->heap_count && before(&w->heap[child + 1], &w->heap[child]);
        if (!before(&w->heap[child], &last))
            break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return top;
}

static void offer_pair(work *w, uint32_t left, uint32_t right)
{
    if (left == THOR_ABSENT || right == THOR_ABSENT)
        return;
    uint32_t rank = rank_of(w, &w->cells[left], &w->cells[right]);
    if (rank != NO_RANK)
        heap_push(w,
                  (struct offer){ .rank = rank, .left = left, .bytes = w->cells[left].bytes + w->cells[right].bytes });
}

/* Offers grow stale when a neighbour merges; then the bytes do not fit any more, or the left cell is gone (0 bytes). */
static void merge_long(work *w)
{
    cell *cells = w->cells;
    uint32_t count = (uint32_t)w->count;
    for (uint32_t i = 0; i < count; i++) {
        cells[i].previous = i > 0 ? i - 1 : THOR_ABSENT;
        cells[i].next = i + 1 < count ? i + 1 : THOR_ABSENT;
    }
    w->heap_count = 0;
    for (uint32_t i = 0; i + 1 < count; i++)
        offer_pair(w, i, i + 1);
    while (w->heap_count > 0 && !w->failed) {
        struct offer top = heap_pop(w);
        cell *left = &cells[top.left];
        if (left->bytes == 0 || left->next == THOR_ABSENT || left->bytes + cells[left->next].bytes != top.bytes)
            continue;
        cell *right = &cells[left->next];
        join(w, left, right);
        left->next = right->next;
        right->bytes = 0;
        if (left->next != THOR_ABSENT)
            cells[left->next].previous = top.left;
        offer_pair(w, left->previous, top.left);
        offer_pair(w, top.left, left->next);
    }
    size_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (cells[i].bytes > 0)
            cells[kept++] = cells[i];
    w->count = kept;
}

/* Adds a cell; an unused piece as the parts that it was last offered from, and they likewise. */
static void emit(work *w, const cell *last, thor_segments *out)
{
    thor_segment rest = { .start = last->start, .bytes = last->bytes, .piece = last->piece };
    thor_segments waiting = { .items = NULL };      /* right parts still to be added, the next one last */
    for (;;) {
        uint32_t left = THOR_ABSENT;
        if (w->taken_apart && w->bpe->spm->pieces[rest.piece].type == THOR_PIECE_UNUSED)
            left = thor_map64_get(w->taken_apart, (uint64_t)rest.piece);
        if (left == THOR_ABSENT) {
            w->failed = !thor_segments_add(out, rest.start, rest.bytes, rest.piece) || w->failed;
            if (waiting.count == 0)
                break;
            rest = waiting.items[--waiting.count];
        } else {
            w->failed = !thor_segments_add(&waiting, rest.start + left, rest.bytes - left, -1) || w->failed;
            rest.bytes = left;
        }
        if (w->failed)
            break;
        rest.piece = thor_spm_find(w->bpe->spm, w->text + rest.start, rest.bytes);
        rest.piece = rest.piece < 0 ? w->bpe->spm->unk : rest.piece;
    }
    free(waiting.items);
}

static void encode_word(work *w, size_t start, size_t end, thor_segments *out)
{
    split(w, start, end);
    if (w->failed)
        return;
    if (w->count <= SHORT_WORD)
        merge_short(w);
    else
        merge_long(w);
    for (size_t i = 0; i < w->count && !w->failed; i++)
        emit(w, &w->cells[i], out);
}

/* The start of the next word behind `at`. */
static size_t word_end(const char *text, size_t count, size_t at)
{
    while (++at < count) {
        const char *lead = memchr(text + at, THOR_BLANK[0], count - at);
        if (!lead)
            return count;
        at = (size_t)(lead - text);
        if (count - at >= THOR_BLANK_BYTES && memcmp(lead, THOR_BLANK, THOR_BLANK_BYTES) == 0)
            return at;
    }
    return count;
}

thor_status thor_bpe_encode(const thor_bpe *bpe, const char *text, size_t count, thor_segments *out, thor_error *error)
{
    thor_map64 taken_apart = { .slots = NULL };
    work w = { .bpe = bpe, .text = text, .room = SHORT_WORD, .taken_apart = bpe->has_unused ? &taken_apart : NULL };
    w.cells = w.few;
    for (size_t at = 0, end; at < count && !w.failed; at = end) {
        end = bpe->words_apart ? word_end(text, count, at) : count;
        size_t first = out->count;
        if (bpe->words_apart && out->cache && thor_piece_cache_get(out->cache, text + at, end - at, at, out))
            continue;
        encode_word(&w, at, end, out);
        if (bpe->words_apart && out->cache && !w.failed)
            thor_piece_cache_put(out->cache, text + at, end - at, out->items + first, out->count - first);
    }
    if (w.cells != w.few)
        free(w.cells);
    free(w.heap);
    thor_map64_free(&taken_apart);
    if (w.failed)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the pieces of a line of %zu bytes", count);
    return THOR_OK;
}
