#include "text/learn.h"

#include "text/alphabet.h"
#include "text/bpe_learn.h"
#include "text/utf8.h"

thor_learn_options thor_learn_defaults(void)
{
    return (thor_learn_options){ .type = THOR_BPE,
                                 .pieces = 8000,
                                 .character_coverage = 1,
                                 .temperature = 1,
                                 .longest_piece = 16,
                                 .longest_line = 4192,
                                 .split_by_script = true,
                                 .split_by_number = true };
}

static thor_status check_options(const thor_learn_options *options, thor_error *error)
{
    if (options->type != THOR_BPE)
        return thor_fail(error, THOR_E_USAGE, "vocabulary type %d; this version learns bpe", (int)options->type);
    if (options->pieces < 1 || options->pieces > 10000000)
        return thor_fail(error, THOR_E_USAGE, "vocabulary size %d; expected 1 to 10000000", (int)options->pieces);
    if (!(options->character_coverage > 0 && options->character_coverage <= 1))
        return thor_fail(error, THOR_E_USAGE, "character coverage %g; expected more than 0 and at most 1",
                         options->character_coverage);
    if (!(options->temperature >= 1))
        return thor_fail(error, THOR_E_USAGE, "temperature %g; expected 1 or more", options->temperature);
    if (options->longest_piece < 1 || options->longest_piece > 64)
        return thor_fail(error, THOR_E_USAGE, "pieces of at most %d characters; expected 1 to 64",
                         (int)options->longest_piece);
    if (options->longest_line < 1)
        return thor_fail(error, THOR_E_USAGE, "lines of at most %d bytes; expected 1 or more",
                         (int)options->longest_line);
    return THOR_OK;
}

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

/* The special pieces, then merges in the order in which they were learned, then characters by frequency; scores
 * count down. */
static thor_status write_bpe(const thor_learn_options *options, const thor_strings *pieces, size_t characters,
                             thor_bytes *model, thor_error *error)
{
    thor_spm_put_piece(model, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_spm_put_piece(model, "<s>", 3, 0, THOR_PIECE_CONTROL);
    thor_spm_put_piece(model, "</s>", 4, 0, THOR_PIECE_CONTROL);
    for (size_t i = 0; i < pieces->count; i++) {
        size_t bytes, merges = pieces->count - characters;
        const char *text = thor_strings_text(pieces, i < merges ? characters + i : i - merges, &bytes);
        thor_spm_put_piece(model, text, bytes, -(float)i, THOR_PIECE_NORMAL);
    }
    thor_spm_header header = { .type = THOR_BPE,
                               .vocab_size = (int32_t)pieces->count + 3,
                               .character_coverage = (float)options->character_coverage,
                               .longest_line = options->longest_line,
                               .longest_piece = options->longest_piece,
                               .split_by_script = options->split_by_script,
                               .split_by_number = options->split_by_number,
                               .split_by_blank = true };
    thor_spm_put_header(model, &header);
    return thor_bytes_check(model, "a vocabulary", error);
}

static thor_status learn_bpe(const thor_learn_options *options, const thor_words *words, const thor_alphabet *alphabet,
                             thor_strings *pieces, thor_bytes *model, thor_learn_report *report, thor_error *error)
{
    if (alphabet->count == 0)
        return thor_fail(error, THOR_E_FAILED, "no text to learn from: %lld lines, all empty or left out",
                         (long long)report->lines);
    if (alphabet->count > (size_t)options->pieces)
        return thor_fail(error, THOR_E_USAGE,
                         "vocabulary size %d, but the text has %zu characters to cover; take a larger "
                         "size or a smaller character coverage",
                         (int)options->pieces, alphabet->count);
    THOR_TRY(add_characters(alphabet, pieces, error));
    size_t merges = (size_t)options->pieces - alphabet->count;
    THOR_TRY(thor_bpe_learn(options, words, alphabet, merges, pieces, &report->last_weight, error));
    report->characters = (int32_t)alphabet->count;
    report->characters_unknown = (int32_t)alphabet->unknown;
    report->pieces = (int32_t)pieces->count;
    return write_bpe(options, pieces, alphabet->count, model, error);
}

thor_status thor_learn_words(const thor_learn_options *options, const thor_words *words, thor_bytes *model,
                             thor_learn_report *report, thor_error *error)
{
    thor_learn_report local;
    report = report ? report : &local;
    *report = (thor_learn_report){ .lines = thor_words_lines(words), .lines_left_out = thor_words_left_out(words),
                                   .words = (int64_t)thor_words_count(words) };
    THOR_TRY(check_options(options, error));
    thor_alphabet alphabet;
    thor_strings pieces = { .text = NULL };
    thor_status status = thor_alphabet_make(&alphabet, words, options->character_coverage, error);
    if (status == THOR_OK)
        status = learn_bpe(options, words, &alphabet, &pieces, model, report, error);
    thor_alphabet_free(&alphabet);
    thor_strings_free(&pieces);
    return status;
}

thor_status thor_learn_files(const thor_learn_options *options, const char *const *paths, size_t count,
                             thor_bytes *model, thor_learn_report *report, thor_error *error)
{
    thor_words *words;
    THOR_TRY(check_options(options, error));
    THOR_TRY(thor_words_create(&words, (size_t)options->longest_line, error));
    thor_status status = THOR_OK;
    for (size_t i = 0; i < count && status == THOR_OK; i++)
        status = thor_words_add_file(words, paths[i], error);
    if (status == THOR_OK)
        status = thor_words_weigh(words, options->temperature, error);
    if (status == THOR_OK)
        status = thor_learn_words(options, words, model, report, error);
    thor_words_free(words);
    return status;
}
