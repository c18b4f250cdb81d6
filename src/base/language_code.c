#include "base/language_code.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Languages that something in thor depends on. */
static const struct { const char *two, *codes[4]; } languages[] = {
    { "zh", { "zho", "chi", "cmn" } },
    { "ja", { "jpn" } },
    { "ko", { "kor" } },
};

/* In any locale. */
static bool all_between(const char *text, size_t count, char low, char high)
{
    for (size_t i = 0; i < count; i++)
        if (text[i] < low || text[i] > high)
            return false;
    return true;
}

static bool is_script_or_region(const char *part, size_t count)
{
    return (count == 4 && all_between(part, 1, 'A', 'Z') && all_between(part + 1, 3, 'a', 'z')) ||
           (count == 2 && all_between(part, 2, 'A', 'Z')) || (count == 3 && all_between(part, 3, '0', '9'));
}

const char *thor_language_target(const char *direction)
{
    const char *first = strchr(direction, '-');
    for (const char *dash = first; dash; dash = strchr(dash + 1, '-')) {
        size_t count = strcspn(dash + 1, "-_");
        if (!is_script_or_region(dash + 1, count))
            return dash + 1;
    }
    return first ? first + 1 : direction;
}

bool thor_language_is(const char *code, const char *two)
{
    size_t count = strcspn(code, "-_");
    if (count == strlen(two) && strncasecmp(code, two, count) == 0)
        return true;
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        for (size_t k = 0; strcmp(languages[i].two, two) == 0 && languages[i].codes[k]; k++)
            if (count == strlen(languages[i].codes[k]) && strncasecmp(code, languages[i].codes[k], count) == 0)
                return true;
    return false;
}
