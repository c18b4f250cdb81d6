#include "data/encode_splits.h"

#include <stdlib.h>

#include "data/encode.h"
#include "data/split_writer.h"

/* A split on its way. Of three blocks that change places in a ring, `next` is read, `ready` encoded and `last` written,
 * all at the same time. */
typedef struct lane {
    const thor_split_place *place;  /* NULL: none */
    const thor_split_place *following;      /* takes its turn next; NULL: none */
    int32_t part;                   /* of the split's files: the one that is read */
    bool open;
    thor_side sides[2];
    int64_t returns[2], stray[2];
    thor_encode_block *last, *ready, *next;
    thor_split_writer writer;
    thor_status read_status, write_status;
    thor_error read_error, write_error;
} lane;

typedef struct lanes {
    thor_split_work *work;
    lane **items;                   /* [count] */
    thor_encoder *encoders;         /* [threads] */
    int64_t count;
} lanes;

enum { MOST_LANES = 32, READ = 0, WRITE = 1, CHUNKS = 2, LANE_ITEMS = CHUNKS + THOR_BLOCK_CHUNKS };

static const thor_bitext_split *split_at(const thor_split_work *work, const thor_split_place *place)
{
    return &work->corpus->pairs[place->pair].splits[place->split];
}

/* ---- one lane ---------------------------------------------------------------------------------------------------- */

static thor_status open_part(lane *l, const thor_bitext_part *part, thor_error *error)
{
    l->sides[0] = l->sides[1] = (thor_side){ .path = NULL };
    l->open = true;
    THOR_TRY(thor_side_open(&l->sides[0], part->path[0], error));
    return thor_side_open(&l->sides[1], part->path[1], error);
}

static void close_part(lane *l)
{
    for (int side = 0; side < 2 && l->open; side++) {
        l->returns[side] += l->sides[side].returns;
        l->stray[side] += l->sides[side].stray_returns;
        thor_side_close(&l->sides[side]);
    }
    l->open = false;
}

/* Takes the next block of the split, from its next file where one ends; no pairs at the end of the last. */
static thor_status read_block(lane *l, const thor_split_work *work, thor_encode_block *block, thor_error *error)
{
    const thor_bitext_split *split = split_at(work, l->place);
    for (block->pairs = 0; l->part < split->count; l->part++) {
        if (!l->open)
            THOR_TRY(open_part(l, &split->parts[l->part], error));
        THOR_TRY(thor_encode_block_read(block, &split->parts[l->part], l->sides, error));
        if (block->pairs > 0)
            return THOR_OK;
        close_part(l);
    }
    return THOR_OK;
}

static void start(lane *l, const thor_split_work *work)
{
    l->place = l->following;
    l->part = 0;
    l->returns[0] = l->returns[1] = l->stray[0] = l->stray[1] = 0;
    l->last->pairs = 0;
    l->write_status = thor_split_open(&l->writer, work->folder, l->place->pair, l->place->split,
                                      work->options->max_pieces, &l->write_error);
    l->read_status = read_block(l, work, l->ready, &l->read_error);
}

/* Gives the columns their names and leaves a record of them. */
static thor_status finish(lane *l, const thor_split_work *work, thor_error *error)
{
    thor_done *done = &work->done[l->place->pair][l->place->split];
    char key[65];
    for (int side = 0; side < 2; side++) {
        l->writer.done.counts.returns[side] = l->returns[side];
        l->writer.done.counts.stray[side] = l->stray[side];
    }
    THOR_TRY(thor_split_commit(&l->writer, error));
    *done = l->writer.done;
    thor_split_abandon(&l->writer);
    thor_journal_key(key, work->vocab, work->options->max_pieces, split_at(work, l->place)->checksum);
    return thor_journal_write(work->folder, l->place->pair, l->place->split, key, done, error);
}

static bool is_finished(const lane *l)
{
    return l->place && l->ready->pairs == 0 && l->last->pairs == 0;
}

static lane *make_lane(void)
{
    lane *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->last = thor_encode_block_make();
    l->ready = thor_encode_block_make();
    l->next = thor_encode_block_make();
    return l;
}

static void free_lane(lane *l)
{
    if (!l)
        return;
    close_part(l);
    thor_split_abandon(&l->writer);
    thor_encode_block_free(l->last);
    thor_encode_block_free(l->ready);
    thor_encode_block_free(l->next);
    free(l);
}

/* ---- all of them, turn by turn ----------------------------------------------------------------------------------- */

static void change_splits(void *context, int64_t begin, int64_t end, int thread)
{
    const lanes *all = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        lane *l = all->items[i];
        if (is_finished(l)) {
            l->write_status = finish(l, all->work, &l->write_error);
            if (l->write_status != THOR_OK)
                continue;
            l->place = NULL;
        }
        if (!l->place && l->following)
            start(l, all->work);
        l->following = NULL;
    }
}

static void take_turn(void *context, int64_t begin, int64_t end, int thread)
{
    const lanes *all = context;
    for (int64_t i = begin; i < end; i++) {
        lane *l = all->items[i / LANE_ITEMS];
        int64_t item = i % LANE_ITEMS;
        if (!l->place)
            continue;
        if (item == READ)
            l->read_status = read_block(l, all->work, l->next, &l->read_error);
        else if (item == WRITE)
            l->write_status = thor_split_add(&l->writer, l->last, &l->write_error);
        else
            thor_encode_block_chunk(l->ready, item - CHUNKS, all->work->vocab, &all->encoders[thread]);
    }
}

static thor_status lane_status(lane *l, thor_error *error)
{
    if (l->write_status != THOR_OK)
        return thor_fail(error, l->write_status, "%s", l->write_error.text);
    if (l->read_status != THOR_OK)
        return thor_fail(error, l->read_status, "%s", l->read_error.text);
    return THOR_OK;
}

/* The lane that failed and whose split comes first; NULL: none. */
static lane *failed_lane(const lanes *all)
{
    lane *first = NULL;
    for (int64_t i = 0; i < all->count; i++) {
        lane *l = all->items[i];
        if (l->place && lane_status(l, NULL) != THOR_OK && (!first || l->place < first->place))
            first = l;
    }
    return first;
}

/* After a turn: what is encoded waits to be written, what was read to be encoded. */
static thor_status turn_rings(lanes *all, thor_error *error)
{
    for (int64_t i = 0; i < all->count; i++) {
        lane *l = all->items[i];
        if (!l->place)
            continue;
        THOR_TRY(thor_encode_block_check(l->ready, all->work->vocab, error));
        thor_encode_block *free_block = l->last;
        all->work->lines_done += free_block->pairs;
        l->last = l->ready;
        l->ready = l->next;
        l->next = free_block;
    }
    if (all->work->options->progress)
        all->work->options->progress(all->work->options->context, all->work->lines_done, all->work->lines);
    return THOR_OK;
}

static thor_status run_lanes(lanes *all, thor_error *error)
{
    const thor_par *par = &all->work->options->par;
    for (int64_t given = 0;;) {
        bool busy = false;
        for (int64_t i = 0; i < all->count; i++) {
            lane *l = all->items[i];
            if ((!l->place || is_finished(l)) && given < all->work->count)
                l->following = &all->work->places[given++];
            busy = busy || l->place || l->following;
        }
        if (!busy)
            return THOR_OK;
        thor_par_each(par, all->count, change_splits, all);
        if (!failed_lane(all))
            thor_par_each(par, all->count * LANE_ITEMS, take_turn, all);
        lane *failed = failed_lane(all);
        if (failed)
            return lane_status(failed, error);
        THOR_TRY(turn_rings(all, error));
    }
}

static bool make_lanes(lanes *all, int threads)
{
    bool made = true;
    all->items = calloc((size_t)all->count + 1, sizeof(lane *));
    all->encoders = calloc((size_t)threads, sizeof *all->encoders);
    for (int64_t i = 0; i < all->count && all->items; i++) {
        lane *l = all->items[i] = make_lane();
        made = made && l && l->last && l->ready && l->next;
    }
    return made && all->items && all->encoders;
}

thor_status thor_encode_splits(thor_split_work *work, thor_error *error)
{
    int threads = work->options->par.threads;
    lanes all = { .work = work, .count = threads < MOST_LANES ? threads : MOST_LANES };
    if (all.count > work->count)
        all.count = work->count;
    thor_status status = make_lanes(&all, threads)
                             ? run_lanes(&all, error)
                             : thor_fail(error, THOR_E_MEMORY, "no memory to encode %lld splits at a time; try -j 1",
                                         (long long)all.count);
    for (int64_t i = 0; i < all.count && all.items; i++)
        free_lane(all.items[i]);
    for (int i = 0; i < threads && all.encoders; i++)
        thor_encoder_free(&all.encoders[i]);
    free(all.items);
    free(all.encoders);
    return status;
}
