#include <stdbool.h>

#include "score/tokenize_rules.h"
#include "text/unicode.h"

typedef struct code_range {
    int32_t first, last;
} code_range;

/* The blocks that sacreBLEU parts. U+2001 … U+2A6D and U+2F81 … U+2FA1 stand where its author meant U+20000 … U+2A6D6
 * and U+2F800 … U+2FA1D (Extension B and its compatibility supplement): a \u escape in Python takes four digits. So
 * curly quotes, dashes, arrows and mathematical signs are parted and rare ideographs are not; scores are only
 * comparable when both are kept. */
static const code_range chinese[] = {
    { 0x2001, 0x2A6D }, { 0x2E80, 0x2EFF }, { 0x2F00, 0x2FDF }, { 0x2FF0, 0x2FFF }, { 0x3000, 0x303F },
    { 0x3100, 0x312F }, { 0x31A0, 0x31BF }, { 0x31C0, 0x31EF }, { 0x3200, 0x32FF }, { 0x3300, 0x33FF },
    { 0x3400, 0x4DB5 }, { 0x4E00, 0x9FBB }, { 0xF900, 0xFA2D }, { 0xFA30, 0xFA6A }, { 0xFA70, 0xFAD9 },
    { 0xFE10, 0xFE1F }, { 0xFE30, 0xFE4F }, { 0xFF00, 0xFFEF },
};

static bool is_chinese(int32_t code)
{
    for (size_t i = 0; i < sizeof chinese / sizeof chinese[0] && chinese[i].first <= code; i++)
        if (code <= chinese[i].last)
            return true;
    return false;
}

void thor_rules_zh(const char *bytes, size_t count, thor_bytes *out)
{
    bool inside = false;        /* blanks at the ends would part a full stop from the number that it belongs to: ".5" */
    count = thor_unicode_trim_right(bytes, count);
    for (size_t at = 0; at < count;) {
        int32_t code = 0;
        size_t length = thor_unicode_get(bytes + at, count - at, &code);
        if (length == 0)
            break;
        inside = inside || !thor_unicode_is_space(code);
        bool apart = inside && is_chinese(code);
        if (apart)
            thor_bytes_add_byte(out, ' ');
        if (inside)
            thor_bytes_add(out, bytes + at, length);
        if (apart)
            thor_bytes_add_byte(out, ' ');
        at += length;
    }
}
