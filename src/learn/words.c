#include "learn/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "base/par.h"
#include "learn/word_order.h"
#include "learn/word_shard.h"
#include "learn/word_split.h"
#include "text/lines.h"

/* Lines are collected up to so many bytes, then split by runs of lines and counted by shards. */
enum { BLOCK_BYTES = 8 << 20, RUNS = 64 };

struct thor_words {
    const thor_learn_options *options;
    thor_par par;
    thor_splitter splitter;
    thor_bytes block;
    size_t *ends;               /* [block_lines] in `block` */
    size_t block_lines, ends_room;
    thor_line_words runs[RUNS];
    thor_word_shard shards[THOR_WORD_SHARDS];
    int64_t *group_lines;       /* [groups] */
    size_t group_count, group_room;
    int64_t lines_in_group, lines, left_out;
    uint32_t *order;            /* [ordered]: sorted words with a weight */
    size_t ordered;
};

static size_t different_words(const thor_words *words)
{
    size_t count = 0;
    for (int i = 0; i < THOR_WORD_SHARDS; i++)
        count += words->shards[i].strings.count;
    return count;
}

static thor_status no_memory(const thor_words *words, thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "no memory for more than %zu different words; learn from a part of the text",
                     different_words(words));
}

thor_status thor_words_create(thor_words **words, const thor_learn_options *options, thor_error *error)
{
    *words = calloc(1, sizeof **words);
    if (!*words)
        return thor_fail(error, THOR_E_MEMORY, "no memory for counting words");
    (*words)->options = options;
    (*words)->par = thor_par_make(options->threads);
    thor_status status = thor_splitter_make(&(*words)->splitter, options, error);
    if (status != THOR_OK) {
        thor_words_free(*words);
        *words = NULL;
    }
    return status;
}

void thor_words_free(thor_words *words)
{
    if (!words)
        return;
    thor_splitter_free(&words->splitter);
    for (int i = 0; i < RUNS; i++)
        thor_line_words_free(&words->runs[i]);
    for (int i = 0; i < THOR_WORD_SHARDS; i++)
        thor_word_shard_free(&words->shards[i]);
    free(words->block.data);
    free(words->ends);
    free(words->group_lines);
    free(words->order);
    free(words);
}

static bool by_group(const thor_words *words)
{
    return words->options->temperature != 1;
}

static void split_run(void *context, int64_t begin, int64_t end, int thread)
{
    thor_words *words = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        thor_line_words *run = &words->runs[i];
        size_t first = words->block_lines * (size_t)i / RUNS, last = words->block_lines * ((size_t)i + 1) / RUNS;
        for (size_t line = first; line < last; line++) {
            size_t start = line > 0 ? words->ends[line - 1] : 0;
            thor_line_words_add(&words->splitter, words->block.data + start, words->ends[line] - start, run);
        }
    }
}

static void count_shard(void *context, int64_t begin, int64_t end, int thread)
{
    thor_words *words = context;
    (void)thread;
    for (int64_t shard = begin; shard < end; shard++)
        for (int run = 0; run < RUNS; run++)
            thor_word_shard_count(&words->shards[shard], (unsigned)shard, &words->runs[run], by_group(words));
}

/* Counts the lines that were collected. */
static thor_status count_block(thor_words *words, thor_error *error)
{
    bool failed = words->block.failed;
    thor_par_each(&words->par, RUNS, split_run, words);
    for (int i = 0; i < RUNS; i++)
        failed = failed || words->runs[i].failed;
    if (!failed)
        thor_par_each(&words->par, THOR_WORD_SHARDS, count_shard, words);
    for (int i = 0; i < RUNS; i++) {
        words->left_out += words->runs[i].left_out;
        words->runs[i].text.count = words->runs[i].count = 0;
        words->runs[i].left_out = 0;
    }
    for (int i = 0; i < THOR_WORD_SHARDS; i++)
        failed = failed || words->shards[i].failed;
    words->block.count = words->block_lines = 0;
    return failed ? no_memory(words, error) : THOR_OK;
}

thor_status thor_words_add(thor_words *words, const char *text, size_t count, thor_error *error)
{
    words->lines_in_group++;
    words->lines++;
    if (count == 0)
        return THOR_OK;
    thor_bytes_add(&words->block, text, count);
    if (words->block.failed || !thor_grow(&words->ends, &words->ends_room, words->block_lines, 1, sizeof *words->ends))
        return no_memory(words, error);
    words->ends[words->block_lines++] = words->block.count;
    return words->block.count >= BLOCK_BYTES ? count_block(words, error) : THOR_OK;
}

static void end_shard_group(void *context, int64_t begin, int64_t end, int thread)
{
    thor_words *words = context;
    (void)thread;
    for (int64_t shard = begin; shard < end; shard++)
        thor_word_shard_end_group(&words->shards[shard]);
}

thor_status thor_words_end_group(thor_words *words, thor_error *error)
{
    if (!by_group(words)) {
        words->lines_in_group = 0;
        return THOR_OK;
    }
    THOR_TRY(count_block(words, error));
    if (!thor_grow(&words->group_lines, &words->group_room, words->group_count, 1, sizeof *words->group_lines))
        return no_memory(words, error);
    thor_par_each(&words->par, THOR_WORD_SHARDS, end_shard_group, words);
    for (int i = 0; i < THOR_WORD_SHARDS; i++)
        if (words->shards[i].failed)
            return no_memory(words, error);
    words->group_lines[words->group_count++] = words->lines_in_group;
    words->lines_in_group = 0;
    return THOR_OK;
}

static thor_status add_line(void *words, const thor_lines *lines, const char *text, size_t count, thor_error *error)
{
    (void)lines;
    return thor_words_add(words, text, count, error);
}

thor_status thor_words_add_file(thor_words *words, const char *path, thor_error *error)
{
    THOR_TRY(thor_lines_each(path, add_line, words, error));
    return thor_words_end_group(words, error);
}

/* m_g of the header; fractions above 1 to a negative power of 1/T - 1 are (p_max / p_g)^(1 - 1/T). */
static int64_t multiplier(int64_t lines, int64_t most, double temperature)
{
    if (lines == 0)
        return 1;
    double factor = thor_pow((double)most / (double)lines, 1 - 1 / temperature);
    return (int64_t)floor(1024 * factor + 0.5);
}

static thor_status add_weights(thor_words *words, thor_error *error)
{
    int64_t most = 1;
    for (size_t i = 0; i < words->group_count; i++)
        most = words->group_lines[i] > most ? words->group_lines[i] : most;
    for (size_t i = 0; i < words->group_count; i++)
        words->group_lines[i] = multiplier(words->group_lines[i], most, words->options->temperature);
    for (int i = 0; i < THOR_WORD_SHARDS; i++)
        if (!thor_word_shard_weigh(&words->shards[i], words->group_lines))
            return thor_fail(error, THOR_E_NUMBER,
                             "a word's weight passes 2^53; learn from less text or with a smaller temperature");
    return THOR_OK;
}

/* Gives back what only counting needs. */
static void end_counting(thor_words *words)
{
    for (int i = 0; i < RUNS; i++)
        thor_line_words_free(&words->runs[i]);
    free(words->block.data);
    words->block = (thor_bytes){ .data = NULL };
    for (int i = 0; i < THOR_WORD_SHARDS; i++) {
        thor_word_shard *shard = &words->shards[i];
        thor_strings_seal(&shard->strings);
        free(shard->counts);
        free(shard->touched);
        shard->counts = shard->touched = NULL;
    }
}

thor_status thor_words_weigh(thor_words *words, thor_error *error)
{
    if (words->lines_in_group > 0)
        THOR_TRY(thor_words_end_group(words, error));
    THOR_TRY(count_block(words, error));
    end_counting(words);
    if (by_group(words))
        THOR_TRY(add_weights(words, error));
    if (!thor_word_order(words->shards, &words->par, &words->order, &words->ordered))
        return no_memory(words, error);
    return THOR_OK;
}

size_t thor_words_count(const thor_words *words)
{
    return words->ordered;
}

const char *thor_words_text(const thor_words *words, size_t index, size_t *count)
{
    uint32_t number = words->order[index];
    return thor_strings_text(&words->shards[number & (THOR_WORD_SHARDS - 1)].strings, number >> THOR_WORD_SHARD_BITS,
                             count);
}

int64_t thor_words_weight(const thor_words *words, size_t index)
{
    uint32_t number = words->order[index];
    return words->shards[number & (THOR_WORD_SHARDS - 1)].weights[number >> THOR_WORD_SHARD_BITS];
}

uint32_t thor_words_next(const thor_words *words, size_t index)
{
    uint32_t number = words->order[index];
    return words->shards[number & (THOR_WORD_SHARDS - 1)].next[number >> THOR_WORD_SHARD_BITS];
}

int64_t thor_words_lines(const thor_words *words)
{
    return words->lines;
}

int64_t thor_words_left_out(const thor_words *words)
{
    return words->left_out;
}

const void *thor_words_charsmap(const thor_words *words, size_t *count)
{
    *count = words->splitter.charsmap.count;
    return words->splitter.charsmap.data;
}
