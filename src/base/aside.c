#include "base/aside.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

/* Where the system has no such file, the rest has to do. */
static void add_chance(thor_sha256 *hash)
{
    unsigned char bytes[16];
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, bytes, sizeof bytes) : 0;
    if (got > 0)
        thor_sha256_add(hash, bytes, (size_t)got);
    if (file >= 0)
        close(file);
}

static uint64_t draw(void)
{
    thor_sha256 hash;
    char host[256] = "", hex[65], *end;
    struct timespec now = { .tv_sec = 0 };
    long process = (long)getpid();
    (void)gethostname(host, sizeof host - 1);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, host, strlen(host));
    thor_sha256_add(&hash, &process, sizeof process);
    thor_sha256_add(&hash, &now.tv_sec, sizeof now.tv_sec);
    thor_sha256_add(&hash, &now.tv_nsec, sizeof now.tv_nsec);
    add_chance(&hash);
    thor_sha256_hex(&hash, hex);
    hex[16] = '\0';
    return (uint64_t)strtoull(hex, &end, 16);
}

char *thor_aside_name(const char *path, const char *kind)
{
    size_t room = strlen(path) + strlen(kind) + 32;
    char *name = malloc(room);
    if (name)
        snprintf(name, room, "%s.%s-%llu", path, kind, (unsigned long long)draw());
    return name;
}
