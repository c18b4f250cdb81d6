#include "file/checksums.h"

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
    return stat(path, &facts) == 0;
}

/* Appends the line of one file, or nothing where the file is not there. */
static thor_status add_line(char *text, size_t room, const char *folder, const char *name, thor_error *error)
{
    char hex[HEX + 1], *path = thor_path(folder, name);
    size_t used = strlen(text);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = THOR_OK;
    if (is_there(path)) {
        status = hash_file(hex, path, error);
        if (status == THOR_OK)
            snprintf(text + used, room - used, "%s  %s\n", hex, name);
    }
    free(path);
    return status;
}

thor_status thor_checksums_write(const char *folder, const char *const *names, size_t count, thor_error *error)
{
    size_t room = 1;
    for (size_t i = 0; i < count; i++)
        room += HEX + 3 + strlen(names[i]);
    char *text = calloc(room, 1), *path = thor_path(folder, file_name);
    thor_status status = text && path ? THOR_OK
                                      : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its checksums", folder);
    for (size_t i = 0; i < count && status == THOR_OK; i++)
        status = add_line(text, room, folder, names[i], error);
    if (status == THOR_OK)
        status = thor_write_file(path, text, strlen(text), error);
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
    char *path = thor_path(c->folder, name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", c->folder);
    thor_status status = THOR_OK;
    if (!is_there(path)) {
        complain(c, name, "is missing");
    } else {
        status = hash_file(hex, path, error);
        if (status == THOR_OK && strncmp(hex, line, HEX) != 0)
            complain(c, name, "has another content than when SHA256SUMS was written");
    }
    free(path);
    return status;
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
            return thor_fail(error, THOR_E_FORMAT, "%s:%d: '%.80s' is no line of sha256sum: expected 64 hexadecimal "
                             "digits, two blanks and a name", path, number, line);
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
