/* What this machine offers. */
#ifndef THOR_BASE_MACHINE_H
#define THOR_BASE_MACHINE_H

#include <stddef.h>

/* Bytes of memory that this process may hope for: physical memory, or the limit of its control group where that is
 * less. 0 where the system does not say. */
size_t thor_machine_memory(void);

/* The least limit of this process's control group and of the groups above it, version 2 (memory.max) or 1
 * (memory.limit_in_bytes), in bytes; 0: none. `root` stands before /proc and /sys: "" but in tests. */
size_t thor_machine_group_limit(const char *root);

/* The most memory that this process ever had resident, in bytes. 0 where the system does not say. */
size_t thor_machine_peak(void);

/* Lets that be counted from now on, where the system can (Linux). */
void thor_machine_forget_peak(void);

#endif
