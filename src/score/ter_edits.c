#include "score/ter_edits.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { MAX_MOVED = 10, MAX_DISTANCE = 50, MAX_TRIED = 1000, BEAM = 25 };
enum { NONE, KEEP, REPLACE, INSERT, DELETE };

#define FAR (INT32_MAX / 4)

/* What one search looks at. */
typedef struct search {
    thor_ter_edits *edits;
    size_t h, r;                /* words of the hypothesis and of the reference */
    const uint32_t *reference;
} search;

/* A move: `length` words from `from` on, to before the word `to`. */
typedef struct move {
    size_t from, length, to;
} move;

static void free_table(thor_ter_table *table)
{
    free(table->cost);
    free(table->step);
}

void thor_ter_edits_free(thor_ter_edits *edits)
{
    free(edits->words);
    free(edits->moved);
    free(edits->best);
    free_table(&edits->table);
    free_table(&edits->trial);
    free(edits->align);
    free(edits->hypothesis_wrong);
    free(edits->reference_wrong);
    *edits = (thor_ter_edits){ .words = NULL };
}

static bool grow_table(thor_ter_table *table, size_t cells)
{
    return thor_grow(&table->cost, &table->cost_room, 0, cells, sizeof *table->cost) &&
           thor_grow(&table->step, &table->step_room, 0, cells, sizeof *table->step);
}

static bool make_room(thor_ter_edits *edits, size_t h, size_t r)
{
    size_t cells = (h + 1) * (r + 1);
    return h < SIZE_MAX / sizeof(int32_t) / (r + 1) - 1 && grow_table(&edits->table, cells) &&
           grow_table(&edits->trial, cells) &&
           thor_grow(&edits->words, &edits->word_room, 0, h, sizeof *edits->words) &&
           thor_grow(&edits->moved, &edits->moved_room, 0, h, sizeof *edits->moved) &&
           thor_grow(&edits->best, &edits->best_room, 0, h, sizeof *edits->best) &&
           thor_grow(&edits->align, &edits->align_room, 0, r, sizeof *edits->align) &&
           thor_grow(&edits->hypothesis_wrong, &edits->hypothesis_room, 0, h, 1) &&
           thor_grow(&edits->reference_wrong, &edits->reference_room, 0, r, 1);
}

/* One cell: of equally cheap ways keeping or replacing comes first, then deleting, then inserting. */
static void fill_cell(const search *s, const thor_ter_table *table, const uint32_t *words, size_t i, size_t j)
{
    size_t width = s->r + 1, cell = i * width + j;
    int32_t *cost = table->cost;
    if (j == 0) {
        cost[cell] = cost[cell - width] + 1;
        table->step[cell] = DELETE;
        return;
    }
    bool equal = words[i - 1] == s->reference[j - 1];
    int32_t ways[] = { cost[cell - width - 1] + !equal, cost[cell - width] + 1, cost[cell - 1] + 1 };
    unsigned char steps[] = { equal ? KEEP : REPLACE, DELETE, INSERT };
    for (int way = 0; way < 3; way++)
        if (cost[cell] > ways[way]) {
            cost[cell] = ways[way];
            table->step[cell] = steps[way];
        }
}

/* Fills the rows behind row `done`, each in a band about the diagonal and the last one to its end; the distance. */
static int64_t distance(const search *s, const thor_ter_table *table, const uint32_t *words, size_t done)
{
    size_t width = s->r + 1;
    double ratio = s->h > 0 ? (double)s->r / (double)s->h : 1;
    int64_t band = BEAM < ratio / 2 ? (int64_t)ceil(ratio / 2 + BEAM) : BEAM;
    for (size_t i = done + 1; i <= s->h; i++) {
        int64_t middle = (int64_t)floor((double)i * ratio), end = middle + band;
        size_t first = middle > band ? (size_t)(middle - band) : 0;
        size_t last = i == s->h || end > (int64_t)width ? width : (size_t)end;
        for (size_t j = 0; j < width; j++) {
            table->cost[i * width + j] = FAR;
            table->step[i * width + j] = NONE;
        }
        for (size_t j = first; j < last; j++)
            fill_cell(s, table, words, i, j);
    }
    return table->cost[s->h * width + s->r];
}

static void start_rows(const search *s)
{
    for (size_t j = 0; j <= s->r; j++) {
        s->edits->table.cost[j] = (int32_t)j;
        s->edits->table.step[j] = INSERT;
    }
}

/* Walks back along the edits: which words are wrong, and where each word of the reference falls in the hypothesis. */
static void trace(const search *s)
{
    thor_ter_edits *edits = s->edits;
    for (size_t i = s->h, j = s->r; i > 0 || j > 0;) {
        unsigned char step = edits->table.step[i * (s->r + 1) + j];
        if (step == KEEP || step == REPLACE) {
            edits->align[--j] = (int64_t)--i;
            edits->reference_wrong[j] = edits->hypothesis_wrong[i] = step == REPLACE;
        } else if (step == INSERT) {
            edits->align[--j] = (int64_t)i - 1;
            edits->reference_wrong[j] = 1;
        } else {
            edits->hypothesis_wrong[--i] = 1;
        }
    }
}

static bool any_wrong(const unsigned char *wrong, size_t from, size_t length)
{
    return memchr(wrong + from, 1, length) != NULL;
}

/* The hypothesis with a move, into edits->moved. A target inside the run moves the run up by what lies before it. */
static void apply(const search *s, const move *m)
{
    const uint32_t *words = s->edits->words;
    uint32_t *out = s->edits->moved;
    size_t end = m->from + m->length, size = sizeof *words;
    if (m->to < m->from) {
        memcpy(out, words, m->to * size);
        memcpy(out + m->to, words + m->from, m->length * size);
        memcpy(out + m->to + m->length, words + m->to, (m->from - m->to) * size);
        memcpy(out + end, words + end, (s->h - end) * size);
        return;
    }
    size_t until = m->to > end ? m->to : m->length + m->to;
    until = until < s->h ? until : s->h;
    memcpy(out, words, m->from * size);
    memcpy(out + m->from, words + end, (until - end) * size);
    memcpy(out + m->from + until - end, words + m->from, m->length * size);
    memcpy(out + until, words + until, (s->h - until) * size);
}

/* Of two moves the one that saves more, then the longer, the earlier, the one to an earlier place. */
static bool is_better(int64_t gain, const move *m, int64_t best_gain, const move *best)
{
    if (gain != best_gain)
        return gain > best_gain;
    if (m->length != best->length)
        return m->length > best->length;
    return m->from != best->from ? m->from < best->from : m->to < best->to;
}

/* Best move of one search. */
typedef struct choice {
    int64_t before, gain;       /* distance without a move; what the best one saves */
    bool found;
    move best;
} choice;

/* Rows before the first word that differs are those of the hypothesis; the last row, whose band is its own, is not. */
static void try_move(const search *s, const move *m, choice *c)
{
    const thor_ter_edits *edits = s->edits;
    size_t same = 0, width = s->r + 1;
    apply(s, m);
    while (same + 1 < s->h && edits->moved[same] == edits->words[same])
        same++;
    memcpy(edits->trial.cost + same * width, edits->table.cost + same * width, width * sizeof *edits->trial.cost);
    int64_t gain = c->before - distance(s, &edits->trial, edits->moved, same);
    if (c->found && !is_better(gain, m, c->gain, &c->best))
        return;
    c->found = true;
    c->gain = gain;
    c->best = *m;
    memcpy(s->edits->best, s->edits->moved, s->h * sizeof *s->edits->best);
}

/* All places for the run that equals the reference's words from `at` on; how many were tried. */
static int64_t try_places(const search *s, size_t from, size_t at, size_t length, choice *c)
{
    const int64_t *align = s->edits->align;
    int64_t before = -1, tried = 0;
    if (!any_wrong(s->edits->hypothesis_wrong, from, length) || !any_wrong(s->edits->reference_wrong, at, length) ||
        ((int64_t)from <= align[at] && align[at] < (int64_t)(from + length)))
        return 0;
    for (size_t offset = 0; offset <= length && at + offset <= s->r; offset++) {
        int64_t to = at + offset == 0 ? 0 : align[at + offset - 1] + 1;
        if (to == before)
            continue;
        before = to;
        try_move(s, &(move){ from, length, (size_t)to }, c);
        tried++;
    }
    return tried;
}

/* Tries the moves of all runs that both sides have, until *tried is too large. */
static void best_move(const search *s, int64_t *tried, choice *c)
{
    for (size_t from = 0; from < s->h; from++)
        for (size_t at = 0; at < s->r; at++) {
            if ((at > from ? at - from : from - at) > MAX_DISTANCE)
                continue;
            for (size_t n = 0; n < MAX_MOVED && from + n < s->h && at + n < s->r; n++) {
                if (s->edits->words[from + n] != s->reference[at + n])
                    break;
                *tried += try_places(s, from, at, n + 1, c);
                if (*tried >= MAX_TRIED)
                    return;
            }
        }
}

thor_status thor_ter_count(thor_ter_edits *edits, const uint32_t *hypothesis, size_t hypothesis_words,
                           const uint32_t *reference, size_t reference_words, int64_t *count, thor_error *error)
{
    search s = { .edits = edits, .h = hypothesis_words, .r = reference_words, .reference = reference };
    if (s.r == 0) {
        *count = (int64_t)s.h;
        return THOR_OK;
    }
    if (!make_room(edits, s.h, s.r))
        return thor_fail(error, THOR_E_MEMORY, "TER: no memory for a line of %zu and %zu words", s.h, s.r);
    if (s.h > 0)
        memcpy(edits->words, hypothesis, s.h * sizeof *hypothesis);
    int64_t moves = 0, tried = 0;
    start_rows(&s);
    for (;; moves++) {
        choice c = { .before = distance(&s, &edits->table, edits->words, 0) };
        *count = moves + c.before;
        trace(&s);
        best_move(&s, &tried, &c);
        if (tried >= MAX_TRIED || !c.found || c.gain <= 0)
            return THOR_OK;
        memcpy(edits->words, edits->best, s.h * sizeof *edits->words);
    }
}
