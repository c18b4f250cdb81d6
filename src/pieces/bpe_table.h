/* The tables that merging looks things up in. A symbol is a piece (its index in the file), or from spm->count on a
 * character that is part of pieces but none itself; THOR_ABSENT is a character in no piece. */
#ifndef THOR_PIECES_BPE_TABLE_H
#define THOR_PIECES_BPE_TABLE_H

#include "base/status.h"
#include "pieces/spm.h"
#include "text/hash_tables.h"

enum { THOR_CODE_PAGES = 0x1100, THOR_CODE_PAGE = 256 };

struct thor_bpe {
    const thor_spm *spm;
    thor_map64 pairs;           /* left << 32 | right to the piece that they make */
    uint32_t *rank;             /* [spm->count]: 0 for the best score; equal scores have equal ranks */
    uint16_t page[THOR_CODE_PAGES];     /* code / 256 to a page of `symbols`; page 0 is all absent */
    uint32_t *symbols;          /* [pages * 256] */
    size_t pages, pages_room;
    uint32_t next_symbol;       /* number of the next character that is no piece */
    bool words_apart;           /* no merge reaches over the start of a word */
    bool has_unused;
};

/* Fills a zeroed table but for its `spm`. False without memory. */
bool thor_bpe_fill(struct thor_bpe *bpe);

static inline uint32_t thor_bpe_symbol(const struct thor_bpe *bpe, uint32_t code)
{
    return bpe->symbols[(size_t)bpe->page[code / THOR_CODE_PAGE] * THOR_CODE_PAGE + code % THOR_CODE_PAGE];
}

#endif
