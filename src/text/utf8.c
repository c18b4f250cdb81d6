#include "text/utf8.h"

#include <string.h>

static int is_trail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

static size_t next_of_two(const unsigned char *p, uint32_t *code)
{
    *code = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    return is_trail(p[1]) && *code >= 0x80 ? 2 : 0;
}

static size_t next_of_three(const unsigned char *p, uint32_t *code)
{
    *code = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    int surrogate = *code >= 0xD800 && *code < 0xE000;
    return is_trail(p[1]) && is_trail(p[2]) && *code >= 0x800 && !surrogate ? 3 : 0;
}

static size_t next_of_four(const unsigned char *p, uint32_t *code)
{
    *code = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 |
            (p[3] & 0x3F);
    int trails = is_trail(p[1]) && is_trail(p[2]) && is_trail(p[3]);
    return trails && *code >= 0x10000 && *code <= 0x10FFFF ? 4 : 0;
}

size_t thor_utf8_next(const char *text, size_t count, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    if (count == 0)
        return 0;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if ((p[0] & 0xE0) == 0xC0)
        return count >= 2 ? next_of_two(p, code) : 0;
    if ((p[0] & 0xF0) == 0xE0)
        return count >= 3 ? next_of_three(p, code) : 0;
    if ((p[0] & 0xF8) == 0xF0)
        return count >= 4 ? next_of_four(p, code) : 0;
    return 0;
}

size_t thor_utf8_valid(const char *text, size_t count)
{
    size_t at = 0;
    while (at < count) {
        uint64_t eight;
        if (count - at >= 8) {
            memcpy(&eight, text + at, 8);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += 8;
                continue;
            }
        }
        uint32_t code;
        size_t length = thor_utf8_next(text + at, count - at, &code);
        if (length == 0)
            return at;
        at += length;
    }
    return at;
}

size_t thor_utf8_put(uint32_t code, char text[4])
{
    if (code < 0x80) {
        text[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        text[0] = (char)(0xC0 | code >> 6);
        text[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        text[0] = (char)(0xE0 | code >> 12);
        text[1] = (char)(0x80 | (code >> 6 & 0x3F));
        text[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    text[0] = (char)(0xF0 | code >> 18);
    text[1] = (char)(0x80 | (code >> 12 & 0x3F));
    text[2] = (char)(0x80 | (code >> 6 & 0x3F));
    text[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}
