#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fileio.h"
#include "file/checksums.h"

enum { MOST_PATH = 1024, MOST_FILES = 32 };

static char own[MOST_PATH / 4];         /* this process's folder */

static void give_up(const char *what)
{
    fprintf(stderr, "fuzz: %s\n", what);
    exit(2);
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char inner[MOST_PATH];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            remove_folder(inner);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

static void remove_own(void)
{
    remove_folder(own);
}

static const char *own_folder(void)
{
    if (!own[0]) {
        const char *top = getenv("TMPDIR");
        snprintf(own, sizeof own, "%.200s/thor-fuzz-XXXXXX", top ? top : "/tmp");
        if (!mkdtemp(own))
            give_up("no folder for files; set TMPDIR");
        atexit(remove_own);
    }
    return own;
}

static void write_bytes(const char *path, const void *data, size_t size)
{
    FILE *stream = fopen(path, "wb");
    if (!stream || fwrite(data, 1, size, stream) != size || fclose(stream) != 0)
        give_up("a file of the input could not be written");
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
    static char path[MOST_PATH];
    snprintf(path, sizeof path, "%s/%s", own_folder(), name);
    write_bytes(path, data, size);
    return path;
}

static void template_path(char path[MOST_PATH], const char *name)
{
    const char *seeds = getenv("THOR_FUZZ_SEEDS");
    if (!seeds)
        give_up("THOR_FUZZ_SEEDS is not set; it names the folder that tests/fuzz/seeds.sh made");
    snprintf(path, MOST_PATH, "%.700s/templates/%s", seeds, name);
}

const void *fuzz_template(const char *name, size_t *size)
{
    static char *bytes, *held;
    static size_t count;
    char path[MOST_PATH];
    thor_error error;
    if (!held || strcmp(held, name) != 0) {
        free(held);
        free(bytes);
        held = strdup(name);
        template_path(path, name);
        if (thor_read_file(path, 1 << 28, &bytes, &count, &error) != THOR_OK)
            give_up(error.text);
    }
    *size = count;
    return bytes;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The plain files of a folder in the order of their names. */
static size_t list_files(const char *path, char *names[MOST_FILES])
{
    size_t count = 0;
    DIR *folder = opendir(path);
    if (!folder)
        give_up("a template folder is missing; run tests/fuzz/seeds.sh");
    for (struct dirent *entry; (entry = readdir(folder)) && count < MOST_FILES;)
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    return count;
}

static void link_file(const char *from, const char *to)
{
    char *bytes;
    size_t count;
    unlink(to);
    if (link(from, to) == 0)
        return;
    if (thor_read_file(from, 1 << 28, &bytes, &count, NULL) != THOR_OK)
        give_up("a template cannot be read");
    write_bytes(to, bytes, count);
    free(bytes);
}

const char *fuzz_folder(const char *name, const uint8_t *data, size_t size)
{
    static char folder[MOST_PATH];
    char from[MOST_PATH], *names[MOST_FILES];
    if (size < 1)
        return NULL;
    template_path(from, name);
    snprintf(folder, sizeof folder, "%s/%s", own_folder(), name);
    mkdir(folder, 0700);
    size_t count = list_files(from, names), chosen = data[0] % count;
    bool sums = false;
    for (size_t i = 0; i < count; i++) {
        char source[2 * MOST_PATH], target[2 * MOST_PATH];
        snprintf(source, sizeof source, "%s/%s", from, names[i]);
        snprintf(target, sizeof target, "%s/%s", folder, names[i]);
        unlink(target);
        if (i == chosen)
            write_bytes(target, data + 1, size - 1);
        else
            link_file(source, target);
        sums = sums || (i != chosen && strcmp(names[i], "SHA256SUMS") == 0);
    }
    if (sums) {
        char target[2 * MOST_PATH];
        const char *others[MOST_FILES];
        size_t kept = 0;
        for (size_t i = 0; i < count; i++)
            if (strcmp(names[i], "SHA256SUMS") != 0)
                others[kept++] = names[i];
        snprintf(target, sizeof target, "%s/SHA256SUMS", folder);
        unlink(target);
        thor_checksums_write(folder, others, kept, NULL);
    }
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    return folder;
}
