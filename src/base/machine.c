/* rusage and the number of pages are no part of POSIX 2008's base; both are everywhere. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "base/machine.h"

#include <errno.h>
#include <stdbool.h>
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

/* ---- control groups (Linux) ---- */

enum { MOST_PATH = 4096, MOST_LIST = 1 << 16 };

static size_t smaller_limit(size_t a, size_t b)
{
    return a == 0 || (b > 0 && b < a) ? b : a;
}

/* The number in FOLDER/FILE; 0 where there is none, or "max". */
static size_t read_limit(const char *folder, const char *file)
{
    char path[MOST_PATH + 64], *text;
    size_t count, limit = 0;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (thor_read_file(path, 64, &text, &count, NULL) != THOR_OK)
        return 0;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno == 0 && value <= SIZE_MAX)
        limit = (size_t)value;
    free(text);
    return limit;
}

/* The least limit of the group `name` below `mount` and of those above it. A container may not see the groups between:
 * what is not there limits nothing. */
static size_t limit_upwards(const char *mount, const char *name, const char *file)
{
    char folder[MOST_PATH];
    size_t limit = 0, top = strlen(mount);
    int length = snprintf(folder, sizeof folder, "%s%s", mount, name);
    if (length < 0 || (size_t)length >= sizeof folder)
        folder[top] = '\0';
    for (;;) {
        limit = smaller_limit(limit, read_limit(folder, file));
        if (strlen(folder) <= top)
            return limit;
        *strrchr(folder, '/') = '\0';
    }
}

/* Is "memory" among the controllers "cpu,memory"? */
static bool has_memory(const char *controllers)
{
    for (const char *at = controllers; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        if (strcspn(at, ",") == 6 && memcmp(at, "memory", 6) == 0)
            return true;
    return false;
}

/* A line "0::/group" (version 2) or "7:cpu,memory:/group" (version 1) of /proc/self/cgroup. */
static size_t limit_of_line(const char *root, char *line)
{
    char mount[MOST_PATH / 2];
    char *controllers = strchr(line, ':'), *name = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!name || name[1] != '/')
        return 0;
    *name++ = '\0';
    controllers++;
    bool second = *controllers == '\0';
    if (!second && !has_memory(controllers))
        return 0;
    snprintf(mount, sizeof mount, "%.1024s/sys/fs/cgroup%s", root, second ? "" : "/memory");
    return limit_upwards(mount, name, second ? "memory.max" : "memory.limit_in_bytes");
}

size_t thor_machine_group_limit(const char *root)
{
    char path[MOST_PATH], *text, *rest;
    size_t count, limit = 0;
    snprintf(path, sizeof path, "%.1024s/proc/self/cgroup", root);
    if (thor_read_file(path, MOST_LIST, &text, &count, NULL) != THOR_OK)
        return 0;
    rest = text;
    for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL;)
        limit = smaller_limit(limit, limit_of_line(root, line));
    free(text);
    return limit;
}

/* ---- memory ---- */

size_t thor_machine_memory(void)
{
    size_t physical = physical_memory(), limit = thor_machine_group_limit("");
    return smaller_limit(physical, limit);
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

void thor_machine_forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file)
        return;
    fputs("5", file);
    fclose(file);
}
