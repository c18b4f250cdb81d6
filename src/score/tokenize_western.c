/* Rules for western languages (mteval-v13a). All of them speak of ASCII alone, so they work on the bytes of UTF-8: a
 * byte above 127 is "not a digit", and only the last byte of a character stands before the next one. */
#include <stdbool.h>
#include <string.h>

#include "score/tokenize_rules.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_stop(char byte)
{
    return byte == '.' || byte == ',';
}

/* ASCII punctuation and symbols but for ' , - . and the characters of words */
static bool is_symbol(char byte)
{
    return (byte >= '{' && byte <= '~') || (byte >= '[' && byte <= '`') || (byte >= ' ' && byte <= '&') ||
           (byte >= '(' && byte <= '+') || (byte >= ':' && byte <= '@') || byte == '/';
}

static void put_apart(thor_bytes *out, char byte)
{
    thor_bytes_add_byte(out, ' ');
    thor_bytes_add_byte(out, byte);
    thor_bytes_add_byte(out, ' ');
}

static void part_symbols(const thor_bytes *in, thor_bytes *out)
{
    for (size_t i = 0; i < in->count; i++) {
        if (is_symbol(in->data[i]))
            put_apart(out, in->data[i]);
        else
            thor_bytes_add_byte(out, in->data[i]);
    }
}

/* A full stop or comma that does not follow a digit. Both characters of a match are used up, as in a regular
 * expression: in ".." the first is what stands before the second. */
static void part_stops_after_words(const thor_bytes *in, thor_bytes *out)
{
    for (size_t i = 0; i < in->count; i++) {
        thor_bytes_add_byte(out, in->data[i]);
        if (!is_digit(in->data[i]) && i + 1 < in->count && is_stop(in->data[i + 1]))
            put_apart(out, in->data[++i]);
    }
}

/* A full stop or comma that no digit follows. */
static void part_stops_before_words(const thor_bytes *in, thor_bytes *out)
{
    for (size_t i = 0; i < in->count; i++) {
        if (is_stop(in->data[i]) && i + 1 < in->count && !is_digit(in->data[i + 1])) {
            put_apart(out, in->data[i]);
            thor_bytes_add_byte(out, in->data[++i]);
        } else {
            thor_bytes_add_byte(out, in->data[i]);
        }
    }
}

static void part_dashes_after_digits(const thor_bytes *in, thor_bytes *out)
{
    for (size_t i = 0; i < in->count; i++) {
        thor_bytes_add_byte(out, in->data[i]);
        if (is_digit(in->data[i]) && i + 1 < in->count && in->data[i + 1] == '-')
            put_apart(out, in->data[++i]);
    }
}

void thor_rules_western(thor_bytes *one, thor_bytes *two)
{
    typedef void rule(const thor_bytes *in, thor_bytes *out);
    static rule *const rules[] = { part_symbols, part_stops_after_words, part_stops_before_words,
                                   part_dashes_after_digits };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        two->count = 0;
        rules[i](one, two);
        thor_bytes result = *two;
        *two = *one;
        *one = result;
    }
}

/* Replaces every `from` by the character `to`, or by nothing when that is 0. */
static void replace(thor_bytes *one, thor_bytes *two, const char *from, char to)
{
    size_t length = strlen(from);
    two->count = 0;
    for (size_t i = 0; i < one->count;) {
        if (one->count - i >= length && memcmp(one->data + i, from, length) == 0) {
            if (to)
                thor_bytes_add_byte(two, to);
            i += length;
        } else {
            thor_bytes_add_byte(two, one->data[i++]);
        }
    }
    thor_bytes result = *two;
    *two = *one;
    *one = result;
}

/* A blank on both sides of the text, then what is behind entities' names (and other marks) in their place. */
typedef struct entity {
    const char *name;
    char meaning;               /* 0: nothing */
} entity;

static void undo(const char *bytes, size_t count, const entity *entities, size_t entity_count, thor_bytes *one,
                 thor_bytes *two)
{
    thor_bytes_add_byte(one, ' ');
    thor_bytes_add(one, bytes, count);
    thor_bytes_add_byte(one, ' ');
    for (size_t i = 0; i < entity_count; i++)
        replace(one, two, entities[i].name, entities[i].meaning);
}

void thor_rules_13a(const char *bytes, size_t count, thor_bytes *out)
{
    static const entity entities[] = {
        { "<skipped>", 0 }, { "-\n", 0 }, { "&quot;", '"' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
    };
    bool any = memchr(bytes, '&', count) || memchr(bytes, '<', count) || memchr(bytes, '\n', count);
    thor_bytes spare = { .data = NULL };
    undo(bytes, count, entities, any ? sizeof entities / sizeof entities[0] : 0, out, &spare);
    out->failed = out->failed || spare.failed;
    thor_bytes_free(&spare);
}

/* The rule wants a blank behind the s, and will have one wherever a symbol stands there. */
static void part_possessives(const thor_bytes *in, thor_bytes *out)
{
    for (size_t i = 0; i < in->count; i++) {
        if (i + 2 < in->count && in->data[i] == '\'' && in->data[i + 1] == 's' && is_symbol(in->data[i + 2]))
            thor_bytes_add_byte(out, ' ');
        thor_bytes_add_byte(out, in->data[i]);
    }
}

void thor_rules_tercom(const char *bytes, size_t count, thor_bytes *one, thor_bytes *two)
{
    static const entity entities[] = { { "&quot;", '"' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' } };
    undo(bytes, count, entities, memchr(bytes, '&', count) ? sizeof entities / sizeof entities[0] : 0, one, two);
    two->count = 0;
    part_possessives(one, two);
    thor_bytes result = *two;
    *two = *one;
    *one = result;
}
