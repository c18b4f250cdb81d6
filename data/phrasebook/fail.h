/* The one way out when something is wrong: a line for a person, and the end of the program. */
#ifndef THOR_PHRASEBOOK_FAIL_H
#define THOR_PHRASEBOOK_FAIL_H

#if defined(__GNUC__)
#define FAIL_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define FAIL_PRINTF(string, first)
#endif

/* "FILE:LINE: what is wrong", without the line where it is 0; exit status 1. */
_Noreturn void fail(const char *file, long line, const char *format, ...) FAIL_PRINTF(3, 4);

/* "what 'argument' (try --help)"; exit status 2. */
_Noreturn void fail_usage(const char *what, const char *argument);

#endif
