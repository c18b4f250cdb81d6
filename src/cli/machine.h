/* What this machine offers. */
#ifndef THOR_CLI_MACHINE_H
#define THOR_CLI_MACHINE_H

#include <stddef.h>

/* Bytes of memory that this process may hope for: physical memory, or the control group's limit where that is
 * less. 0 where the system does not say. */
size_t thor_machine_memory(void);

/* The most memory that this process ever had resident, in bytes. 0 where the system does not say. */
size_t thor_machine_peak(void);

/* "1.4 GiB" of a number of bytes. Returns `text`. */
char *thor_bytes_text(char text[32], double bytes);

/* "1h02m", "12m30s", "45s". Returns `text`. */
char *thor_duration_text(char text[32], double seconds);

/* Seconds of "90", "90s", "40m", "1h30m"; negative when it is none. */
double thor_duration_parse(const char *text);

#endif
