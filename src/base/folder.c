/* Folders that appear whole: made, exchanged, removed. */
#if defined(__linux__)
#define _GNU_SOURCE             /* syscall */
#endif
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "base/aside.h"
#include "base/fileio.h"

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static thor_status make_one(const char *path, thor_error *error)
{
    if (mkdir(path, 0777) == 0)
        return THOR_OK;
    int code = errno;
    if (is_folder(path))
        return THOR_OK;
    errno = code;
    if (code == EEXIST)
        return thor_fail(error, THOR_E_IO, "%s: is a file; expected a folder, or a name that is free", path);
    return thor_fail_io(error, path, "make the folder");
}

thor_status thor_make_folder(const char *path, thor_error *error)
{
    char *part = thor_path("", path);
    if (!part)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
    thor_status status = THOR_OK;
    for (char *slash = part; *slash && (slash = strchr(slash + 1, '/')) != NULL && status == THOR_OK;) {
        *slash = '\0';
        status = make_one(part, error);
        *slash = '/';
    }
    if (status == THOR_OK)
        status = make_one(part, error);
    free(part);
    return status;
}

/* Not every file system can sync everything, which is no failure. */
static bool sync_open(int file)
{
    return fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
}

static bool sync_entry(int folder, const char *name)
{
    struct stat facts;
    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode))
        return true;
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && sync_open(file);
    int code = errno;
    if (file >= 0)
        close(file);
    errno = code;
    return good;
}

thor_status thor_sync_folder(const char *path, thor_error *error)
{
    DIR *stream = opendir(path);
    if (!stream)
        return thor_fail_io(error, path, "list it");
    thor_status status = THOR_OK;
    for (struct dirent *entry; status == THOR_OK && (entry = readdir(stream));)
        if (!sync_entry(dirfd(stream), entry->d_name))
            status = thor_fail_io(error, path, "bring its files onto the disk");
    if (status == THOR_OK && !sync_open(dirfd(stream)))
        status = thor_fail_io(error, path, "bring it onto the disk");
    closedir(stream);
    return status;
}

/* Removes `name` in the open folder `parent`. False with errno when something stays. */
static bool remove_entry(int parent, const char *name);

static bool remove_contents(int folder)
{
    DIR *stream = fdopendir(folder);
    if (!stream) {
        close(folder);
        return false;
    }
    bool good = true;
    struct dirent *entry;
    while (good && (entry = readdir(stream)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            good = remove_entry(dirfd(stream), entry->d_name);
    int code = errno;
    closedir(stream);
    errno = code;
    return good;
}

static bool remove_entry(int parent, const char *name)
{
    struct stat facts;
    if (fstatat(parent, name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT;
    if (!S_ISDIR(facts.st_mode))
        return unlinkat(parent, name, 0) == 0;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return folder >= 0 && remove_contents(folder) && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

thor_status thor_remove_folder(const char *path, thor_error *error)
{
    return remove_entry(AT_FDCWD, path) ? THOR_OK : thor_fail_io(error, path, "remove it");
}

/* Both names at once, so that no moment is without a folder of that name. Only where the system can. */
static bool exchange(const char *a, const char *b)
{
#if defined(__linux__) && defined(SYS_renameat2)
    const unsigned both = 2;    /* RENAME_EXCHANGE */
    return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, both) == 0;
#else
    (void)a;
    (void)b;
    return false;
#endif
}

static void sync_folder(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        (void)fsync(folder);
        close(folder);
    }
}

/* Moves what stands at `path` to `old` and `aside` to `path`; goes back when the second move fails. */
static thor_status move_in_two_steps(const char *aside, const char *path, const char *old, thor_error *error)
{
    if (rename(path, old) != 0)
        return thor_fail_io(error, path, "move the old one away");
    if (rename(aside, path) == 0)
        return THOR_OK;
    thor_status status = thor_fail_io(error, path, "give it its name");
    (void)rename(old, path);
    return status;
}

thor_status thor_replace_folder(const char *aside, const char *path, thor_error *error)
{
    sync_folder(aside);
    if (!is_folder(path)) {
        if (rename(aside, path) != 0)
            return thor_fail_io(error, path, "give it its name");
    } else if (exchange(aside, path)) {
        (void)thor_remove_folder(aside, NULL);
    } else {
        char *old = thor_aside_name(path, "old");
        if (!old)
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
        thor_status status = move_in_two_steps(aside, path, old, error);
        if (status == THOR_OK)
            (void)thor_remove_folder(old, NULL);
        free(old);
        THOR_TRY(status);
    }
    char *parent = thor_path(path, "..");
    if (parent)
        sync_folder(parent);
    free(parent);
    return THOR_OK;
}

/* ---- written aside ---------------------------------------------------------------------------------------------- */

static thor_status make_parent(const char *path, thor_error *error)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return THOR_OK;
    char *parent = strndup(path, (size_t)(slash - path));
    thor_status status = parent ? thor_make_folder(parent, error)
                                : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
    free(parent);
    return status;
}

/* A new folder with a name that nobody has, which the caller frees. */
static thor_status make_aside(char **aside, const char *path, thor_error *error)
{
    THOR_TRY(make_parent(path, error));
    for (int i = 0; i < THOR_ASIDE_TRIES; i++) {
        *aside = thor_aside_name(path, "part");
        if (!*aside)
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
        if (mkdir(*aside, 0777) == 0)
            return THOR_OK;
        int code = errno;
        free(*aside);
        *aside = NULL;
        errno = code;
        if (code != EEXIST)
            break;
    }
    return thor_fail_io(error, path, "make the folder");
}

static thor_status write_aside(const char *aside, const char *path, thor_folder_filler *fill, void *context,
                               thor_error *error)
{
    THOR_TRY(fill(context, aside, error));
    THOR_TRY(thor_sync_folder(aside, error));
    return thor_replace_folder(aside, path, error);
}

thor_status thor_folder_write(const char *path, thor_folder_filler *fill, void *context, thor_error *error)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    char *aside = NULL, *name = strndup(path, length);
    thor_status status = name ? make_aside(&aside, name, error)
                              : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
    if (status == THOR_OK)
        status = write_aside(aside, name, fill, context, error);
    if (status != THOR_OK && aside)
        (void)thor_remove_folder(aside, NULL);
    free(name);
    free(aside);
    return status;
}
