/* A corpus of OPUS-100's size and layout for the 15 pairs of OPUS-16, made from a smaller one of the same layout:
 *
 *   synthetic_opus FROM TO [PER-MILLE]
 *
 * FROM and TO are folders with PAIR/opus.PAIR-{train,dev,test}.LANGUAGE. Every pair gets the number of sentences that
 * OPUS-100 has (8,861,988 in all), or PER-MILLE thousandths of it. The first round through the real lines takes them as
 * they are; later rounds change them: a word gives way to one from another line of the file (for the first language
 * and for the second), every eighth side gets a new word (two neighbouring letters change places), numbers change. One
 * pair in 1000 has an empty side and eight in 1000 are strung together from many lines, so that the filters have work;
 * dev and test are real lines, 2000 of each. The same folders give the same bytes everywhere. For measurements of
 * memory and time only: it is no text to learn translation from. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "base/rng.h"

enum { PAIRS = 15, HELD_OUT = 2000, MOST_BYTES = 1 << 30, LONG_LINES = 24 };

static const struct { const char *first, *second; int64_t sentences; } pairs[PAIRS] = {
    { "as", "en", 138479 },  { "bg", "en", 1000000 }, { "de", "en", 1000000 }, { "en", "eu", 1000000 },
    { "en", "fy", 54342 },   { "en", "ga", 289524 },  { "en", "hr", 1000000 }, { "en", "mr", 27007 },
    { "en", "nb", 142906 },  { "en", "pt", 1000000 }, { "en", "rw", 173823 },  { "en", "se", 35907 },
    { "en", "sk", 1000000 }, { "en", "sl", 1000000 }, { "en", "zh", 1000000 },
};

/* One side of a split in memory. */
typedef struct lines {
    char *bytes;
    const char **start;         /* [count + 1]; a line is start[i] … start[i + 1] - 2 */
    int64_t count;
} lines;

static thor_status split_lines(lines *text, size_t bytes, const char *path, thor_error *error)
{
    int64_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += text->bytes[i] == '\n';
    text->start = malloc(((size_t)count + 1) * sizeof *text->start);
    if (!text->start || count == 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: has no lines, or too many for the memory", path);
    text->start[0] = text->bytes;
    for (size_t i = 0; i < bytes; i++)
        if (text->bytes[i] == '\n')
            text->start[++text->count] = text->bytes + i + 1;
    return THOR_OK;
}

static void forget(lines *text)
{
    free(text->bytes);
    free(text->start);
    *text = (lines){ .bytes = NULL };
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

/* The random numbers of one side of one sentence: draw k is element 16 * sentence + k. */
typedef struct draws {
    const thor_rng *rng;
    uint64_t at;
} draws;

static int64_t below(draws *draw, int64_t n)
{
    return n > 0 ? (int64_t)thor_rng_below(draw->rng, draw->at++, (uint64_t)n) : 0;
}

/* A word of a line at random: from a byte in the middle to the blanks around it. */
static void pick_word(draws *draw, const char *line, int64_t count, int64_t *begin, int64_t *end)
{
    int64_t at = below(draw, count);
    *begin = *end = at;
    while (*begin > 0 && line[*begin - 1] != ' ')
        --*begin;
    while (*end < count && line[*end] != ' ')
        ++*end;
}

/* Two neighbouring characters of one byte that are letters change places: a word that was not there before. */
static void swap_letters(draws *draw, char *text, int64_t count)
{
    int64_t first = below(draw, count);
    for (int64_t i = 0; i + 1 < count; i++) {
        char *at = text + (first + i) % (count - 1);
        bool letters = (at[0] | 32) >= 'a' && (at[0] | 32) <= 'z' && (at[1] | 32) >= 'a' && (at[1] | 32) <= 'z';
        if (letters && at[0] != at[1]) {
            char letter = at[0];
            at[0] = at[1];
            at[1] = letter;
            return;
        }
    }
}

/* Two neighbouring characters of three bytes (Chinese, Devanagari …) change places. */
static void swap_wide(draws *draw, char *text, int64_t count)
{
    int64_t first = below(draw, count);
    for (int64_t i = 0; i < count; i++) {
        int64_t at = (first + i) % count;
        if (at + 6 <= count && ((unsigned char)text[at] & 0xF0) == 0xE0 &&
            ((unsigned char)text[at + 3] & 0xF0) == 0xE0) {
            char wide[3];
            memcpy(wide, text + at, 3);
            memmove(text + at, text + at + 3, 3);
            memcpy(text + at + 3, wide, 3);
            return;
        }
    }
}

static void change_digits(draws *draw, char *text, int64_t count)
{
    int64_t by = 1 + below(draw, 9);
    for (int64_t i = 0; i < count; i++)
        if (text[i] >= '0' && text[i] <= '9')
            text[i] = (char)('0' + (text[i] - '0' + by) % 10);
}

/* The changed line in `out`, which is long enough for two lines. */
static int64_t change(draws *draw, const lines *text, int64_t line, char *out)
{
    const char *from = text->start[line];
    int64_t count = text->start[line + 1] - 1 - from, begin, end, other_begin, other_end;
    int64_t other = below(draw, text->count);
    const char *donor = text->start[other];
    pick_word(draw, from, count, &begin, &end);
    pick_word(draw, donor, text->start[other + 1] - 1 - donor, &other_begin, &other_end);
    memcpy(out, from, (size_t)begin);
    memcpy(out + begin, donor + other_begin, (size_t)(other_end - other_begin));
    memcpy(out + begin + other_end - other_begin, from + end, (size_t)(count - end));
    count += (other_end - other_begin) - (end - begin);
    change_digits(draw, out, count);
    if (below(draw, 8) == 0 && count > 1)
        swap_letters(draw, out, count);
    else if (below(draw, 8) == 0)
        swap_wide(draw, out, count);
    return count;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

typedef enum kind { REAL, CHANGED, EMPTY, LONG } kind;

/* What sentence i is, the same for both sides. */
static kind kind_of(const thor_rng *rng, int64_t i, int64_t real)
{
    int64_t drawn = (int64_t)thor_rng_below(rng, (uint64_t)i, 1000);
    return drawn == 0 ? EMPTY : drawn <= 8 ? LONG : i < real ? REAL : CHANGED;
}

static void write_side(FILE *stream, const lines *text, int64_t wanted, uint32_t pair, uint32_t side, bool pure,
                       char *room)
{
    thor_rng kinds = thor_rng_make(1, THOR_SITE_TEST, pair, 2), own = thor_rng_make(1, THOR_SITE_TEST, pair, side);
    for (int64_t i = 0; i < wanted; i++) {
        int64_t line = i % text->count;
        kind what = pure ? REAL : kind_of(&kinds, i, text->count);
        draws draw = { .rng = &own, .at = 16 * (uint64_t)i };
        if (what == REAL)
            fwrite(text->start[line], 1, (size_t)(text->start[line + 1] - 1 - text->start[line]), stream);
        else if (what == CHANGED)
            fwrite(room, 1, (size_t)change(&draw, text, line, room), stream);
        else if (what == LONG)
            for (int64_t k = 0; k < LONG_LINES; k++) {
                int64_t next = (line + k) % text->count;
                fwrite(text->start[next], 1, (size_t)(text->start[next + 1] - 1 - text->start[next]), stream);
                fputc(' ', stream);
            }
        else if (side == (uint32_t)(i & 1))
            fputs("what the other side lacks", stream);
        fputc('\n', stream);
    }
}

static thor_status make_side(const char *from, const char *to, uint32_t pair, uint32_t side, const char *split,
                             int64_t wanted, thor_error *error)
{
    char name[128], *source, *target;
    snprintf(name, sizeof name, "%s-%s/opus.%s-%s-%s.%s", pairs[pair].first, pairs[pair].second, pairs[pair].first,
             pairs[pair].second, split, side ? pairs[pair].second : pairs[pair].first);
    source = thor_path(from, name);
    target = thor_path(to, name);
    lines text = { .bytes = NULL };
    size_t bytes;
    thor_output output = { .stream = NULL };
    thor_status status = thor_read_file(source, MOST_BYTES, &text.bytes, &bytes, error);
    if (status == THOR_OK)
        status = split_lines(&text, bytes, source, error);
    char *room = status == THOR_OK ? malloc(2 * bytes + 2) : NULL;
    if (status == THOR_OK)
        status = room ? thor_output_open(&output, target, error) : thor_fail(error, THOR_E_MEMORY, "no memory");
    if (status == THOR_OK) {
        write_side(output.stream, &text, wanted, pair, side, strcmp(split, "train") != 0, room);
        status = thor_output_commit(&output, error);
    }
    thor_output_abandon(&output);
    free(room);
    forget(&text);
    free(source);
    free(target);
    return status;
}

static thor_status make_pair(const char *from, const char *to, uint32_t pair, int64_t share, thor_error *error)
{
    char name[64];
    snprintf(name, sizeof name, "%s-%s", pairs[pair].first, pairs[pair].second);
    char *folder = thor_path(to, name);
    thor_status status = thor_make_folder(folder, error);
    free(folder);
    THOR_TRY(status);
    int64_t train = (pairs[pair].sentences * share + 999) / 1000, rest = (HELD_OUT * share + 999) / 1000;
    for (uint32_t side = 0; side < 2; side++) {
        THOR_TRY(make_side(from, to, pair, side, "train", train, error));
        THOR_TRY(make_side(from, to, pair, side, "dev", rest, error));
        THOR_TRY(make_side(from, to, pair, side, "test", rest, error));
    }
    fprintf(stderr, "%s: %lld sentence pairs to train on\n", name, (long long)train);
    return THOR_OK;
}

int main(int argc, char **argv)
{
    int64_t share = argc == 4 ? strtoll(argv[3], NULL, 10) : 1000;
    if (argc < 3 || argc > 4 || share < 1 || share > 1000) {
        fprintf(stderr, "usage: %s FROM TO [PER-MILLE from 1 to 1000]\n", argv[0]);
        return 2;
    }
    thor_error error;
    for (uint32_t pair = 0; pair < PAIRS; pair++)
        if (make_pair(argv[1], argv[2], pair, share, &error) != THOR_OK) {
            fprintf(stderr, "%s: %s\n", argv[0], error.text);
            return 1;
        }
    return 0;
}
