#include "data/claim.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/lock.h"

/* Is the open file still the one that the path names? Its last owner removes it. */
static bool is_current(const thor_claim *claim)
{
    struct stat open_file, named;
    return fstat(claim->file, &open_file) == 0 && stat(claim->path, &named) == 0 && open_file.st_dev == named.st_dev &&
           open_file.st_ino == named.st_ino;
}

static thor_status refuse(thor_claim *claim, const char *path, thor_error *error)
{
    long process = thor_lock_owner(claim->file);
    char owner[48] = "another process";
    if (process > 0)
        snprintf(owner, sizeof owner, "process %ld", process);
    close(claim->file);
    free(claim->path);
    *claim = (thor_claim){ .path = NULL };
    return thor_fail(error, THOR_E_FAILED, "%s: %s is writing this folder; wait for it, or name another folder", path,
                     owner);
}

thor_status thor_claim_take(thor_claim *claim, const char *path, thor_error *error)
{
    claim->path = malloc(strlen(path) + sizeof ".lock");
    if (!claim->path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", path);
    sprintf(claim->path, "%s.lock", path);
    for (;;) {
        claim->file = open(claim->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (claim->file < 0) {
            thor_status status = thor_fail_io(error, claim->path, "make the lock file");
            free(claim->path);
            claim->path = NULL;
            return status;
        }
        thor_lock lock = thor_lock_take(claim->file);
        claim->unlocked = lock == THOR_LOCK_ABSENT;
        if (lock == THOR_LOCK_BUSY)
            return refuse(claim, path, error);
        if (is_current(claim))
            return THOR_OK;
        close(claim->file);
    }
}

void thor_claim_release(thor_claim *claim)
{
    if (!claim->path)
        return;
    unlink(claim->path);
    close(claim->file);
    free(claim->path);
    *claim = (thor_claim){ .path = NULL };
}
