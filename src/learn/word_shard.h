/* A part of the words of a corpus, those whose hashes have the same highest bits, so that threads can count different
 * parts. */
#ifndef THOR_LEARN_WORD_SHARD_H
#define THOR_LEARN_WORD_SHARD_H

#include "learn/word_split.h"
#include "text/hash_tables.h"

enum { THOR_WORD_SHARDS = 16, THOR_WORD_SHARD_BITS = 4 };

typedef struct thor_word_shard {
    thor_strings strings;
    int64_t *weights;           /* [strings] */
    uint32_t *next;             /* [strings]: THOR_NEXT_… */
    size_t weights_room, next_room;

    /* Only with a temperature: how often a word stands in the present group, and in those that are done. */
    uint32_t *counts;           /* [strings] */
    size_t counts_room;
    uint32_t *touched;
    size_t touched_count, touched_room;
    struct thor_tally {
        uint32_t word, count;
    } *tallies;
    size_t tally_count, tally_room;
    size_t *group_ends;         /* [groups] in `tallies` */
    size_t group_count, group_room;
    bool failed;                /* no memory, or more words than numbers */
} thor_word_shard;

void thor_word_shard_free(thor_word_shard *shard);

/* Counts those words of `lines` that belong to shard `number`. */
void thor_word_shard_count(thor_word_shard *shard, unsigned number, const thor_line_words *lines, bool by_group);
void thor_word_shard_end_group(thor_word_shard *shard);

/* Adds the weights of groups: an occurrence in group g counts factors[g] times. False when a sum passes 2^53. */
bool thor_word_shard_weigh(thor_word_shard *shard, const int64_t *factors);

#endif
