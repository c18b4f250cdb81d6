#include "learn/piece_rules.h"

#include "text/script.h"
#include "text/utf8.h"

enum { TAB = 0x09, BLANK = 0x2581, RARE = 0x2585, ANY_SCRIPT = -1 };

const thor_piece_prefix thor_piece_nothing = { .script = ANY_SCRIPT };

static bool is_digit(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 0xFF10 && code <= 0xFF19);
}

/* Follows the script; false where it changes. */
static bool same_script(const thor_learn_options *options, uint32_t code, int *script)
{
    int next = thor_script(code);
    if (next == THOR_SCRIPT_INHERITED)
        next = *script;
    if (!options->split_by_number && is_digit(code))
        next = ANY_SCRIPT;
    if (options->split_by_script && next != ANY_SCRIPT && *script != ANY_SCRIPT && next != *script)
        return false;
    *script = next;
    return true;
}

bool thor_piece_add(const thor_learn_options *options, thor_piece_prefix *prefix, uint32_t code)
{
    if (code == TAB || code == RARE || code == ' ' || code == 0 || ++prefix->characters > options->longest_piece)
        return false;
    prefix->has_digit = prefix->has_digit || is_digit(code);
    if (options->split_digits && prefix->has_digit && prefix->characters > 1)
        return false;
    prefix->last_blank = code == BLANK;
    prefix->blanks += code == BLANK;
    prefix->first_blank = prefix->first_blank || (code == BLANK && prefix->characters == 1);
    return code == BLANK || same_script(options, code, &prefix->script);
}

bool thor_piece_add_text(const thor_learn_options *options, thor_piece_prefix *prefix, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        uint32_t code;
        at += thor_utf8_next(text + at, bytes - at, &code);
        if (!thor_piece_add(options, prefix, code))
            return false;
    }
    return true;
}

bool thor_piece_allowed(const thor_learn_options *options, const thor_piece_prefix *prefix)
{
    bool only_blanks = prefix->blanks == prefix->characters;
    if (prefix->blanks == 0 || (only_blanks && options->blank_pieces))
        return true;
    if (options->split_by_blank)
        return prefix->blanks == 1 && (options->blank_as_suffix ? prefix->last_blank : prefix->first_blank);
    return prefix->characters == 1 || !(options->blank_as_suffix ? prefix->first_blank : prefix->last_blank);
}
