/* How large the caches are. */
#ifndef THOR_SIMD_CACHE_H
#define THOR_SIMD_CACHE_H

#include <stdint.h>

typedef struct thor_caches {
    int64_t l2_bytes;           /* second level of one core */
    int64_t l3_share;           /* third level over the hardware threads that share it; 0: none, or nobody tells */
} thor_caches;

/* What the system tells: Linux's /sys, else sysconf; for the second level a guess of 512 KiB where neither does. */
thor_caches thor_caches_ask(void);

/* The same from another root than /sys/devices/system/cpu: ROOT/cpu0/cache/index*. 0 for what is not there. */
thor_caches thor_caches_read(const char *root);

#endif
