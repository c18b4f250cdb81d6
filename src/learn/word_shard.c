#include "learn/word_shard.h"

#include <stdlib.h>

void thor_word_shard_free(thor_word_shard *shard)
{
    thor_strings_free(&shard->strings);
    free(shard->weights);
    free(shard->next);
    free(shard->counts);
    free(shard->touched);
    free(shard->tallies);
    free(shard->group_ends);
}

/* The word's number, with room for it in all tables; THOR_ABSENT: failed. */
static uint32_t word_number(thor_word_shard *shard, const thor_line_words *lines, const thor_line_word *word,
                            bool by_group)
{
    size_t known = shard->strings.count;
    uint32_t number = thor_strings_add_hashed(&shard->strings, lines->text.data + word->at, word->bytes, word->hash);
    if (number < known)
        return number;
    if (number >= UINT32_MAX >> THOR_WORD_SHARD_BITS ||
        !thor_grow(&shard->weights, &shard->weights_room, known, 1, sizeof *shard->weights) ||
        !thor_grow(&shard->next, &shard->next_room, known, 1, sizeof *shard->next) ||
        (by_group && !thor_grow(&shard->counts, &shard->counts_room, known, 1, sizeof *shard->counts))) {
        shard->failed = true;
        return THOR_ABSENT;
    }
    shard->weights[number] = 0;
    shard->next[number] = THOR_NEXT_NONE;
    if (by_group)
        shard->counts[number] = 0;
    return number;
}

static void touch(thor_word_shard *shard, uint32_t number)
{
    if (!thor_grow(&shard->touched, &shard->touched_room, shard->touched_count, 1, sizeof *shard->touched))
        shard->failed = true;
    else
        shard->touched[shard->touched_count++] = number;
}

void thor_word_shard_count(thor_word_shard *shard, unsigned number, const thor_line_words *lines, bool by_group)
{
    for (size_t i = 0; i < lines->count && !shard->failed; i++) {
        const thor_line_word *word = &lines->words[i];
        if (word->hash >> (32 - THOR_WORD_SHARD_BITS) != number)
            continue;
        uint32_t index = word_number(shard, lines, word, by_group);
        if (index == THOR_ABSENT)
            return;
        if (!by_group)
            shard->weights[index]++;
        else if (shard->counts[index]++ == 0)
            touch(shard, index);
        uint32_t *next = &shard->next[index];
        if (*next != word->next)
            *next = *next == THOR_NEXT_NONE ? word->next : THOR_NEXT_SEVERAL;
    }
}

void thor_word_shard_end_group(thor_word_shard *shard)
{
    if (!thor_grow(&shard->tallies, &shard->tally_room, shard->tally_count, shard->touched_count,
                   sizeof *shard->tallies) ||
        !thor_grow(&shard->group_ends, &shard->group_room, shard->group_count, 1, sizeof *shard->group_ends)) {
        shard->failed = true;
        return;
    }
    for (size_t i = 0; i < shard->touched_count; i++) {
        uint32_t word = shard->touched[i];
        shard->tallies[shard->tally_count++] = (struct thor_tally){ .word = word, .count = shard->counts[word] };
        shard->counts[word] = 0;
    }
    shard->group_ends[shard->group_count++] = shard->tally_count;
    shard->touched_count = 0;
}

bool thor_word_shard_weigh(thor_word_shard *shard, const int64_t *factors)
{
    size_t at = 0;
    for (size_t group = 0; group < shard->group_count; group++)
        for (; at < shard->group_ends[group]; at++) {
            int64_t *weight = &shard->weights[shard->tallies[at].word], count = shard->tallies[at].count;
            if (count > (INT64_MAX / 1024 - *weight) / factors[group])
                return false;
            *weight += count * factors[group];
        }
    free(shard->tallies);
    shard->tallies = NULL;
    shard->tally_count = shard->tally_room = 0;
    return true;
}
