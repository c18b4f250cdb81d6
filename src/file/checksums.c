#include "file/checksums.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "base/hash.h"

enum { HEX = 64, MOST_BYTES = 1 << 16 };

static const char file_name[] = "SHA256SUMS";

static thor_status hash_file(char hex[HEX + 1], const char *path, thor_error *error)
{
    thor_map map;
    thor_sha256 hash;
    thor_status status = thor_map_open(&map, path, error);
    if (status == THOR_OK) {
        thor_sha256_start(&hash);
        thor_sha256_add(&hash, map.bytes, map.count);
        thor_sha256_hex(&hash, hex);
    }
    thor_map_close(&map);
    return status;
}

static bool is_there(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 || errno != ENOENT;
}

thor_status thor_checksums_of(char hex[HEX + 1], const char *folder, const char *name, thor_error *error)
{
    char *path = thor_path(folder, name);
    hex[0] = '\0';
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = is_there(path) ? hash_file(hex, path, error) : THOR_OK;
    free(path);
    return status;
}

thor_status thor_checksums_write(const char *folder, const char *const *names, size_t count, thor_error *error)
{
    size_t room = 1, used = 0;
    for (size_t i = 0; i < count; i++)
        room += HEX + 3 + strlen(names[i]);
    char hex[HEX + 1], *text = calloc(room, 1), *path = thor_path(folder, file_name);
    thor_status status = text && path ? THOR_OK
                                      : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its checksums", folder);
    for (size_t i = 0; i < count && status == THOR_OK; i++) {
        status = thor_checksums_of(hex, folder, names[i], error);
        if (status == THOR_OK && hex[0])
            used += (size_t)snprintf(text + used, room - used, "%s  %s\n", hex, names[i]);
    }
    if (status == THOR_OK)
        status = thor_write_file(path, text, used, error);
    free(text);
    free(path);
    return status;
}

/* ---- checking -------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *folder;
    thor_checksum_visitor *visit;
    void *context;
    size_t *wrong;
} checker;

static void complain(const checker *c, const char *name, const char *what)
{
    ++*c->wrong;
    c->visit(c->context, name, what);
}

/* "HEX  NAME" or "HEX *NAME". */
static bool well_formed(const char *line)
{
    size_t length = strlen(line);
    return length > HEX + 2 && strspn(line, "0123456789abcdef") == HEX && line[HEX] == ' ' &&
           (line[HEX + 1] == ' ' || line[HEX + 1] == '*') && !strchr(line + HEX + 2, '/');
}

static thor_status check_line(const checker *c, const char *line, thor_error *error)
{
    char hex[HEX + 1];
    const char *name = line + HEX + 2;
    THOR_TRY(thor_checksums_of(hex, c->folder, name, error));
    if (!hex[0])
        complain(c, name, "is missing");
    else if (memcmp(hex, line, HEX) != 0)
        complain(c, name, "has another content than when SHA256SUMS was written");
    return THOR_OK;
}

static thor_status check_lines(const checker *c, const char *path, char *text, thor_error *error)
{
    int number = 0;
    for (char *line = text, *next; *line; line = next) {
        char *end = strchr(line, '\n');
        next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        number++;
        if (!well_formed(line))
            return thor_fail(error, THOR_E_FORMAT, "%s:%d: '%.80s' is not a line of sha256sum(1): expected 64 "
                             "hexadecimal digits, two blanks and a name", path, number, line);
        THOR_TRY(check_line(c, line, error));
    }
    return THOR_OK;
}

thor_status thor_checksums_check(const char *folder, thor_checksum_visitor *visit, void *context, size_t *wrong,
                                 thor_error *error)
{
    checker c = { folder, visit, context, wrong };
    char *text, *path = thor_path(folder, file_name);
    size_t count;
    *wrong = 0;
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = thor_read_file(path, MOST_BYTES, &text, &count, error);
    if (status == THOR_OK) {
        status = check_lines(&c, path, text, error);
        free(text);
    }
    free(path);
    return status;
}

/* ---- some files -------------------------------------------------------------------------------------------------- */

/* The 64 digits before two blanks and `name`, or NULL. */
static const char *find_line(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if ((size_t)(end - line) == HEX + 2 + length && strspn(line, "0123456789abcdef") == HEX &&
            memcmp(line + HEX, "  ", 2) == 0 && memcmp(line + HEX + 2, name, length) == 0)
            return line;
    return NULL;
}

static thor_status compare_once(const thor_checksums *sums, const char *name, thor_error *error)
{
    char hex[HEX + 1];
    const char *folder = sums->folder, *line = sums->text ? find_line(sums->text, name) : NULL;
    if (!sums->text)
        return THOR_OK;
    if (!line)
        return thor_fail(error, THOR_E_FORMAT, "%s/%s: has no line for %s: the file is damaged; take another "
                         "checkpoint", folder, file_name, name);
    THOR_TRY(thor_checksums_of(hex, folder, name, error));
    if (hex[0] && memcmp(hex, line, HEX) != 0)
        return thor_fail(error, THOR_E_FORMAT, "%s/%s: its SHA-256 is %.12s…, but SHA256SUMS says %.12s…: it was "
                         "damaged or changed; take another checkpoint, or remove SHA256SUMS if the change was meant",
                         folder, name, hex, line);
    return THOR_OK;
}

thor_status thor_checksums_open(thor_checksums *sums, const char *folder, thor_error *error)
{
    size_t count;
    char *path = thor_path(folder, file_name);
    *sums = (thor_checksums){ .folder = folder };
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = is_there(path) ? thor_read_file(path, MOST_BYTES, &sums->text, &count, error) : THOR_OK;
    free(path);
    return status;
}

void thor_checksums_close(thor_checksums *sums)
{
    free(sums->text);
    *sums = (thor_checksums){ .folder = NULL };
}

thor_status thor_checksums_compare(thor_checksums *sums, const char *name, thor_error *error)
{
    const char *folder = sums->folder;
    thor_status status = compare_once(sums, name, error);
    if (status != THOR_E_FORMAT)
        return status;
    thor_checksums_close(sums);
    THOR_TRY(thor_checksums_open(sums, folder, error));
    return compare_once(sums, name, error);
}
