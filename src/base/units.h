/* Bytes and times as people read and write them. */
#ifndef THOR_BASE_UNITS_H
#define THOR_BASE_UNITS_H

/* "1.4 GiB" of a number of bytes. Returns `text`. */
char *thor_bytes_text(char text[32], double bytes);

/* "1h02m", "12m30s", "45s". Returns `text`. */
char *thor_duration_text(char text[32], double seconds);

/* Seconds of "90", "90s", "40m", "1h30m"; negative when it is none. */
double thor_duration_parse(const char *text);

#endif
