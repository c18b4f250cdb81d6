#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

thor_lock thor_lock_take(int file)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(file, F_SETLK, &lock) == 0)
        return THOR_LOCK_TAKEN;
    return errno == EACCES || errno == EAGAIN ? THOR_LOCK_BUSY : THOR_LOCK_ABSENT;
}

long thor_lock_owner(int file)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? (long)lock.l_pid : 0;
}
