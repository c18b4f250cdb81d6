/* The rules of normalisation by name, and tables of users. */
#include <string.h>

#include "pieces/charsmap.h"
#include "pieces/nfkc_map.h"
#include "text/lines.h"

static thor_status bad_line(const thor_lines *lines, const char *what, thor_error *error)
{
    return thor_fail(error, THOR_E_FORMAT,
                     "%s:%lld: %s; expected code points in hexadecimal separated by blanks, a tab, and what they turn "
                     "into",
                     lines->name, (long long)lines->number, what);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = c >= 'a' ? (char)(c - 'a' + 'A') : c;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum { MOST_CODES = 64 };

/* Reads "U+41 300" or "41 300". */
static thor_status read_codes(const thor_lines *lines, const char *text, size_t count, uint32_t *codes, size_t *found,
                              thor_error *error)
{
    *found = 0;
    for (size_t at = 0; at < count;) {
        if (text[at] == ' ') {
            at++;
            continue;
        }
        at += count - at > 2 && text[at] == 'U' && text[at + 1] == '+' ? 2 : 0;
        uint32_t code = 0;
        size_t start = at;
        for (; at < count && text[at] != ' '; at++) {
            int digit = digit_of(text[at]);
            if (digit < 0 || code > 0x10FFFF)
                return bad_line(lines, "no code point", error);
            code = 16 * code + (uint32_t)digit;
        }
        if (at == start || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || *found == MOST_CODES)
            return bad_line(lines, *found == MOST_CODES ? "more than 64 code points" : "no code point", error);
        codes[(*found)++] = code;
    }
    return THOR_OK;
}

/* An empty line is none. */
static thor_status read_entry(void *map, const thor_lines *lines, const char *text, size_t count, thor_error *error)
{
    if (count == 0)
        return THOR_OK;
    const char *tab = memchr(text, '\t', count);
    size_t left = tab ? (size_t)(tab - text) : count, rest = tab ? count - left - 1 : 0;
    const char *end = tab ? memchr(tab + 1, '\t', rest) : NULL;
    uint32_t from[MOST_CODES], to[MOST_CODES];
    size_t from_count, to_count;
    THOR_TRY(read_codes(lines, text, left, from, &from_count, error));
    THOR_TRY(read_codes(lines, tab ? tab + 1 : text, end ? (size_t)(end - tab) - 1 : rest, to, &to_count, error));
    if (from_count == 0)
        return bad_line(lines, "nothing to replace", error);
    thor_charsmap_put(map, from, from_count, to, to_count);
    return THOR_OK;
}

static thor_status read_table(thor_charsmap *map, const char *path, thor_error *error)
{
    THOR_TRY(thor_lines_each(path, read_entry, map, error));
    if (map->from.count == 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: no entry; for no normalisation take \"identity\"", path);
    return THOR_OK;
}

thor_status thor_charsmap_by_name(const char *name, thor_bytes *out, thor_error *error)
{
    if (strcmp(name, "identity") == 0)
        return THOR_OK;
    thor_charsmap map = { .target = NULL };
    thor_status status = THOR_OK;
    bool nmt = strncmp(name, "nmt_", 4) == 0;
    const char *form = nmt ? name + 4 : name;
    if (strcmp(form, "nfkc") == 0 || strcmp(form, "nfkc_cf") == 0)
        thor_nfkc_map_make(&map, nmt, strcmp(form, "nfkc_cf") == 0);
    else if (strpbrk(name, "./"))
        status = read_table(&map, name, error);
    else
        status = thor_fail(error, THOR_E_USAGE,
                           "normalisation '%s'; expected identity, nfkc, nmt_nfkc, nfkc_cf, nmt_nfkc_cf or the path of "
                           "a table", name);
    if (status == THOR_OK)
        status = thor_charsmap_compile(&map, out, error);
    thor_charsmap_free(&map);
    return status;
}
