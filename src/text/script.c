#include "text/script.h"

#include <stddef.h>

static const struct {
    uint32_t first, last;
    int script;
} ranges[] = {
#include "text/script_table.h"
};

int thor_script(uint32_t code)
{
    if (code == 0x30FC)         /* the long vowel sign of Katakana is Common in the table */
        return thor_script(0x30A2);
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < sizeof ranges / sizeof *ranges && code >= ranges[low].first)
        return ranges[low].script;
    return THOR_SCRIPT_COMMON;
}
