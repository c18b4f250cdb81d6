#include "base/language_group.h"

#include <stddef.h>
#include <string.h>

thor_group thor_group_of(const char *language)
{
    enum { HIGH = THOR_GROUP_HIGH, MEDIUM = THOR_GROUP_MEDIUM, LOW = THOR_GROUP_LOW };
    static const struct { char code[4]; int group; } languages[] = {
        { "zh", HIGH },   { "eu", HIGH },   { "bg", HIGH },   { "sk", HIGH },   { "sl", HIGH },
        { "hr", HIGH },   { "pt", HIGH },   { "de", HIGH },   { "rw", MEDIUM }, { "as", MEDIUM },
        { "nb", MEDIUM }, { "ga", MEDIUM }, { "se", LOW },    { "mr", LOW },    { "fy", LOW },
    };
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++)
        if (strcmp(languages[i].code, language) == 0)
            return (thor_group)languages[i].group;
    return THOR_GROUP_NONE;
}

const char *thor_group_name(thor_group group)
{
    static const char *const names[] = { "high", "medium", "low", "-" };
    return names[group];
}
