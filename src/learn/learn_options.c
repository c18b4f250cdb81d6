#include "learn/learn_options.h"

#include <stdio.h>
#include <string.h>

#include "text/hash_tables.h"
#include "text/utf8.h"

thor_learn_options thor_learn_defaults(void)
{
    return (thor_learn_options){ .type = THOR_BPE,
                                 .pieces = 8000,
                                 .character_coverage = 1,
                                 .temperature = 1,
                                 .longest_piece = 16,
                                 .longest_line = 4192,
                                 .split_by_blank = true,
                                 .split_by_script = true,
                                 .split_by_number = true,
                                 .normalization = "identity",
                                 .add_dummy_prefix = true,
                                 .remove_extra_blanks = true,
                                 .seed = 12345678,
                                 .seed_pieces = 1000000,
                                 .shrinking = 0.75,
                                 .em_steps = 2 };
}

enum { SPECIALS = 3 };

thor_piece_type thor_learn_meta(const thor_learn_options *options, size_t index, char text[8], const char **spelling)
{
    static const char *const specials[SPECIALS] = { "<unk>", "<s>", "</s>" };
    if (index < SPECIALS) {
        *spelling = specials[index];
        return index == 0 ? THOR_PIECE_UNKNOWN : THOR_PIECE_CONTROL;
    }
    index -= SPECIALS;
    if (index < options->control_count) {
        *spelling = options->controls[index];
        return THOR_PIECE_CONTROL;
    }
    index -= options->control_count;
    if (index < options->user_count) {
        *spelling = options->users[index];
        return THOR_PIECE_USER;
    }
    index -= options->user_count;
    if (!options->byte_fallback || index >= 256)
        return (thor_piece_type)0;
    snprintf(text, 8, "<0x%02X>", (unsigned)index & 0xFF);
    *spelling = text;
    return THOR_PIECE_BYTE;
}

size_t thor_learn_meta_counted(const thor_learn_options *options)
{
    return options->user_count + (options->byte_fallback ? 256 : 0);
}

static thor_status check_range(double value, double low, double high, const char *what, thor_error *error)
{
    if (value >= low && value <= high)
        return THOR_OK;
    return thor_fail(error, THOR_E_USAGE, "%s %g; expected %g to %g", what, value, low, high);
}

static thor_status check_numbers(const thor_learn_options *options, thor_error *error)
{
    if (options->type != THOR_BPE && options->type != THOR_UNIGRAM)
        return thor_fail(error, THOR_E_USAGE, "vocabulary type %d; bpe or unigram can be learned", (int)options->type);
    if (!(options->character_coverage > 0 && options->character_coverage <= 1))
        return thor_fail(error, THOR_E_USAGE, "character coverage %g; expected more than 0 and at most 1",
                         options->character_coverage);
    if (!(options->temperature >= 1))
        return thor_fail(error, THOR_E_USAGE, "temperature %g; expected 1 or more", options->temperature);
    THOR_TRY(check_range(options->pieces, 1, 1e7, "vocabulary size", error));
    THOR_TRY(check_range(options->longest_piece, 1, 64, "characters in a piece", error));
    THOR_TRY(check_range(options->longest_line, 1, 1e6, "bytes in a line", error));
    THOR_TRY(check_range((double)options->sample, 0, 1e12, "lines of the sample", error));
    THOR_TRY(check_range(options->seed_pieces, 1, 1e8, "pieces to start with", error));
    THOR_TRY(check_range(options->shrinking, 0.5, 0.95, "share of pieces that pruning keeps", error));
    return check_range(options->em_steps, 1, 10, "steps of EM", error);
}

static thor_status check_text(const char *text, const char *what, thor_error *error)
{
    size_t count = strlen(text);
    if (count == 0 || thor_utf8_valid(text, count) != count)
        return thor_fail(error, THOR_E_USAGE, "%s '%s' is %s", what, text, count == 0 ? "empty" : "not UTF-8");
    return THOR_OK;
}

static thor_status check_meta(const thor_learn_options *options, thor_error *error)
{
    thor_strings seen = { .text = NULL };
    thor_status status = THOR_OK;
    char text[8];
    const char *spelling;
    for (size_t i = 0; status == THOR_OK && thor_learn_meta(options, i, text, &spelling); i++) {
        status = check_text(spelling, "a user-defined or control piece", error);
        uint32_t number = thor_strings_add(&seen, spelling, strlen(spelling));
        if (status == THOR_OK && number == THOR_ABSENT)
            status = thor_fail(error, THOR_E_MEMORY, "no memory for %zu pieces of the user's", i);
        if (status == THOR_OK && number < i)
            status = thor_fail(error, THOR_E_USAGE, "the piece '%s' appears twice", spelling);
    }
    thor_strings_free(&seen);
    return status;
}

thor_status thor_learn_check(const thor_learn_options *options, thor_error *error)
{
    THOR_TRY(check_numbers(options, error));
    if (options->required && *options->required)
        THOR_TRY(check_text(options->required, "the list of required characters", error));
    THOR_TRY(check_meta(options, error));
    if (thor_learn_meta_counted(options) > (size_t)options->pieces)
        return thor_fail(error, THOR_E_USAGE, "vocabulary size %d, but %zu user-defined and byte pieces; take a larger "
                         "size", (int)options->pieces, thor_learn_meta_counted(options));
    return THOR_OK;
}
