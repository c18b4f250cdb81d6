/* What a run tells its listener. */
#include <stdarg.h>

#include "base/log.h"
#include "cluster/agree.h"
#include "run/run_parts.h"

enum { SENTENCE = 2048 };

static void tell(void (*listen)(void *, const char *), void *context, const char *format, va_list arguments)
{
    char sentence[SENTENCE];
    if (!listen)
        return;
    vsnprintf(sentence, sizeof sentence, format, arguments);
    listen(context, sentence);
}

void thor_run_say(const thor_run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(run->listener.say, run->listener.context, format, arguments);
    va_end(arguments);
}

void thor_run_warn(const thor_run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(run->listener.warn, run->listener.context, format, arguments);
    va_end(arguments);
}

bool thor_run_should_stop(const thor_run *run)
{
    return run->listener.should_stop && run->listener.should_stop(run->listener.context);
}

bool thor_run_agree_to_stop(const thor_run *run)
{
    return thor_cluster_any(run->options->cluster, thor_run_should_stop(run));
}

double thor_run_seconds(const thor_run *run)
{
    return run->seconds_before + (thor_seconds() - run->started);
}
