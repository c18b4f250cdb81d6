#include "text/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "text/lines.h"
#include "text/normalize.h"
#include "text/hash_tables.h"

/* How often a word stood in a group. */
typedef struct tally {
    uint32_t word, count;
} tally;

typedef struct group {
    int64_t lines;
    size_t first, end;          /* its entries of `tallies` */
} group;

struct thor_words {
    thor_strings strings;
    uint32_t *counts;           /* [strings]: in the present group */
    size_t counts_room;
    uint32_t *touched;          /* words with a count in the present group */
    size_t touched_count, touched_room;
    tally *tallies;
    size_t tally_count, tally_room;
    group *groups;
    size_t group_count, group_room;
    int64_t group_lines, lines, left_out;
    size_t longest_line;
    thor_bytes normal, marked;
    int64_t *weights;           /* [strings], by number of the string */
    uint32_t *order;            /* [ordered]: sorted words with a weight */
    size_t ordered;
};

static thor_status no_memory(const thor_words *words, thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "no memory for more than %zu different words; learn from a part of the text",
                     words->strings.count);
}

thor_status thor_words_create(thor_words **words, size_t longest_line, thor_error *error)
{
    *words = calloc(1, sizeof **words);
    if (!*words)
        return thor_fail(error, THOR_E_MEMORY, "no memory for counting words");
    (*words)->longest_line = longest_line;
    return THOR_OK;
}

void thor_words_free(thor_words *words)
{
    if (!words)
        return;
    thor_strings_free(&words->strings);
    free(words->counts);
    free(words->touched);
    free(words->tallies);
    free(words->groups);
    free(words->normal.data);
    free(words->marked.data);
    free(words->weights);
    free(words->order);
    free(words);
}

static bool count_word(thor_words *words, const char *text, size_t count)
{
    size_t known = words->strings.count;
    uint32_t word = thor_strings_add(&words->strings, text, count);
    if (word == THOR_ABSENT || !thor_grow(&words->counts, &words->counts_room, known, 1, sizeof *words->counts))
        return false;
    if (word == known)
        words->counts[word] = 0;
    if (words->counts[word] == UINT32_MAX)
        return true;
    if (words->counts[word]++ == 0) {
        if (!thor_grow(&words->touched, &words->touched_room, words->touched_count, 1, sizeof *words->touched))
            return false;
        words->touched[words->touched_count++] = word;
    }
    return true;
}

/* Replaces the spellings of special pieces by tabs, so that nothing is learned across them. */
static void mark_specials(thor_bytes *from, thor_bytes *to)
{
    static const char *const specials[] = { "</s>", "<s>", "<unk>" };
    to->count = 0;
    for (size_t at = 0; at < from->count;) {
        const char *text = from->data + at, *next = memchr(text, '<', from->count - at);
        size_t run = next ? (size_t)(next - text) : from->count - at, length = 0;
        thor_bytes_add(to, text, run);
        at += run;
        for (int i = 0; next && length == 0 && i < 3; i++)
            if (from->count - at >= strlen(specials[i]) && memcmp(next, specials[i], strlen(specials[i])) == 0)
                length = strlen(specials[i]);
        if (next)
            thor_bytes_add_byte(to, length > 0 ? '\t' : '<');
        at += length > 0 ? length : next ? 1 : 0;
    }
}

static size_t word_bytes(const char *text, size_t count)
{
    for (size_t at = 1; at + THOR_BLANK_BYTES <= count; at++) {
        const char *lead = memchr(text + at, THOR_BLANK[0], count - at);
        if (!lead || count - (size_t)(lead - text) < THOR_BLANK_BYTES)
            return count;
        if (memcmp(lead, THOR_BLANK, THOR_BLANK_BYTES) == 0)
            return (size_t)(lead - text);
        at = (size_t)(lead - text);
    }
    return count;
}

thor_status thor_words_add(thor_words *words, const char *text, size_t count, thor_error *error)
{
    static const thor_normal_rules rules = { .add_dummy_prefix = true,
                                             .remove_extra_blanks = true,
                                             .escape_blanks = true };
    words->group_lines++;
    words->lines++;
    if (count > words->longest_line) {
        words->left_out++;
        return THOR_OK;
    }
    thor_bytes *line = &words->normal;
    line->count = 0;
    thor_normalize(&rules, NULL, text, count, line);
    if (!line->failed && line->count > 0 && memchr(line->data, '<', line->count)) {
        mark_specials(line, &words->marked);
        line = &words->marked;
    }
    if (line->failed)
        return no_memory(words, error);
    for (size_t at = 0, bytes; at < line->count; at += bytes) {
        bytes = word_bytes(line->data + at, line->count - at);
        if (!count_word(words, line->data + at, bytes))
            return no_memory(words, error);
    }
    return THOR_OK;
}

thor_status thor_words_end_group(thor_words *words, thor_error *error)
{
    if (!thor_grow(&words->tallies, &words->tally_room, words->tally_count, words->touched_count,
                   sizeof *words->tallies) ||
        !thor_grow(&words->groups, &words->group_room, words->group_count, 1, sizeof *words->groups))
        return no_memory(words, error);
    size_t first = words->tally_count;
    for (size_t i = 0; i < words->touched_count; i++) {
        uint32_t word = words->touched[i];
        words->tallies[words->tally_count++] = (tally){ .word = word, .count = words->counts[word] };
        words->counts[word] = 0;
    }
    words->groups[words->group_count++] =
        (group){ .lines = words->group_lines, .first = first, .end = words->tally_count };
    words->touched_count = 0;
    words->group_lines = 0;
    return THOR_OK;
}

static thor_status add_lines(thor_words *words, thor_lines *lines, thor_error *error)
{
    for (;;) {
        const char *text;
        size_t count;
        bool more;
        THOR_TRY(thor_lines_next(lines, &text, &count, &more, error));
        if (!more)
            return THOR_OK;
        THOR_TRY(thor_words_add(words, text, count, error));
    }
}

thor_status thor_words_add_file(thor_words *words, const char *path, thor_error *error)
{
    thor_lines lines;
    THOR_TRY(thor_lines_open(&lines, path, error));
    thor_status status = add_lines(words, &lines, error);
    thor_lines_close(&lines);
    return status == THOR_OK ? thor_words_end_group(words, error) : status;
}

/* m_g of the header; fractions above 1 to a negative power of 1/T - 1 are (p_max / p_g)^(1 - 1/T). */
static int64_t multiplier(int64_t lines, int64_t most, double temperature)
{
    if (temperature == 1.0 || lines == 0)
        return 1;
    double factor = thor_pow((double)most / (double)lines, 1 - 1 / temperature);
    return (int64_t)floor(1024 * factor + 0.5);
}

static thor_status add_weights(thor_words *words, double temperature, thor_error *error)
{
    int64_t most = 1;
    for (size_t i = 0; i < words->group_count; i++)
        most = words->groups[i].lines > most ? words->groups[i].lines : most;
    for (size_t i = 0; i < words->group_count; i++) {
        int64_t factor = multiplier(words->groups[i].lines, most, temperature);
        for (size_t j = words->groups[i].first; j < words->groups[i].end; j++) {
            int64_t *weight = &words->weights[words->tallies[j].word], count = words->tallies[j].count;
            if (count > (INT64_MAX / 1024 - *weight) / factor)
                return thor_fail(error, THOR_E_NUMBER,
                                 "a word's weight passes 2^53; learn from less text or with a smaller "
                                 "temperature");
            *weight += count * factor;
        }
    }
    return THOR_OK;
}

typedef struct sorted_word {
    int64_t weight;
    const char *text;
    size_t count;
    uint32_t word;
} sorted_word;

static int by_weight(const void *a, const void *b)
{
    const sorted_word *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    int order = memcmp(x->text, y->text, x->count < y->count ? x->count : y->count);
    return order != 0 ? order : x->count < y->count ? -1 : x->count > y->count;
}

static thor_status sort_words(thor_words *words, thor_error *error)
{
    size_t count = words->strings.count;
    sorted_word *sorted = malloc((count + 1) * sizeof *sorted);
    words->order = malloc((count + 1) * sizeof *words->order);
    if (!sorted || !words->order) {
        free(sorted);
        return no_memory(words, error);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (sorted_word){ .weight = words->weights[i], .word = (uint32_t)i };
        sorted[i].text = thor_strings_text(&words->strings, i, &sorted[i].count);
    }
    qsort(sorted, count, sizeof *sorted, by_weight);
    for (size_t i = 0; i < count; i++)
        if (sorted[i].weight > 0)
            words->order[words->ordered++] = sorted[i].word;
    free(sorted);
    return THOR_OK;
}

thor_status thor_words_weigh(thor_words *words, double temperature, thor_error *error)
{
    if (!(temperature >= 1))
        return thor_fail(error, THOR_E_USAGE, "temperature %g; expected 1 or more", temperature);
    if (words->group_lines > 0)
        THOR_TRY(thor_words_end_group(words, error));
    words->weights = calloc(words->strings.count + 1, sizeof *words->weights);
    if (!words->weights)
        return no_memory(words, error);
    THOR_TRY(add_weights(words, temperature, error));
    free(words->tallies);
    words->tallies = NULL;
    words->tally_count = words->tally_room = 0;
    return sort_words(words, error);
}

size_t thor_words_count(const thor_words *words)
{
    return words->ordered;
}

const char *thor_words_text(const thor_words *words, size_t index, size_t *count)
{
    return thor_strings_text(&words->strings, words->order[index], count);
}

int64_t thor_words_weight(const thor_words *words, size_t index)
{
    return words->weights[words->order[index]];
}

int64_t thor_words_lines(const thor_words *words)
{
    return words->lines;
}

int64_t thor_words_left_out(const thor_words *words)
{
    return words->left_out;
}
