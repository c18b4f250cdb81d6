#define _XOPEN_SOURCE 700       /* realpath */
#include "base/fileio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aside.h"

thor_status thor_fail_io(thor_error *error, const char *path, const char *doing)
{
    int code = errno;
    char reason[128];
    if (strerror_r(code, reason, sizeof reason) != 0)
        snprintf(reason, sizeof reason, "error %d", code);
    const char *hint = "";
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        hint = "; make room or choose another place";
    else if (code == ENOENT)
        hint = "; check the name";
    else if (code == EACCES || code == EPERM || code == EROFS)
        hint = "; check the permissions or choose another place";
    return thor_fail(error, code == ENOMEM ? THOR_E_MEMORY : THOR_E_IO, "%s: cannot %s: %s%s", path, doing, reason,
                     hint);
}

static char *joined(const char *a, const char *b, const char *c)
{
    size_t room = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = malloc(room);
    if (text)
        snprintf(text, room, "%s%s%s", a, b, c);
    return text;
}

char *thor_path(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    return joined(folder, length == 0 || folder[length - 1] == '/' ? "" : "/", name);
}

/* ---- writing ---- */

static void forget(thor_output *output)
{
    free(output->path);
    free(output->aside);
    *output = (thor_output){ .stream = NULL };
}

/* Where the bytes have to end up: behind a symbolic link, so that the link survives. */
static char *final_name(const char *path)
{
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode)) {
        char *real = realpath(path, NULL);
        if (real)
            return real;
    }
    return joined(path, "", "");
}

/* A new file with a name that nobody has; -1 with errno. */
static int make_aside(thor_output *output)
{
    int file = -1;
    for (int i = 0; i < THOR_ASIDE_TRIES && (i == 0 || errno == EEXIST) && file < 0; i++) {
        free(output->aside);
        output->aside = thor_aside_name(output->path, "part");
        file = output->aside ? open(output->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    }
    return file;
}

/* Errors name the file that was asked for, not the one beside it. */
static thor_status open_stream(thor_output *output, int file, mode_t mode, thor_error *error)
{
    if (file < 0)
        return thor_fail_io(error, output->path, "open it for writing");
    if (mode != 0)
        (void)fchmod(file, mode);
    output->stream = fdopen(file, "wb");
    if (output->stream)
        return THOR_OK;
    thor_status status = thor_fail_io(error, output->path, "open it for writing");
    close(file);
    if (output->aside)
        unlink(output->aside);
    return status;
}

thor_status thor_output_open(thor_output *output, const char *path, thor_error *error)
{
    *output = (thor_output){ .path = final_name(path) };
    if (!output->path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
    struct stat old;
    bool exists = stat(output->path, &old) == 0;
    thor_status status;
    if (exists && S_ISDIR(old.st_mode)) {
        status = thor_fail(error, THOR_E_IO, "%s: is a folder; expected the name of a file", path);
    } else if (exists && !S_ISREG(old.st_mode)) {
        /* A pipe or a device is written to; a file of that name beside it would take its place. */
        status = open_stream(output, open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY), 0, error);
    } else {
        status = open_stream(output, make_aside(output), exists ? old.st_mode & 07777 : 0, error);
    }
    if (status != THOR_OK)
        forget(output);
    return status;
}

/* A renamed file is only safe once its folder is written. Not every file system can do that, which is no failure. */
static void sync_parent(const char *path)
{
    char *folder = joined(path, "", "");
    if (!folder)
        return;
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int file = open(slash ? folder : ".", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
    free(folder);
}

/* An earlier write failed and its reason is gone. A regular file can be asked for more room, which meets the same
 * obstacle; on a pipe or a device nothing may be tried: somebody reads it. */
static int why_not(int file)
{
    int code = 0;
#if defined(_POSIX_ADVISORY_INFO) && _POSIX_ADVISORY_INFO > 0
    struct stat facts;
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode))
        code = posix_fallocate(file, facts.st_size, BUFSIZ);
#else
    (void)file;
#endif
    return code == ENOSPC || code == EFBIG || code == EDQUOT ? code : EIO;
}

bool thor_flush(FILE *stream)
{
    errno = 0;
    bool good = fflush(stream) == 0 && !ferror(stream);
    if (!good && errno == 0)
        errno = why_not(fileno(stream));
    return good;
}

/* Hands everything to the system, with `sync` to the disk; errno tells what went wrong. */
static bool flush_and_close(FILE *stream, bool sync)
{
    bool good = thor_flush(stream);
    int code = errno;
    if (good && sync && fsync(fileno(stream)) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS) {
        good = false;
        code = errno;
    }
    if (fclose(stream) != 0 && good) {
        good = false;
        code = errno;
    }
    errno = code;
    return good;
}

static thor_status commit(thor_output *output, bool sync, thor_error *error)
{
    thor_status status = THOR_OK;
    bool written = flush_and_close(output->stream, sync);
    output->stream = NULL;
    if (!written)
        status = thor_fail_io(error, output->path, "write it");
    else if (output->aside && rename(output->aside, output->path) != 0)
        status = thor_fail_io(error, output->path, "give it its name");
    if (output->aside && status != THOR_OK)
        unlink(output->aside);
    if (output->aside && status == THOR_OK && sync)
        sync_parent(output->path);
    forget(output);
    return status;
}

thor_status thor_output_commit(thor_output *output, thor_error *error)
{
    return commit(output, true, error);
}

thor_status thor_output_commit_unsynced(thor_output *output, thor_error *error)
{
    return commit(output, false, error);
}

void thor_output_abandon(thor_output *output)
{
    if (output->stream) {
        fclose(output->stream);
        if (output->aside)
            unlink(output->aside);
    }
    forget(output);
}

thor_status thor_write_file(const char *path, const void *bytes, size_t count, thor_error *error)
{
    thor_output output;
    THOR_TRY(thor_output_open(&output, path, error));
    fwrite(bytes, 1, count, output.stream);
    return thor_output_commit(&output, error);
}

/* ---- reading ---- */

/* Reads to the end into memory that grows as bytes arrive, whatever size the file claims. */
static thor_status read_all(int file, const char *path, size_t most, size_t expected, char **bytes, size_t *count,
                            thor_error *error)
{
    size_t room = expected < most ? expected : most, used = 0;
    char *memory = NULL;
    for (;;) {
        if (!memory || used > room) {
            room = !memory ? room : (room < most / 2 ? 2 * room + 4096 : most);
            char *more = room < SIZE_MAX - 1 ? realloc(memory, room + 2) : NULL;
            if (!more) {
                free(memory);
                return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its %zu bytes", path, room);
            }
            memory = more;
        }
        ssize_t got = read(file, memory + used, room + 1 - used);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            thor_status status = thor_fail_io(error, path, "read it");
            free(memory);
            return status;
        }
        used += (size_t)got;
        if (used > most) {
            free(memory);
            return thor_fail(error, THOR_E_FORMAT, "%s: more than %zu bytes; expected at most that many here", path,
                             most);
        }
    }
    memory[used] = '\0';
    *bytes = memory;
    *count = used;
    return THOR_OK;
}

thor_status thor_read_file(const char *path, size_t most, char **bytes, size_t *count, thor_error *error)
{
    *bytes = NULL;
    *count = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return thor_fail_io(error, path, "open it");
    struct stat facts;
    thor_status status;
    if (fstat(file, &facts) != 0)
        status = thor_fail_io(error, path, "ask for its size");
    else if (S_ISDIR(facts.st_mode))
        status = thor_fail(error, THOR_E_IO, "%s: is a folder; expected a file", path);
    else if (S_ISREG(facts.st_mode) && (uintmax_t)facts.st_size > most)
        status = thor_fail(error, THOR_E_FORMAT, "%s: %jd bytes; expected at most %zu here", path,
                           (intmax_t)facts.st_size, most);
    else
        status = read_all(file, path, most, facts.st_size > 0 ? (size_t)facts.st_size : 4096, bytes, count, error);
    close(file);
    return status;
}

static const unsigned char nothing[1] = { 0 };

static thor_status map_file(thor_map *map, int file, const char *path, thor_error *error)
{
    struct stat facts;
    if (fstat(file, &facts) != 0)
        return thor_fail_io(error, path, "ask for its size");
    if (!S_ISREG(facts.st_mode))
        return thor_fail(error, THOR_E_IO, "%s: is not a regular file; only those can be mapped", path);
    if ((uintmax_t)facts.st_size > SIZE_MAX)
        return thor_fail(error, THOR_E_MEMORY, "%s: %jd bytes are more than this machine can address", path,
                         (intmax_t)facts.st_size);
    size_t count = (size_t)facts.st_size;
    if (count == 0) {
        *map = (thor_map){ .bytes = nothing };
        return THOR_OK;
    }
    void *bytes = mmap(NULL, count, PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        return thor_fail_io(error, path, "map it");
    *map = (thor_map){ .bytes = bytes, .count = count };
    return THOR_OK;
}

thor_status thor_map_open(thor_map *map, const char *path, thor_error *error)
{
    *map = (thor_map){ .bytes = NULL };
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return thor_fail_io(error, path, "open it");
    thor_status status = map_file(map, file, path, error);
    close(file);
    return status;
}

void thor_map_close(thor_map *map)
{
    /* mmap's own pointer comes back: it was only made const for the readers. */
    if (map->count > 0)
        munmap((void *)(uintptr_t)map->bytes, map->count);
    *map = (thor_map){ .bytes = NULL };
}
