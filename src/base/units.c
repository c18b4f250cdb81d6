#include "base/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *thor_bytes_text(char text[32], double bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    int unit = 0;
    for (; bytes >= 1024 && unit < 4; unit++)
        bytes /= 1024;
    snprintf(text, 32, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return text;
}

char *thor_duration_text(char text[32], double seconds)
{
    long whole = seconds > 0 && seconds < 1e9 ? (long)(seconds + 0.5) : 0;
    if (whole >= 3600)
        snprintf(text, 32, "%ldh%02ldm", whole / 3600, whole % 3600 / 60);
    else if (whole >= 60)
        snprintf(text, 32, "%ldm%02lds", whole / 60, whole % 60);
    else
        snprintf(text, 32, "%lds", whole);
    return text;
}

double thor_duration_parse(const char *text)
{
    double seconds = 0;
    if (!*text)
        return -1;
    while (*text) {
        char *end;
        errno = 0;
        unsigned long value = strtoul(text, &end, 10);
        if (errno || end == text || *text < '0' || *text > '9' || !strchr("smh", *end))
            return -1;
        seconds += (double)value * (*end == 'h' ? 3600 : *end == 'm' ? 60 : 1);
        text = *end ? end + 1 : end;
    }
    return seconds;
}
