#include "letters.h"

#include <stdbool.h>
#include <string.h>

#include "book.h"

/* As the first byte has it: 0 for one that starts no character. */
static size_t promised_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

size_t character_length(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t length = promised_length(byte[0]);
    for (size_t i = 1; i < length; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies behind U+10FFFF. */
    if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
        (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
        return 0;
    return length;
}

void capitalise(char *text)
{
    unsigned char *byte = (unsigned char *)text;
    if (byte[0] >= 'a' && byte[0] <= 'z') {
        byte[0] = (unsigned char)(byte[0] - 0x20);
    } else if (byte[0] == 0xc3 && byte[1] >= 0xa0 && byte[1] <= 0xbe) {
        byte[1] = (unsigned char)(byte[1] - 0x20);
    } else if (byte[0] == 0xd0 && byte[1] >= 0xb0) {
        byte[1] = (unsigned char)(byte[1] - 0x20);
    } else if (byte[0] == 0xd1 && byte[1] <= 0x8f) {
        byte[0] = 0xd0;
        byte[1] = (unsigned char)(byte[1] + 0x20);
    }
}

static bool is_mark(const char *text, size_t length)
{
    static const char *const marks[] = { " ", ".", ",", "?", "!", "。", "，", "？", "！" };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strlen(marks[i]) == length && memcmp(marks[i], text, length) == 0)
            return true;
    return false;
}

const char *next_word(const char **at, int language, size_t *length)
{
    const char *end = *at;
    while (*end != '\0' && is_mark(end, character_length(end)))
        end += character_length(end);
    const char *start = end;
    while (*end != '\0' && !is_mark(end, character_length(end))) {
        end += character_length(end);
        if (language == CHINESE || (language == FRENCH && end[-1] == '\''))
            break;
    }
    *at = end;
    *length = (size_t)(end - start);
    return *length == 0 ? NULL : start;
}
