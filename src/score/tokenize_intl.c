/* mteval-v14's rules for any script, over general categories of Unicode. */
#include <stdbool.h>

#include "score/tokenize_rules.h"
#include "text/unicode.h"

typedef struct character {
    size_t at, length;          /* length 0: there is none */
    thor_unicode_kind kind;
} character;

static character character_at(const thor_bytes *in, size_t at)
{
    int32_t code = 0;
    size_t length = thor_unicode_get(in->data + at, in->count - at, &code);
    return (character){ at, length, length ? thor_unicode_kind_of(code) : THOR_UNICODE_OTHER };
}

static void copy(const thor_bytes *in, character c, thor_bytes *out)
{
    thor_bytes_add(out, in->data + c.at, c.length);
}

static void copy_apart(const thor_bytes *in, character c, thor_bytes *out)
{
    thor_bytes_add_byte(out, ' ');
    copy(in, c, out);
    thor_bytes_add_byte(out, ' ');
}

typedef bool applies(character first, character second);

static bool punctuation_after_no_number(character first, character second)
{
    return first.kind != THOR_UNICODE_NUMBER && second.kind == THOR_UNICODE_PUNCTUATION;
}

static bool punctuation_before_no_number(character first, character second)
{
    return first.kind == THOR_UNICODE_PUNCTUATION && second.kind != THOR_UNICODE_NUMBER;
}

/* Parts the punctuation of every pair of neighbours to which the rule applies. A match uses up both of its
 * characters. */
static void part_pairs(const thor_bytes *in, thor_bytes *out, applies *rule, bool part_second)
{
    for (size_t at = 0; at < in->count;) {
        character first = character_at(in, at);
        if (first.length == 0)
            break;
        character second = character_at(in, at + first.length);
        bool match = second.length > 0 && rule(first, second);
        if (!match) {
            copy(in, first, out);
        } else if (part_second) {
            copy(in, first, out);
            copy_apart(in, second, out);
        } else {
            copy_apart(in, first, out);
            copy(in, second, out);
        }
        at += first.length + (match ? second.length : 0);
    }
}

static void part_symbols(const thor_bytes *in, thor_bytes *out)
{
    for (size_t at = 0; at < in->count;) {
        character c = character_at(in, at);
        if (c.length == 0)
            break;
        if (c.kind == THOR_UNICODE_SYMBOL)
            copy_apart(in, c, out);
        else
            copy(in, c, out);
        at += c.length;
    }
}

void thor_rules_intl(const char *bytes, size_t count, thor_bytes *one, thor_bytes *two)
{
    two->count = one->count = 0;
    thor_bytes_add(one, bytes, count);
    part_pairs(one, two, punctuation_after_no_number, true);
    one->count = 0;
    part_pairs(two, one, punctuation_before_no_number, false);
    two->count = 0;
    part_symbols(one, two);
    thor_bytes result = *two;
    *two = *one;
    *one = result;
}
