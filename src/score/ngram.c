#include "score/ngram.h"

#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

#define EMPTY UINT64_MAX

void thor_ngrams_free(thor_ngrams *ngrams)
{
    free(ngrams->start);
    free(ngrams->units);
    free(ngrams->grams);
    free(ngrams->words);
    thor_bytes_free(&ngrams->text);
    free(ngrams->keys);
    free(ngrams->numbers);
    for (int i = 0; i < 3; i++)
        free(ngrams->counts[i]);
    *ngrams = (thor_ngrams){ .start = NULL };
}

void thor_ngrams_start(thor_ngrams *ngrams, bool of_words)
{
    ngrams->sequences = ngrams->unit_count = ngrams->text.count = 0;
    ngrams->order = 0;
    ngrams->of_words = of_words;
    ngrams->failed = false;
}

static bool grow32(uint32_t **array, size_t *room, size_t count)
{
    return thor_grow(array, room, 0, count, sizeof **array);
}

/* Ends the sequence that was being added. */
static void end_sequence(thor_ngrams *ngrams)
{
    if (thor_grow(&ngrams->start, &ngrams->start_room, 0, ngrams->sequences + 2, sizeof *ngrams->start)) {
        ngrams->start[0] = 0;
        ngrams->start[++ngrams->sequences] = ngrams->unit_count;
    } else {
        ngrams->failed = true;
    }
}

static void add_word(thor_ngrams *ngrams, size_t at, size_t length)
{
    if (!thor_grow(&ngrams->words, &ngrams->word_room, ngrams->unit_count, 1, sizeof *ngrams->words)) {
        ngrams->failed = true;
        return;
    }
    ngrams->words[ngrams->unit_count++] = (thor_ngram_word){ at, length };
}

void thor_ngrams_add_words(thor_ngrams *ngrams, const char *bytes, size_t count)
{
    size_t base = ngrams->text.count;
    thor_bytes_add(&ngrams->text, bytes, count);
    size_t start = 0;
    for (size_t at = 0; at < count;) {
        int32_t code = 0;
        size_t length = thor_unicode_get(bytes + at, count - at, &code);
        if (length == 0)
            break;
        if (thor_unicode_is_space(code)) {
            if (at > start)
                add_word(ngrams, base + start, at - start);
            start = at + length;
        }
        at += length;
    }
    if (count > start)
        add_word(ngrams, base + start, count - start);
    end_sequence(ngrams);
}

void thor_ngrams_add_characters(thor_ngrams *ngrams, const char *bytes, size_t count, bool spaces)
{
    if (!grow32(&ngrams->units, &ngrams->unit_room, ngrams->unit_count + count)) {
        ngrams->failed = true;
        return;
    }
    for (size_t at = 0; at < count;) {
        int32_t code = 0;
        size_t length = thor_unicode_get(bytes + at, count - at, &code);
        if (length == 0)
            break;
        if (spaces || !thor_unicode_is_space(code))
            ngrams->units[ngrams->unit_count++] = (uint32_t)code;
        at += length;
    }
    end_sequence(ngrams);
}

/* An empty table of at least twice as many slots as there are units. */
static bool clear_table(thor_ngrams *ngrams)
{
    size_t slots = 16;
    while (slots < ngrams->unit_count * 2)
        slots *= 2;
    if (!thor_grow(&ngrams->keys, &ngrams->key_room, 0, slots, sizeof *ngrams->keys) ||
        !grow32(&ngrams->numbers, &ngrams->number_room, slots))
        return false;
    memset(ngrams->keys, 0xFF, slots * sizeof *ngrams->keys);
    ngrams->slots = slots;
    ngrams->distinct = 0;
    return true;
}

/* Spreads a key over 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood 2014). */
static uint64_t spread(uint64_t key)
{
    key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9u;
    key = (key ^ (key >> 27)) * 0x94D049BB133111EBu;
    return key ^ (key >> 31);
}

static uint32_t number_of_pair(thor_ngrams *ngrams, uint64_t key)
{
    size_t slot = (size_t)spread(key) & (ngrams->slots - 1);
    while (ngrams->keys[slot] != key) {
        if (ngrams->keys[slot] == EMPTY) {
            ngrams->keys[slot] = key;
            ngrams->numbers[slot] = ngrams->distinct++;
            break;
        }
        slot = (slot + 1) & (ngrams->slots - 1);
    }
    return ngrams->numbers[slot];
}

/* FNV-1a, 64 bits; never EMPTY. */
static uint64_t hash_word(const char *bytes, size_t length)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    return hash == EMPTY ? 0 : hash;
}

/* Numbers the word of unit `unit`. numbers[slot] holds the first unit with that word, whose own number is in grams. */
static uint32_t number_of_word(thor_ngrams *ngrams, size_t unit)
{
    thor_ngram_word word = ngrams->words[unit];
    const char *bytes = ngrams->text.data + word.at;
    uint64_t key = hash_word(bytes, word.length);
    for (size_t slot = (size_t)spread(key) & (ngrams->slots - 1);; slot = (slot + 1) & (ngrams->slots - 1)) {
        if (ngrams->keys[slot] == EMPTY) {
            ngrams->keys[slot] = key;
            ngrams->numbers[slot] = (uint32_t)unit;
            return ngrams->distinct++;
        }
        uint32_t other = ngrams->numbers[slot];
        if (ngrams->keys[slot] == key && ngrams->words[other].length == word.length &&
            memcmp(ngrams->text.data + ngrams->words[other].at, bytes, word.length) == 0)
            return ngrams->grams[other];
    }
}

static bool make_room(thor_ngrams *ngrams)
{
    if (ngrams->failed || ngrams->text.failed || ngrams->unit_count >= UINT32_MAX / 4)
        return false;
    if (ngrams->order > 0)
        return true;
    size_t count = ngrams->unit_count + 1;
    bool grown = grow32(&ngrams->grams, &ngrams->gram_room, count) && grow32(&ngrams->units, &ngrams->unit_room, count);
    for (int i = 0; i < 3; i++)
        grown = grown && grow32(&ngrams->counts[i], &ngrams->count_room[i], count);
    return grown;
}

static void number_units(thor_ngrams *ngrams)
{
    for (size_t i = 0; i < ngrams->unit_count; i++)
        ngrams->grams[i] = ngrams->of_words ? number_of_word(ngrams, i) : number_of_pair(ngrams, ngrams->units[i]);
    if (ngrams->of_words && ngrams->unit_count > 0)
        memcpy(ngrams->units, ngrams->grams, ngrams->unit_count * sizeof *ngrams->units);
}

thor_status thor_ngrams_next_order(thor_ngrams *ngrams, thor_error *error)
{
    if (!make_room(ngrams) || !clear_table(ngrams))
        return thor_fail(error, THOR_E_MEMORY, "score: no memory for the n-grams of a line of %zu words or characters",
                         ngrams->unit_count);
    ngrams->order++;
    if (ngrams->order == 1) {
        number_units(ngrams);
        return THOR_OK;
    }
    size_t behind = (size_t)ngrams->order - 1;
    for (size_t s = 0; s < ngrams->sequences; s++)
        for (size_t i = ngrams->start[s]; i + behind < ngrams->start[s + 1]; i++)
            ngrams->grams[i] = number_of_pair(ngrams, (uint64_t)ngrams->grams[i] << 32 | ngrams->units[i + behind]);
    return THOR_OK;
}

size_t thor_ngrams_length(const thor_ngrams *ngrams, size_t sequence)
{
    return ngrams->start[sequence + 1] - ngrams->start[sequence];
}

size_t thor_ngrams_total(const thor_ngrams *ngrams, size_t sequence)
{
    size_t length = thor_ngrams_length(ngrams, sequence);
    size_t order = (size_t)ngrams->order;
    return length < order ? 0 : length - order + 1;
}

void thor_ngrams_tally(thor_ngrams *ngrams, size_t sequence, int which)
{
    uint32_t *counts = ngrams->counts[which];
    if (ngrams->distinct > 0)
        memset(counts, 0, ngrams->distinct * sizeof *counts);
    const uint32_t *grams = ngrams->grams + ngrams->start[sequence];
    size_t total = thor_ngrams_total(ngrams, sequence);
    for (size_t i = 0; i < total; i++)
        counts[grams[i]]++;
}

int64_t thor_ngrams_common(const thor_ngrams *ngrams, int a, int b)
{
    int64_t common = 0;
    for (uint32_t i = 0; i < ngrams->distinct; i++) {
        uint32_t first = ngrams->counts[a][i], second = ngrams->counts[b][i];
        common += first < second ? first : second;
    }
    return common;
}

void thor_ngrams_unite(thor_ngrams *ngrams, int into, int from)
{
    for (uint32_t i = 0; i < ngrams->distinct; i++)
        if (ngrams->counts[into][i] < ngrams->counts[from][i])
            ngrams->counts[into][i] = ngrams->counts[from][i];
}
