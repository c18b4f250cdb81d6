#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXIT_BAD = 1, EXIT_USAGE = 2 };

_Noreturn void fail(const char *file, long line, const char *format, ...)
{
    if (line > 0)
        fprintf(stderr, "phrasebook-compose: %s:%ld: ", file, line);
    else
        fprintf(stderr, "phrasebook-compose: %s: ", file);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_BAD);
}

_Noreturn void fail_usage(const char *what, const char *argument)
{
    fprintf(stderr, "phrasebook-compose: %s '%s' (try --help)\n", what, argument);
    exit(EXIT_USAGE);
}
