/* Recognises how a downloaded corpus is laid out, by the names of its folders and files alone. */
#include "data/bitext.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "data/format.h"
#include "text/unpack.h"

typedef struct names {
    char **items;
    int32_t count;
} names;

static void free_names(names *list)
{
    for (int32_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (names){ .items = NULL };
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Drops repeated names of a sorted list. */
static void keep_different(names *list)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < list->count; i++) {
        if (kept > 0 && strcmp(list->items[kept - 1], list->items[i]) == 0)
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

/* What is in a folder, in the order of strcmp, without hidden names; train.de.gz is called train.de. */
static thor_status list_folder(const char *folder, names *list, thor_error *error)
{
    DIR *directory = opendir(folder);
    if (!directory)
        return thor_fail_io(error, folder, "list it");
    thor_status status = THOR_OK;
    for (struct dirent *entry; status == THOR_OK && (entry = readdir(directory));)
        if (entry->d_name[0] != '.') {
            entry->d_name[thor_unpacked_name(entry->d_name)] = '\0';
            status = thor_prepared_add_name(&list->items, &list->count, entry->d_name, error);
        }
    closedir(directory);
    if (list->count > 0)
        qsort(list->items, (size_t)list->count, sizeof *list->items, by_name);
    keep_different(list);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static bool has(const names *list, const char *stem, const char *language)
{
    char name[256];
    snprintf(name, sizeof name, "%s.%s", stem, language);
    return bsearch(&(char *){ name }, list->items, (size_t)list->count, sizeof *list->items, by_name) != NULL;
}

/* The file that list_folder called `name`: the plain one where there are several, and where there is none, so that it
 * is missed when files are read. NULL without memory. */
static char *find_file(const char *folder, const char *name)
{
    size_t count;
    const thor_compression *compressions = thor_compressions(&count);
    struct stat found;
    char *plain = thor_path(folder, name), *packed = plain ? malloc(strlen(plain) + 8) : NULL;
    for (size_t i = 0; packed && stat(plain, &found) != 0 && i < count; i++) {
        sprintf(packed, "%s%s", plain, compressions[i].suffix);
        if (stat(packed, &found) == 0) {
            free(plain);
            return packed;
        }
    }
    free(packed);
    return plain;
}

/* Adds STEM.FIRST and STEM.SECOND when one of them is there, so that a side that is missing is noticed when files are
 * read. */
static thor_status add_split(thor_bitext *corpus, thor_split split, const char *folder, const names *files,
                             const char *stem, bool always, thor_error *error)
{
    thor_bitext_pair *pair = &corpus->pairs[corpus->pair_count - 1];
    if (!always && !has(files, stem, pair->language[0]) && !has(files, stem, pair->language[1]))
        return THOR_OK;
    char name[256];
    snprintf(name, sizeof name, "%s.%s", stem, pair->language[0]);
    char *first = find_file(folder, name);
    snprintf(name, sizeof name, "%s.%s", stem, pair->language[1]);
    char *second = find_file(folder, name);
    thor_status status = first && second ? thor_bitext_add_files(pair, split, first, second, error)
                                         : thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", name);
    free(first);
    free(second);
    return status;
}

/* ---- OPUS-100: PAIR/opus.PAIR-{train,dev,test}.LANGUAGE ---------------------------------------------------------- */

/* The pair in the name opus.PAIR-train.LANGUAGE, split into its two codes; false for any other name. */
static bool opus_pair(const char *file, char first[40], char second[40])
{
    int used = 0;
    return sscanf(file, "opus.%36[A-Za-z0-9_]-%36[A-Za-z0-9_]-train.%n", first, second, &used) == 2 && used > 0 &&
           (strcmp(file + used, first) == 0 || strcmp(file + used, second) == 0);
}

/* Adds the pair of one folder, if there is one. */
static thor_status add_opus_pair(thor_bitext *corpus, const char *folder, thor_error *error)
{
    static const char *const splits[THOR_SPLITS] = { "train", "dev", "test" };
    names files = { .items = NULL };
    char first[40], second[40], stem[128];
    thor_status status = list_folder(folder, &files, error);
    int32_t at = 0;
    while (status == THOR_OK && at < files.count && !opus_pair(files.items[at], first, second))
        at++;
    if (status == THOR_OK && at < files.count) {
        status = thor_bitext_add_pair(corpus, first, second, NULL, error);
        for (int split = 0; split < THOR_SPLITS && status == THOR_OK; split++) {
            snprintf(stem, sizeof stem, "opus.%s-%s-%s", first, second, splits[split]);
            status = add_split(corpus, (thor_split)split, folder, &files, stem, split == THOR_TRAIN, error);
        }
    }
    free_names(&files);
    return status;
}

static thor_status find_opus(thor_bitext *corpus, const char *folder, thor_error *error)
{
    names list = { .items = NULL };
    thor_status status = add_opus_pair(corpus, folder, error);
    if (status == THOR_OK && corpus->pair_count == 0)
        status = list_folder(folder, &list, error);
    for (int32_t i = 0; i < list.count && status == THOR_OK; i++) {
        char *path = thor_path(folder, list.items[i]);
        if (!path)
            status = thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", list.items[i]);
        else if (is_folder(path))
            status = add_opus_pair(corpus, path, error);
        free(path);
    }
    free_names(&list);
    return status;
}

/* ---- {train,dev,test}.LANGUAGE, in one folder or in a folder for each domain ------------------------------------- */

/* The first of `stems` (ends with NULL) that has a file in some language; NULL when none has. */
static const char *find_stem(const names *files, const char *const *stems)
{
    for (; *stems; stems++) {
        size_t length = strlen(*stems);
        for (int32_t i = 0; i < files->count; i++)
            if (strncmp(files->items[i], *stems, length) == 0 && files->items[i][length] == '.' &&
                !strchr(files->items[i] + length + 1, '.'))
                return *stems;
    }
    return NULL;
}

/* Languages: what follows "train." in the names of files that have a partner in dev or test (train.src has none). */
static thor_status find_languages(const names *files, const char *const stems[THOR_SPLITS], names *languages,
                                  thor_error *error)
{
    size_t length = strlen(stems[THOR_TRAIN]);
    for (int32_t i = 0; i < files->count; i++) {
        const char *language = files->items[i] + length + 1;
        if (strncmp(files->items[i], stems[THOR_TRAIN], length) != 0 || files->items[i][length] != '.' ||
            strchr(language, '.'))
            continue;
        bool held_out = stems[THOR_VALID] || stems[THOR_TEST];
        if (!held_out || (stems[THOR_VALID] && has(files, stems[THOR_VALID], language)) ||
            (stems[THOR_TEST] && has(files, stems[THOR_TEST], language)))
            THOR_TRY(thor_prepared_add_name(&languages->items, &languages->count, language, error));
    }
    return THOR_OK;
}

static bool is_english(const char *language)
{
    return strcmp(language, "en") == 0;
}

static thor_status add_flat_pairs(thor_bitext *corpus, const char *folder, const names *files, const names *languages,
                                  const char *const stems[THOR_SPLITS], const char *domain, bool all, thor_error *error)
{
    bool english = false;
    for (int32_t i = 0; i < languages->count; i++)
        english |= is_english(languages->items[i]);
    for (int32_t i = 0; i < languages->count; i++)
        for (int32_t j = i + 1; j < languages->count; j++) {
            if (english && !all && !is_english(languages->items[i]) && !is_english(languages->items[j]))
                continue;
            THOR_TRY(thor_bitext_add_pair(corpus, languages->items[i], languages->items[j], domain, error));
            for (int split = 0; split < THOR_SPLITS; split++)
                if (stems[split])
                    THOR_TRY(
                        add_split(corpus, (thor_split)split, folder, files, stems[split], split == THOR_TRAIN, error));
        }
    return THOR_OK;
}

/* What train, valid and test are called in a flat folder, and what they are called in this one; NULL: not there. */
static void find_stems(const names *files, const char *stems[THOR_SPLITS])
{
    static const char *const train[] = { "train", "train.full", NULL },
                             *const valid[] = { "dev", "valid", "val", NULL }, *const test[] = { "test", NULL };
    stems[THOR_TRAIN] = find_stem(files, train);
    stems[THOR_VALID] = find_stem(files, valid);
    stems[THOR_TEST] = find_stem(files, test);
}

static thor_status find_flat(thor_bitext *corpus, const char *folder, const char *domain, bool all, thor_error *error)
{
    names files = { .items = NULL }, languages = { .items = NULL };
    thor_status status = list_folder(folder, &files, error);
    const char *stems[THOR_SPLITS];
    find_stems(&files, stems);
    if (status == THOR_OK && stems[THOR_TRAIN])
        status = find_languages(&files, stems, &languages, error);
    if (status == THOR_OK)
        status = add_flat_pairs(corpus, folder, &files, &languages, stems, domain, all, error);
    free_names(&languages);
    free_names(&files);
    return status;
}

static thor_status find_domains(thor_bitext *corpus, const char *folder, bool all, thor_error *error)
{
    names list = { .items = NULL };
    thor_status status = list_folder(folder, &list, error);
    for (int32_t i = 0; i < list.count && status == THOR_OK; i++) {
        char *path = thor_path(folder, list.items[i]);
        if (!path)
            status = thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", list.items[i]);
        else if (is_folder(path))
            status = find_flat(corpus, path, list.items[i], all, error);
        free(path);
    }
    free_names(&list);
    return status;
}

/* ---- no layout -------------------------------------------------------------------------------------------------- */

/* A file of valid or test without its partner in train; NULL: none. */
static const char *find_lonely(const names *files, const char *const stems[THOR_SPLITS], const char **language)
{
    for (int split = THOR_VALID; split <= THOR_TEST; split++)
        for (int32_t i = 0; stems[split] && i < files->count; i++) {
            size_t length = strlen(stems[split]);
            *language = files->items[i] + length + 1;
            if (strncmp(files->items[i], stems[split], length) == 0 && files->items[i][length] == '.' &&
                !strchr(*language, '.') && !(stems[THOR_TRAIN] && has(files, stems[THOR_TRAIN], *language)))
                return files->items[i];
        }
    return NULL;
}

/* Says what is missing where `folder` looks like train.LANGUAGE and so on, else which layouts are known. */
static thor_status fail_layout(const char *folder, thor_error *error)
{
    names files = { .items = NULL };
    const char *stems[THOR_SPLITS], *language;
    thor_status status = list_folder(folder, &files, error);
    find_stems(&files, stems);
    const char *train = stems[THOR_TRAIN], *lonely = find_lonely(&files, stems, &language);
    if (status == THOR_OK && lonely)
        status = thor_fail(error, THOR_E_FORMAT, "%s: %s is there, but no %s.%s: a side of the text to train on is "
                           "missing; add it, or give a manifest (thor-prepare(1))", folder, lonely,
                           train ? train : "train", language);
    else if (status == THOR_OK && train)
        status = thor_fail(error, THOR_E_FORMAT, "%s: only one side of %s.LANGUAGE is there; expected two languages or "
                           "more, or give a manifest (thor-prepare(1))", folder, train);
    else if (status == THOR_OK)
        status = thor_fail(error, THOR_E_FORMAT, "%s: no corpus of a known layout; expected "
                           "PAIR/opus.PAIR-train.LANGUAGE (OPUS-100), DOMAIN/train.LANGUAGE or train.LANGUAGE, or give "
                           "a manifest (thor-prepare(1))", folder);
    free_names(&files);
    return status;
}

/* ---- all layouts ------------------------------------------------------------------------------------------------- */

thor_status thor_bitext_find(thor_bitext *corpus, const char *folder, bool all, thor_error *error)
{
    static const char *const places[] = { "", "supervised", "v1.0/supervised", "opus-100-corpus/v1.0/supervised" };
    *corpus = (thor_bitext){ .pairs = NULL };
    if (!is_folder(folder))
        return thor_fail(error, THOR_E_IO,
                         "%s: %s; expected the folder of a corpus, or a manifest whose name ends in .json",
                         folder, errno == ENOENT ? "no such folder" : "not a folder");
    for (size_t i = 0; i < sizeof places / sizeof *places && corpus->pair_count == 0; i++) {
        char *path = *places[i] ? thor_path(folder, places[i]) : NULL;
        thor_status status = THOR_OK;
        if (!*places[i] || (path && is_folder(path)))
            status = find_opus(corpus, path ? path : folder, error);
        free(path);
        THOR_TRY(status);
    }
    if (corpus->pair_count == 0)
        THOR_TRY(find_flat(corpus, folder, NULL, all, error));
    if (corpus->pair_count == 0)
        THOR_TRY(find_domains(corpus, folder, all, error));
    return corpus->pair_count > 0 ? THOR_OK : fail_layout(folder, error);
}
