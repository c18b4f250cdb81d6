#include "pieces/normalize.h"

#include <string.h>

#include "base/little_endian.h"
#include "pieces/spm.h"
#include "text/utf8.h"

/* The map is: bytes of the trie (32 bits), the trie, then the replacements, each with a zero byte behind it. */
thor_status thor_normal_check(const thor_normal_rules *rules, const char *name, thor_error *error)
{
    if (!rules->charsmap)
        return THOR_OK;
    uint64_t trie = rules->charsmap_bytes >= 4 ? thor_get32(rules->charsmap) : 0;
    if (rules->charsmap_bytes < 8 || trie < 4 || trie % 4 != 0 || trie > rules->charsmap_bytes - 4)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: a character map of %zu bytes with a trie of %llu; expected a trie of whole "
                         "words inside it",
                         name, rules->charsmap_bytes, (unsigned long long)trie);
    return THOR_OK;
}

/* One unit of the double array of darts-clone: bits 0-7 label, 8 has a value below it, 9 offset is in steps of 256,
 * 10-30 offset, 31 this unit is a value. */
static uint32_t unit_offset(uint32_t unit)
{
    return unit >> 10 << ((unit & 1u << 9) >> 6);
}

/* The longest entry that `text` starts with: its bytes (0: none) and where its replacement stands. */
static size_t longest_entry(const thor_normal_rules *rules, const char *text, size_t count, size_t *replacement)
{
    const unsigned char *trie = rules->charsmap + 4;
    size_t units = thor_get32(rules->charsmap) / 4, longest = 0;
    size_t node = unit_offset(thor_get32(trie));
    for (size_t i = 0; i < count; i++) {
        unsigned char label = (unsigned char)text[i];
        node ^= label;
        if (label == 0 || node >= units)
            break;
        uint32_t unit = thor_get32(trie + 4 * node);
        if ((unit & 0x800000FFu) != label)
            break;
        node ^= unit_offset(unit);
        if ((unit & 1u << 8) && node < units) {
            longest = i + 1;
            *replacement = thor_get32(trie + 4 * node) & 0x7FFFFFFFu;
        }
    }
    return longest;
}

/* What the first `taken` bytes of the text turn into. */
typedef struct part {
    const char *text;
    size_t count, taken;
} part;

static part replacement_at(const thor_normal_rules *rules, size_t at, size_t taken)
{
    size_t first = 4 + (size_t)thor_get32(rules->charsmap), room = rules->charsmap_bytes - first;
    if (at >= room)
        return (part){ .text = "", .count = 0, .taken = taken };
    const char *text = (const char *)rules->charsmap + first + at;
    const char *end = memchr(text, 0, room - at);
    return (part){ .text = text, .count = end ? (size_t)(end - text) : room - at, .taken = taken };
}

static part next_part(const thor_normal_rules *rules, const thor_spm *users, const char *text, size_t count)
{
    size_t taken = users && users->longest_user > 0 ? thor_spm_user_prefix(users, text, count) : 0, at;
    if (taken == 0 && rules->charsmap && (taken = longest_entry(rules, text, count, &at)) > 0)
        return replacement_at(rules, at, taken);
    if (taken == 0)
        taken = thor_utf8_length(*text);
    if (taken > count)
        taken = count;
    return (part){ .text = text, .count = taken, .taken = taken };
}

static void add_blank(const thor_normal_rules *rules, thor_bytes *out)
{
    if (rules->escape_blanks)
        thor_bytes_add(out, THOR_BLANK, THOR_BLANK_BYTES);
    else
        thor_bytes_add_byte(out, ' ');
}

static void add_text(const thor_normal_rules *rules, const char *text, size_t count, thor_bytes *out)
{
    while (count > 0) {
        const char *blank = memchr(text, ' ', count);
        size_t run = blank ? (size_t)(blank - text) : count;
        thor_bytes_add(out, text, run);
        if (blank)
            add_blank(rules, out);
        text += blank ? run + 1 : run;
        count -= blank ? run + 1 : run;
    }
}

static void remove_trailing(const thor_normal_rules *rules, size_t start, thor_bytes *out)
{
    const char *blank = rules->escape_blanks ? THOR_BLANK : " ";
    size_t length = strlen(blank);
    while (out->count - start >= length && memcmp(out->data + out->count - length, blank, length) == 0)
        out->count -= length;
}

/* Steps 3 without a map and without user-defined pieces, where only blanks change. */
static void add_folded(const thor_normal_rules *rules, const char *text, size_t count, thor_bytes *out)
{
    if (!rules->remove_extra_blanks) {
        add_text(rules, text, count, out);
        return;
    }
    for (size_t at = 0; at < count;) {
        const char *blank = memchr(text + at, ' ', count - at);
        size_t run = blank ? (size_t)(blank - text) - at : count - at;
        thor_bytes_add(out, text + at, run);
        at += run;
        if (at < count)
            add_blank(rules, out);
        while (at < count && text[at] == ' ')
            at++;
    }
}

static void add_parts(const thor_normal_rules *rules, const thor_spm *users, const char *text, size_t count,
                      thor_bytes *out)
{
    bool after_blank = rules->remove_extra_blanks;
    while (count > 0) {
        part next = next_part(rules, users, text, count);
        text += next.taken;
        count -= next.taken;
        while (after_blank && next.count > 0 && *next.text == ' ') {
            next.text++;
            next.count--;
        }
        if (next.count > 0) {
            add_text(rules, next.text, next.count, out);
            after_blank = rules->remove_extra_blanks && next.text[next.count - 1] == ' ';
        }
    }
}

void thor_normalize(const thor_normal_rules *rules, const thor_spm *users, const char *text, size_t count,
                    thor_bytes *out)
{
    size_t start = out->count;
    while (rules->remove_extra_blanks && count > 0) {
        part next = next_part(rules, users, text, count);
        if (next.count != 1 || *next.text != ' ')
            break;
        text += next.taken;
        count -= next.taken;
    }
    if (count == 0)
        return;
    if (rules->add_dummy_prefix && !rules->blank_as_suffix)
        add_blank(rules, out);
    if (rules->charsmap || (users && users->longest_user > 0))
        add_parts(rules, users, text, count, out);
    else
        add_folded(rules, text, count, out);
    if (rules->remove_extra_blanks && !out->failed)
        remove_trailing(rules, start, out);
    if (rules->add_dummy_prefix && rules->blank_as_suffix)
        add_blank(rules, out);
}
