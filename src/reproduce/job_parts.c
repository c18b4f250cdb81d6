#include "reproduce/job_parts.h"

#include "base/fileio.h"

thor_status thor_job_file(char **path, const thor_job *job, const char *name, thor_error *error)
{
    *path = thor_path(job->folder, name);
    return *path ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for a name in %s", job->folder);
}

bool thor_job_should_stop(const thor_job *job)
{
    const thor_reproduce_listener *listener = &job->reproduction->listener;
    return listener->should_stop && listener->should_stop(listener->context);
}
