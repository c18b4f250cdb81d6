#include "learn/learn.h"

#include <stdlib.h>
#include <string.h>

#include "learn/alphabet.h"
#include "learn/bpe_learn.h"
#include "learn/learn_write.h"
#include "learn/sample.h"
#include "learn/unigram_learn.h"
#include "text/utf8.h"

static thor_status add_characters(const thor_alphabet *alphabet, thor_strings *pieces, thor_error *error)
{
    for (size_t i = 0; i < alphabet->count; i++) {
        char text[4];
        size_t bytes = thor_utf8_put(alphabet->characters[i].code, text);
        if (thor_strings_add(pieces, text, bytes) == THOR_ABSENT)
            return thor_fail(error, THOR_E_MEMORY, "no memory for %zu characters", alphabet->count);
    }
    return THOR_OK;
}

/* Merges in the order in which they were learned, then characters by frequency; scores count down. */
static thor_status write_bpe(const thor_learn_options *options, const thor_words *words, const thor_strings *strings,
                             size_t characters, thor_bytes *model, thor_error *error)
{
    thor_learned_piece *pieces = malloc((strings->count + 1) * sizeof *pieces);
    if (!pieces)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu pieces", strings->count);
    size_t merges = strings->count - characters;
    for (size_t i = 0; i < strings->count; i++) {
        pieces[i].text = thor_strings_text(strings, i < merges ? characters + i : i - merges, &pieces[i].bytes);
        pieces[i].score = -(float)i;
    }
    thor_status status = thor_learn_write(options, words, pieces, strings->count, model, error);
    free(pieces);
    return status;
}

static thor_status learn_bpe(const thor_learn_options *options, const thor_words *words, const thor_alphabet *alphabet,
                             size_t most, thor_bytes *model, thor_learn_report *report, thor_error *error)
{
    thor_strings pieces = { .text = NULL };
    thor_status status = add_characters(alphabet, &pieces, error);
    if (status == THOR_OK)
        status = thor_bpe_learn(options, words, alphabet, most - alphabet->count, &pieces, &report->last_weight, error);
    if (status == THOR_OK)
        status = write_bpe(options, words, &pieces, alphabet->count, model, error);
    report->pieces = (int32_t)pieces.count;
    thor_strings_free(&pieces);
    return status;
}

static thor_status learn_unigram(const thor_learn_options *options, const thor_words *words,
                                 const thor_alphabet *alphabet, size_t most, thor_bytes *model,
                                 thor_learn_report *report, thor_error *error)
{
    thor_unigram_pieces found = { .score = NULL };
    thor_status status = thor_unigram_learn(options, words, alphabet, most, &found, error);
    thor_learned_piece *pieces = status == THOR_OK ? malloc((found.text.count + 1) * sizeof *pieces) : NULL;
    if (status == THOR_OK && !pieces)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %zu pieces", found.text.count);
    for (size_t i = 0; status == THOR_OK && i < found.text.count; i++) {
        pieces[i].text = thor_strings_text(&found.text, i, &pieces[i].bytes);
        pieces[i].score = found.score[i];
    }
    if (status == THOR_OK)
        status = thor_learn_write(options, words, pieces, found.text.count, model, error);
    report->pieces = (int32_t)found.text.count;
    free(pieces);
    thor_unigram_pieces_free(&found);
    return status;
}

/* Blanks alone teach nothing: is there no character but U+2581 and the tab? */
static bool is_blank(const thor_words *words)
{
    for (size_t i = 0; i < thor_words_count(words); i++) {
        size_t bytes, at = 0;
        const char *text = thor_words_text(words, i, &bytes);
        while (at < bytes && (text[at] == '\t' || (bytes - at >= 3 && memcmp(text + at, "\xe2\x96\x81", 3) == 0)))
            at += text[at] == '\t' ? 1 : 3;
        if (at < bytes)
            return false;
    }
    return true;
}

static thor_status learn(const thor_learn_options *options, const thor_words *words, const thor_alphabet *alphabet,
                         thor_bytes *model, thor_learn_report *report, thor_error *error)
{
    size_t meta = thor_learn_meta_counted(options), most = (size_t)options->pieces - meta;
    if (is_blank(words) || alphabet->count == 0)
        return thor_fail(error, THOR_E_FAILED, "no text to learn from: %lld lines, %lld of them blank and %lld longer "
                         "than --max-line-bytes (%d) or with U+2585", (long long)report->lines,
                         (long long)(report->lines - report->lines_left_out), (long long)report->lines_left_out,
                         (int)options->longest_line);
    if (alphabet->count > most)
        return thor_fail(error, THOR_E_USAGE,
                         "vocabulary size %d, but the text has %zu characters to cover%s; take a larger size or a "
                         "smaller character coverage",
                         (int)options->pieces, alphabet->count,
                         meta > 0 ? " beside the user-defined and byte pieces" : "");
    report->characters = (int32_t)alphabet->count;
    report->characters_unknown = (int32_t)alphabet->unknown;
    thor_status status = options->type == THOR_BPE
                             ? learn_bpe(options, words, alphabet, most, model, report, error)
                             : learn_unigram(options, words, alphabet, most, model, report, error);
    report->pieces += (int32_t)meta;
    return status;
}

thor_status thor_learn_words(const thor_learn_options *options, const thor_words *words, thor_bytes *model,
                             thor_learn_report *report, thor_error *error)
{
    thor_learn_report local;
    report = report ? report : &local;
    *report = (thor_learn_report){ .lines = thor_words_lines(words), .lines_left_out = thor_words_left_out(words),
                                   .lines_drawn = thor_words_lines(words), .words = (int64_t)thor_words_count(words) };
    THOR_TRY(thor_learn_check(options, error));
    thor_alphabet alphabet;
    thor_status status = thor_alphabet_make(&alphabet, words, options, error);
    if (status == THOR_OK)
        status = learn(options, words, &alphabet, model, report, error);
    thor_alphabet_free(&alphabet);
    return status;
}

thor_status thor_learn_files(const thor_learn_options *options, const char *const *paths, size_t count,
                             thor_bytes *model, thor_learn_report *report, thor_error *error)
{
    thor_words *words;
    int64_t lines = 0;
    THOR_TRY(thor_learn_check(options, error));
    THOR_TRY(thor_words_create(&words, options, error));
    thor_status status = THOR_OK;
    if (options->sample > 0)
        status = thor_sample_files(options, paths, count, words, &lines, error);
    for (size_t i = 0; i < count && status == THOR_OK && options->sample == 0; i++)
        status = thor_words_add_file(words, paths[i], error);
    if (status == THOR_OK)
        status = thor_words_weigh(words, error);
    if (status == THOR_OK)
        status = thor_learn_words(options, words, model, report, error);
    if (report && lines > 0)
        report->lines = lines;
    thor_words_free(words);
    return status;
}
