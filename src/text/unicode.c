#include "text/unicode.h"

#include <utf8proc.h>

enum { CAPITAL_SIGMA = 0x3A3, SMALL_SIGMA = 0x3C3, FINAL_SIGMA = 0x3C2, CAPITAL_I_DOT = 0x130, DOT_ABOVE = 0x307 };

size_t thor_unicode_get(const char *bytes, size_t left, int32_t *code)
{
    if (left == 0)
        return 0;
    unsigned char first = (unsigned char)bytes[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    utf8proc_int32_t found;
    utf8proc_ssize_t length =
        utf8proc_iterate((const utf8proc_uint8_t *)bytes, left < 4 ? (utf8proc_ssize_t)left : 4, &found);
    if (length <= 0)
        return 0;
    *code = found;
    return (size_t)length;
}

size_t thor_unicode_put(char bytes[4], int32_t code)
{
    return (size_t)utf8proc_encode_char(code, (utf8proc_uint8_t *)bytes);
}

size_t thor_unicode_check(const char *bytes, size_t count)
{
    size_t at = 0;
    while (at < count) {
        int32_t code;
        size_t length = thor_unicode_get(bytes + at, count - at, &code);
        if (length == 0)
            return at;
        at += length;
    }
    return count;
}

thor_unicode_kind thor_unicode_kind_of(int32_t code)
{
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return THOR_UNICODE_NUMBER;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return THOR_UNICODE_PUNCTUATION;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
        return THOR_UNICODE_SYMBOL;
    default:
        return THOR_UNICODE_OTHER;
    }
}

bool thor_unicode_is_space(int32_t code)
{
    if (code < 0x80)
        return code == ' ' || (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x1F);
    return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

size_t thor_unicode_trim_right(const char *bytes, size_t count)
{
    while (count > 0) {
        size_t start = count - 1;
        while (start > 0 && count - start < 4 && ((unsigned char)bytes[start] & 0xC0) == 0x80)
            start--;
        int32_t code;
        if (thor_unicode_get(bytes + start, count - start, &code) == 0 || !thor_unicode_is_space(code))
            break;
        count = start;
    }
    return count;
}

/* Unicode's Cased: letters with case, and what Other_Lowercase and Other_Uppercase add outside of the modifier letters
 * (those are case-ignorable and never asked for). */
static bool is_cased(int32_t code)
{
    utf8proc_category_t category = utf8proc_category(code);
    if (category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT)
        return true;
    return code == 0xAA || code == 0xBA || (code >= 0x2160 && code <= 0x217F) || (code >= 0x24B6 && code <= 0x24E9) ||
           (code >= 0x1F130 && code <= 0x1F149) || (code >= 0x1F150 && code <= 0x1F169) ||
           (code >= 0x1F170 && code <= 0x1F189);
}

/* Unicode's Case_Ignorable: marks, formats, modifiers, and Word_Break MidLetter, MidNumLet, Single_Quote. */
static bool is_case_ignorable(int32_t code)
{
    static const int32_t inside_words[] = { 0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                            0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A };
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof inside_words / sizeof inside_words[0]; i++)
        if (inside_words[i] == code)
            return true;
    return false;
}

static bool ends_word(const int32_t *codes, size_t count, size_t at)
{
    size_t before = at;
    while (before > 0 && is_case_ignorable(codes[before - 1]))
        before--;
    if (before == 0 || !is_cased(codes[before - 1]))
        return false;
    size_t after = at + 1;
    while (after < count && is_case_ignorable(codes[after]))
        after++;
    return after == count || !is_cased(codes[after]);
}

size_t thor_unicode_lower(const int32_t *codes, size_t count, int32_t *out)
{
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t code = codes[i];
        if (code == CAPITAL_SIGMA) {
            out[written++] = ends_word(codes, count, i) ? FINAL_SIGMA : SMALL_SIGMA;
        } else if (code == CAPITAL_I_DOT) {
            out[written++] = 'i';
            out[written++] = DOT_ABOVE;
        } else {
            out[written++] = utf8proc_tolower(code);
        }
    }
    return written;
}
