#include "learn/sample.h"

#include <stdlib.h>
#include <string.h>

#include "learn/word_split.h"
#include "text/lines.h"

enum { STATE = 624, SHIFT = 397 };

/* MT19937. */
typedef struct twister {
    uint32_t state[STATE];
    int at;
} twister;

static void start(twister *t, uint32_t seed)
{
    t->state[0] = seed;
    for (uint32_t i = 1; i < STATE; i++)
        t->state[i] = UINT32_C(1812433253) * (t->state[i - 1] ^ t->state[i - 1] >> 30) + i;
    t->at = STATE;
}

static uint32_t next(twister *t)
{
    if (t->at == STATE) {
        for (int i = 0; i < STATE; i++) {
            uint32_t y = (t->state[i] & 0x80000000u) | (t->state[(i + 1) % STATE] & 0x7FFFFFFFu);
            t->state[i] = t->state[(i + SHIFT) % STATE] ^ y >> 1 ^ (y & 1 ? 0x9908B0DFu : 0);
        }
        t->at = 0;
    }
    uint32_t y = t->state[t->at++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680u;
    y ^= y << 15 & 0xEFC60000u;
    return y ^ y >> 18;
}

/* Below n, n < 2^32, each as likely. */
static uint32_t below(twister *t, uint32_t n)
{
    uint64_t product = (uint64_t)next(t) * n;
    if ((uint32_t)product < n)
        for (uint32_t least = -n % n; (uint32_t)product < least;)
            product = (uint64_t)next(t) * n;
    return (uint32_t)(product >> 32);
}

/* A line that SentencePiece would load. */
static bool may_be_drawn(const thor_learn_options *options, const char *text, size_t count)
{
    return count > 0 && count <= (size_t)options->longest_line && !thor_line_has_rare(text, count);
}

typedef struct sampler {
    const thor_learn_options *options;
    thor_words *words;          /* NULL: counting */
    const uint8_t *chosen;      /* bit i: line i of those that may be drawn */
    int64_t lines, eligible, marks;     /* marks: bits of `chosen` */
} sampler;

static thor_status take_line(void *context, const thor_lines *lines, const char *text, size_t count,
                             thor_error *error)
{
    sampler *s = context;
    (void)lines;
    s->lines++;
    if (!may_be_drawn(s->options, text, count))
        return THOR_OK;
    int64_t number = s->eligible++;
    if (s->words && number < s->marks && (s->chosen[number / 8] >> (number % 8) & 1))
        return thor_words_add(s->words, text, count, error);
    return THOR_OK;
}

static thor_status read_file(sampler *s, const char *path, thor_error *error)
{
    THOR_TRY(thor_lines_each(path, take_line, s, error));
    return s->words ? thor_words_end_group(s->words, error) : THOR_OK;
}

static thor_status read_files(sampler *s, const char *const *paths, size_t count, thor_error *error)
{
    s->lines = s->eligible = 0;
    for (size_t i = 0; i < count; i++)
        THOR_TRY(read_file(s, paths[i], error));
    return THOR_OK;
}

static thor_status draw(const thor_learn_options *options, int64_t eligible, uint8_t *chosen, thor_error *error)
{
    int64_t most = options->sample < eligible ? options->sample : eligible;
    uint32_t *places = malloc((size_t)(most + 1) * sizeof *places);
    if (!places)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a sample of %lld lines", (long long)most);
    twister draws;
    start(&draws, options->seed);
    for (int64_t i = 0; i < most; i++)
        places[i] = (uint32_t)i;
    for (int64_t i = most; i < eligible && !options->sample_first; i++) {
        uint32_t place = below(&draws, (uint32_t)(i + 1));
        if (place < most)
            places[place] = (uint32_t)i;
    }
    for (int64_t i = 0; i < most; i++)
        chosen[places[i] / 8] |= (uint8_t)(1 << places[i] % 8);
    free(places);
    return THOR_OK;
}

thor_status thor_sample_files(const thor_learn_options *options, const char *const *paths, size_t count,
                              thor_words *words, int64_t *lines, thor_error *error)
{
    sampler s = { .options = options };
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], "-") == 0)
            return thor_fail(error, THOR_E_USAGE, "a sample is drawn from files, which are read twice; standard input "
                                                  "cannot be");
    THOR_TRY(read_files(&s, paths, count, error));
    if (s.eligible >= UINT32_MAX)
        return thor_fail(error, THOR_E_USAGE, "a sample of %lld lines; expected less than 2^32", (long long)s.eligible);
    uint8_t *chosen = calloc((size_t)s.eligible / 8 + 1, 1);
    if (!chosen)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a mark at each of %lld lines", (long long)s.eligible);
    int64_t eligible = s.eligible;
    thor_status status = draw(options, eligible, chosen, error);
    s.words = words;
    s.chosen = chosen;
    s.marks = eligible;
    if (status == THOR_OK)
        status = read_files(&s, paths, count, error);
    free(chosen);
    if (status == THOR_OK && s.eligible != eligible)
        return thor_fail(error, THOR_E_IO, "the files had %lld lines to draw from, then %lld; do not change them, and "
                         "name no pipes", (long long)eligible, (long long)s.eligible);
    *lines = s.lines;
    return status;
}
