/* What a killed run leaves beside a checkpoint: NAME.part-N half written, NAME.old-N moved away. */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/checkpoint.h"

/* The folder that holds `path`, and the name in it. */
static char *split(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    size_t length = slash ? (size_t)(slash - path) + 1 : 2;
    char *parent = malloc(length + 1);
    if (parent) {
        memcpy(parent, slash ? path : "./", length);
        parent[length] = '\0';
    }
    return parent;
}

/* Is `entry` made of `name`, `middle` and digits? */
static bool is_left(const char *entry, const char *name, const char *middle)
{
    size_t a = strlen(name), b = strlen(middle);
    return strncmp(entry, name, a) == 0 && strncmp(entry + a, middle, b) == 0 && entry[a + b] != '\0' &&
           strspn(entry + a + b, "0123456789") == strlen(entry + a + b);
}

static void tidy_entry(const char *parent, const char *entry, const char *path, const char *name)
{
    struct stat facts;
    char *full = thor_path(parent, entry);
    if (!full)
        return;
    if (is_left(entry, name, ".old-") && stat(path, &facts) != 0)
        (void)rename(full, path);
    else if (is_left(entry, name, ".old-") || is_left(entry, name, ".part-"))
        (void)thor_remove_folder(full, NULL);
    free(full);
}

void thor_checkpoint_tidy(const char *folder)
{
    const char *name;
    char *parent = split(folder, &name);
    DIR *stream = parent ? opendir(parent) : NULL;
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        tidy_entry(parent, entry->d_name, folder, name);
    if (stream)
        closedir(stream);
    free(parent);
}
