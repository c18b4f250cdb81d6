#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Back to the start, no wrapping (a long line would leave its beginning behind), and afterwards: erase the rest, wrap
 * again. */
#define LINE_BEGINS "\r\033[?7l"
#define LINE_ENDS "\033[K\033[?7h"

double thor_seconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

thor_log thor_log_make(FILE *stream, thor_log_level level)
{
    const char *terminal = getenv("TERM");
    bool live = isatty(fileno(stream)) && terminal && strcmp(terminal, "dumb") != 0;
    return (thor_log){ .stream = stream, .level = level, .live = live, .every = live ? 0.1 : 10 };
}

/* A message takes the live line's place; the next progress writes it anew below. */
static void clear_line(thor_log *log)
{
    if (log->open)
        fputs("\r\033[K", log->stream);
    log->open = false;
}

void thor_log_say(thor_log *log, thor_log_level level, const char *format, ...)
{
    if (level > log->level)
        return;
    clear_line(log);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log->stream, format, arguments);
    va_end(arguments);
    fputc('\n', log->stream);
    fflush(log->stream);
}

void thor_log_warn(thor_log *log, const char *format, ...)
{
    clear_line(log);
    fputs("warning: ", log->stream);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log->stream, format, arguments);
    va_end(arguments);
    fputc('\n', log->stream);
    fflush(log->stream);
}

bool thor_log_due(const thor_log *log)
{
    return log->level >= THOR_LOG_NORMAL && thor_seconds() >= log->next;
}

static void THOR_PRINTF(2, 0) show(thor_log *log, const char *format, va_list arguments)
{
    if (log->live)
        fputs(LINE_BEGINS, log->stream);
    vfprintf(log->stream, format, arguments);
    fputs(log->live ? LINE_ENDS : "\n", log->stream);
    fflush(log->stream);
    log->open = log->live;
    log->next = thor_seconds() + log->every;
}

void thor_log_progress(thor_log *log, const char *format, ...)
{
    if (!thor_log_due(log))
        return;
    va_list arguments;
    va_start(arguments, format);
    show(log, format, arguments);
    va_end(arguments);
}

void thor_log_keep(thor_log *log, const char *format, ...)
{
    if (log->level < THOR_LOG_NORMAL)
        return;
    va_list arguments;
    va_start(arguments, format);
    show(log, format, arguments);
    va_end(arguments);
    thor_log_end(log);
}

void thor_log_end(thor_log *log)
{
    if (!log->open)
        return;
    fputc('\n', log->stream);
    fflush(log->stream);
    log->open = false;
}
