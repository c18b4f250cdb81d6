/* rusage and the number of pages are no part of POSIX 2008's base; both are everywhere. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "cli/machine.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fileio.h"

static size_t physical_memory(void)
{
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages > 0 && size > 0 && (uintmax_t)pages <= SIZE_MAX / (uintmax_t)size)
        return (size_t)pages * (size_t)size;
#endif
    return 0;
}

/* Linux, control groups of version 2. */
static size_t group_limit(void)
{
    char *text;
    size_t count, limit = 0;
    if (thor_read_file("/sys/fs/cgroup/memory.max", 64, &text, &count, NULL) != THOR_OK)
        return 0;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno == 0 && value > 0 && value <= SIZE_MAX)
        limit = (size_t)value;
    free(text);
    return limit;
}

size_t thor_machine_memory(void)
{
    size_t physical = physical_memory(), limit = group_limit();
    return limit > 0 && (physical == 0 || limit < physical) ? limit : physical;
}

size_t thor_machine_peak(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0)
        return 0;
#ifdef __APPLE__
    return (size_t)usage.ru_maxrss;
#else
    return (size_t)usage.ru_maxrss * 1024;
#endif
}

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
