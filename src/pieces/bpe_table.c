#include "pieces/bpe_table.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

static bool is_normal(const thor_piece *piece)
{
    return piece->type == THOR_PIECE_NORMAL || piece->type == THOR_PIECE_USER || piece->type == THOR_PIECE_UNUSED;
}

static bool add_page(struct thor_bpe *bpe)
{
    size_t page = bpe->pages;
    if (!thor_grow(&bpe->symbols, &bpe->pages_room, page, 1, THOR_CODE_PAGE * sizeof *bpe->symbols))
        return false;
    memset(bpe->symbols + page * THOR_CODE_PAGE, 0xFF, THOR_CODE_PAGE * sizeof *bpe->symbols);
    bpe->pages++;
    return true;
}

/* Numbers the characters of a piece: those that are pieces have their index already. */
static bool add_characters(struct thor_bpe *bpe, const thor_piece *piece)
{
    uint32_t code;
    for (size_t at = 0, length; at < piece->bytes; at += length) {
        length = thor_utf8_next(piece->text + at, piece->bytes - at, &code);
        uint16_t *page = &bpe->page[code / THOR_CODE_PAGE];
        if (*page == 0) {
            *page = (uint16_t)bpe->pages;
            if (!add_page(bpe))
                return false;
        }
        uint32_t *symbol = &bpe->symbols[(size_t)*page * THOR_CODE_PAGE + code % THOR_CODE_PAGE];
        if (*symbol != THOR_ABSENT)
            continue;
        int32_t alone = thor_spm_find(bpe->spm, piece->text + at, length);
        *symbol = alone >= 0 ? (uint32_t)alone : bpe->next_symbol++;
    }
    return true;
}

/* The symbol of a part of a piece; THOR_ABSENT when merging cannot make it. */
static uint32_t part_symbol(const struct thor_bpe *bpe, const char *text, size_t count)
{
    if (thor_utf8_length(*text) < count) {
        int32_t piece = thor_spm_find(bpe->spm, text, count);
        return piece >= 0 ? (uint32_t)piece : THOR_ABSENT;
    }
    uint32_t code;
    thor_utf8_next(text, count, &code);
    return thor_bpe_symbol(bpe, code);
}

static bool add_pairs(struct thor_bpe *bpe, int32_t index)
{
    const thor_piece *piece = &bpe->spm->pieces[index];
    for (size_t at = thor_utf8_length(*piece->text); at < piece->bytes; at += thor_utf8_length(piece->text[at])) {
        uint32_t left = part_symbol(bpe, piece->text, at);
        uint32_t right = left == THOR_ABSENT ? left : part_symbol(bpe, piece->text + at, piece->bytes - at);
        if (right != THOR_ABSENT && !thor_map64_put(&bpe->pairs, (uint64_t)left << 32 | right, (uint32_t)index))
            return false;
        if (memcmp(piece->text + at, THOR_BLANK, THOR_BLANK_BYTES) == 0)
            bpe->words_apart = false;
    }
    return true;
}

typedef struct scored {
    float score;
    int32_t piece;
} scored;

static int by_score(const void *a, const void *b)
{
    float x = ((const scored *)a)->score, y = ((const scored *)b)->score;
    return x > y ? -1 : x < y;
}

static bool rank_pieces(struct thor_bpe *bpe)
{
    size_t count = (size_t)bpe->spm->count;
    scored *order = malloc((count + 1) * sizeof *order);
    bpe->rank = malloc((count + 1) * sizeof *bpe->rank);
    if (!order || !bpe->rank) {
        free(order);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = (scored){ .score = bpe->spm->pieces[i].score, .piece = (int32_t)i };
    qsort(order, count, sizeof *order, by_score);
    uint32_t rank = 0;
    for (size_t i = 0; i < count; i++) {
        rank += i > 0 && order[i].score < order[i - 1].score;
        bpe->rank[order[i].piece] = rank;
    }
    free(order);
    return true;
}

bool thor_bpe_fill(struct thor_bpe *bpe)
{
    const thor_spm *spm = bpe->spm;
    bpe->next_symbol = (uint32_t)spm->count;
    bpe->words_apart = spm->normal.escape_blanks;
    if (!add_page(bpe) || !rank_pieces(bpe))
        return false;
    for (int32_t i = 0; i < spm->count; i++)
        if (is_normal(&spm->pieces[i]) && !add_characters(bpe, &spm->pieces[i]))
            return false;
    for (int32_t i = 0; i < spm->count; i++) {
        if (is_normal(&spm->pieces[i]) && !add_pairs(bpe, i))
            return false;
        bpe->has_unused = bpe->has_unused || spm->pieces[i].type == THOR_PIECE_UNUSED;
    }
    /* Taking unused pieces apart looks at the whole text's last merge. */
    bpe->words_apart = bpe->words_apart && !bpe->has_unused;
    return true;
}
