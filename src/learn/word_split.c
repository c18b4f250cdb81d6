#include "learn/word_split.h"

#include <stdlib.h>
#include <string.h>

#include "pieces/charsmap.h"
#include "pieces/normalize.h"
#include "text/utf8.h"

/* U+2585 */
static const char rare[] = "\xE2\x96\x85";

static bool add_marks(thor_splitter *splitter)
{
    char text[8];
    const char *spelling;
    for (size_t i = 0; thor_learn_meta(splitter->options, i, text, &spelling); i++) {
        size_t bytes = strlen(spelling);
        if (thor_strings_add(&splitter->marks, spelling, bytes) == THOR_ABSENT)
            return false;
        splitter->starts_mark[(unsigned char)*spelling] = true;
        splitter->longest_mark = bytes > splitter->longest_mark ? bytes : splitter->longest_mark;
    }
    return true;
}

thor_status thor_splitter_make(thor_splitter *splitter, const thor_learn_options *options, thor_error *error)
{
    *splitter = (thor_splitter){ .options = options };
    THOR_TRY(thor_charsmap_by_name(options->normalization, &splitter->charsmap, error));
    splitter->rules = (thor_normal_rules){ .add_dummy_prefix = options->add_dummy_prefix,
                                           .remove_extra_blanks = options->remove_extra_blanks,
                                           .escape_blanks = true,
                                           .blank_as_suffix = options->blank_as_suffix,
                                           .charsmap = (const unsigned char *)splitter->charsmap.data,
                                           .charsmap_bytes = splitter->charsmap.count };
    if (!add_marks(splitter))
        return thor_fail(error, THOR_E_MEMORY, "no memory for the spellings of special pieces");
    return THOR_OK;
}

void thor_splitter_free(thor_splitter *splitter)
{
    free(splitter->charsmap.data);
    thor_strings_free(&splitter->marks);
}

/* Bytes of the longest mark that the text starts with; 0: none. */
static size_t mark_at(const thor_splitter *splitter, const char *text, size_t count)
{
    for (size_t length = splitter->longest_mark < count ? splitter->longest_mark : count; length > 0; length--)
        if (thor_strings_find(&splitter->marks, text, length) != THOR_ABSENT)
            return length;
    return 0;
}

/* Appends the normalised line, the spellings of special pieces replaced by tabs, so that nothing is learned across
 * them. */
static void add_marked(const thor_splitter *splitter, const thor_bytes *normal, thor_bytes *out)
{
    size_t copied = 0;
    for (size_t at = 0; at < normal->count;) {
        size_t length = 0;
        if (splitter->starts_mark[(unsigned char)normal->data[at]])
            length = mark_at(splitter, normal->data + at, normal->count - at);
        if (length > 0) {
            thor_bytes_add(out, normal->data + copied, at - copied);
            thor_bytes_add_byte(out, '\t');
            copied = at + length;
        }
        at += length > 0 ? length : 1;
    }
    thor_bytes_add(out, normal->data + copied, normal->count - copied);
}

static bool blank_at(const char *text, size_t count)
{
    return count >= THOR_BLANK_BYTES && memcmp(text, THOR_BLANK, THOR_BLANK_BYTES) == 0;
}

/* The next blank from `at` on; `count` when there is none. */
static size_t find_blank(const char *text, size_t count, size_t at)
{
    while (at < count) {
        const char *lead = memchr(text + at, THOR_BLANK[0], count - at);
        if (!lead)
            return count;
        at = (size_t)(lead - text);
        if (blank_at(lead, count - at))
            return at;
        at++;
    }
    return count;
}

/* The end of the word that `text` starts with. */
static size_t word_end(const thor_learn_options *options, const char *text, size_t count)
{
    if (!options->split_by_blank)
        return count;
    size_t at = 0;
    if (options->blank_as_suffix) {
        at = find_blank(text, count, 0);
        do
            at += at < count ? THOR_BLANK_BYTES : 0;
        while (options->blank_pieces && blank_at(text + at, count - at));
        return at;
    }
    while (options->blank_pieces && blank_at(text + at, count - at))
        at += THOR_BLANK_BYTES;
    if (at == 0)
        at = thor_utf8_length(*text);
    return find_blank(text, count, at);
}

static void add_words(const thor_splitter *splitter, size_t start, thor_line_words *out)
{
    const char *text = out->text.data;
    for (size_t at = start, end = out->text.count; at < end && !out->failed;) {
        size_t bytes = word_end(splitter->options, text + at, end - at);
        uint32_t next = THOR_NEXT_END;
        if (at + bytes < end)
            thor_utf8_next(text + at + bytes, end - at - bytes, &next);
        out->failed = !thor_grow(&out->words, &out->room, out->count, 1, sizeof *out->words);
        if (!out->failed)
            out->words[out->count++] = (thor_line_word){ thor_text_hash(text + at, bytes), (uint32_t)at,
                                                          (uint32_t)bytes, next };
        at += bytes;
    }
}

bool thor_line_has_rare(const char *line, size_t count)
{
    for (size_t at = 0; at + 3 <= count; at++) {
        const char *lead = memchr(line + at, rare[0], count - at);
        if (!lead)
            return false;
        at = (size_t)(lead - line);
        if (count - at >= 3 && memcmp(lead, rare, 3) == 0)
            return true;
    }
    return false;
}

void thor_line_words_add(const thor_splitter *splitter, const char *line, size_t count, thor_line_words *out)
{
    if (count > (size_t)splitter->options->longest_line || thor_line_has_rare(line, count)) {
        out->left_out++;
        return;
    }
    size_t start = out->text.count;
    out->normal.count = 0;
    thor_normalize(&splitter->rules, NULL, line, count, &out->normal);
    if (!out->normal.failed && out->normal.count > 0)
        add_marked(splitter, &out->normal, &out->text);
    out->failed = out->failed || out->normal.failed || out->text.failed || out->text.count > UINT32_MAX;
    if (!out->failed)
        add_words(splitter, start, out);
}

void thor_line_words_free(thor_line_words *lines)
{
    free(lines->text.data);
    free(lines->normal.data);
    free(lines->words);
    *lines = (thor_line_words){ .count = 0 };
}
