#include "simd/cache.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CACHES = 16 };

static const char system_root[] = "/sys/devices/system/cpu";
static const int64_t guess = 512 * 1024, smallest_l2 = 128 * 1024, largest_l2 = 64 * 1024 * 1024;

/* The first line of ROOT/cpu0/cache/indexN/NAME. */
static bool read_line(char line[256], const char *root, int index, const char *name)
{
    char path[512];
    int length = snprintf(path, sizeof path, "%s/cpu0/cache/index%d/%s", root, index, name);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "r") : NULL;
    bool good = file && fgets(line, 256, file);
    if (file)
        fclose(file);
    if (good)
        line[strcspn(line, "\n")] = '\0';
    return good;
}

/* "512K", "32M"; 0 for anything else. */
static int64_t parse_size(const char *text)
{
    char *end;
    long long size = strtoll(text, &end, 10);
    int64_t unit = *end == 'K' ? 1 << 10 : *end == 'M' ? 1 << 20 : *end == '\0' ? 1 : 0;
    return size > 0 && size < INT32_MAX ? size * unit : 0;
}

/* How many numbers "0-3,8,10-11" names; 0 for anything else. */
static int64_t count_list(const char *text)
{
    int64_t count = 0;
    for (char *end;; text = end + 1) {
        long first = strtol(text, &end, 10), last = first;
        if (end == text)
            return 0;
        if (*end == '-') {
            text = end + 1;
            last = strtol(text, &end, 10);
        }
        if (end == text || first < 0 || last < first || last >= 1 << 20)
            return 0;
        count += last - first + 1;
        if (*end != ',')
            return *end == '\0' ? count : 0;
    }
}

/* The first core stands for all. */
thor_caches thor_caches_read(const char *root)
{
    thor_caches caches = { .l2_bytes = 0 };
    char level[256], type[256], size[256], sharers[256];
    for (int index = 0; index < MOST_CACHES && read_line(level, root, index, "level"); index++) {
        if (!read_line(type, root, index, "type") || strcmp(type, "Instruction") == 0 ||
            !read_line(size, root, index, "size"))
            continue;
        int64_t bytes = parse_size(size), threads = 0;
        if (strcmp(level, "2") == 0 && bytes >= smallest_l2 && bytes <= largest_l2)
            caches.l2_bytes = bytes;
        if (strcmp(level, "3") == 0 && read_line(sharers, root, index, "shared_cpu_list"))
            threads = count_list(sharers);
        if (threads > 0)
            caches.l3_share = bytes / threads;
    }
    return caches;
}

thor_caches thor_caches_ask(void)
{
    thor_caches caches = thor_caches_read(system_root);
#if defined(_SC_LEVEL2_CACHE_SIZE) && defined(_SC_LEVEL3_CACHE_SIZE)
    long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE), l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    if (caches.l2_bytes == 0 && l2 >= smallest_l2 && l2 <= largest_l2)
        caches.l2_bytes = l2;
    if (caches.l3_share == 0 && l3 > 0 && threads > 0)
        caches.l3_share = l3 / threads;
#endif
    if (caches.l2_bytes == 0)
        caches.l2_bytes = guess;
    return caches;
}
