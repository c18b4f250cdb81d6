/* What a long job tells a person: messages, and progress as a live line on a terminal or a plain line every so often
 * elsewhere. One log belongs to one thread. */
#ifndef THOR_BASE_LOG_H
#define THOR_BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

typedef enum thor_log_level {
    THOR_LOG_QUIET = 0,     /* only warnings */
    THOR_LOG_NORMAL = 1,    /* and progress, and what a run does */
    THOR_LOG_DETAIL = 2     /* and what one asks for with --verbose */
} thor_log_level;

typedef struct thor_log {
    FILE *stream;           /* the caller's; standard error as a rule */
    thor_log_level level;
    bool live;              /* a terminal that can rewrite a line */
    bool open;              /* a live line stands there without its newline */
    double every;           /* seconds between two lines of progress */
    double next;            /* thor_seconds() from which the next line is due */
} thor_log;

/* A log to `stream`. A terminal is rewritten ten times a second; elsewhere a line of progress appears every 10
 * seconds. */
thor_log thor_log_make(FILE *stream, thor_log_level level);

/* One line, when the log's level is at least `level`. A live line is moved below it. */
void thor_log_say(thor_log *log, thor_log_level level, const char *format, ...) THOR_PRINTF(3, 4);

/* "warning: " and a line, at every level. */
void thor_log_warn(thor_log *log, const char *format, ...) THOR_PRINTF(2, 3);

/* Is a line of progress due? For callers to whom the line is work. */
bool thor_log_due(const thor_log *log);

/* Shows the line when it is due. */
void thor_log_progress(thor_log *log, const char *format, ...) THOR_PRINTF(2, 3);

/* Shows the line, due or not, and leaves it standing: the last one, or one to be kept. */
void thor_log_keep(thor_log *log, const char *format, ...) THOR_PRINTF(2, 3);

/* Ends a live line that still stands there. */
void thor_log_end(thor_log *log);

/* Seconds of a clock that only goes forward; its zero means nothing. */
double thor_seconds(void);

#endif
