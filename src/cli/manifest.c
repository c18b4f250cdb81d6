#include "cli/manifest.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/fileio.h"

enum { MOST_BYTES = 1 << 24 };

/* Where we are, for errors and relative paths. */
typedef struct place {
    const char *path; /* of the manifest */
    char *folder;
    size_t pair; /* from 0 */
} place;

static thor_status wrong(const place *at, const char *what, thor_error *error)
{
    return thor_fail(error, THOR_E_FORMAT, "%s: pairs[%zu]: %s (thor-prepare(1) has an example)", at->path, at->pair,
                     what);
}

/* What the corpus refuses is a fault of the manifest, a file, and not of the command line. */
static thor_status blame(const place *at, thor_status status, thor_error *error)
{
    if (status != THOR_E_USAGE)
        return status;
    thor_error found = *error;
    return thor_fail(error, THOR_E_FORMAT, "%s: %.900s", at->path, found.text);
}

/* Keys that nobody reads are typing errors. */
static thor_status check_keys(const place *at, json_t *object, const char *const *known, const char *where,
                              thor_error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return thor_fail(error, THOR_E_FORMAT, "%s: unknown key '%.64s' in %s", at->path, key, where);
    }
    return THOR_OK;
}

static bool is_text_pair(const json_t *value)
{
    return json_is_array(value) && json_array_size(value) == 2 && json_is_string(json_array_get(value, 0)) &&
           json_is_string(json_array_get(value, 1));
}

static char *full_path(const place *at, const char *name)
{
    if (name[0] != '/')
        return thor_path(at->folder, name);
    char *copy = malloc(strlen(name) + 1);
    return copy ? strcpy(copy, name) : NULL;
}

static thor_status add_files(const place *at, thor_bitext_pair *pair, thor_split split, const json_t *files,
                             thor_error *error)
{
    char *first = full_path(at, json_string_value(json_array_get(files, 0)));
    char *second = full_path(at, json_string_value(json_array_get(files, 1)));
    thor_status status = first && second ? thor_bitext_add_files(pair, split, first, second, error)
                                         : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its paths", at->path);
    free(first);
    free(second);
    return status;
}

/* ["a", "b"], or a list of such lists that are read one after another. */
static thor_status add_split(const place *at, thor_bitext_pair *pair, thor_split split, const json_t *value,
                             thor_error *error)
{
    if (is_text_pair(value))
        return add_files(at, pair, split, value, error);
    if (!json_is_array(value) || json_array_size(value) == 0)
        return wrong(at, "a split is [\"FILE\", \"FILE\"] or a list of such lists", error);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!is_text_pair(json_array_get(value, i)))
            return wrong(at, "a split is [\"FILE\", \"FILE\"] or a list of such lists", error);
        THOR_TRY(add_files(at, pair, split, json_array_get(value, i), error));
    }
    return THOR_OK;
}

static thor_status add_pair(const place *at, thor_bitext *corpus, json_t *object, thor_error *error)
{
    static const char *const keys[] = { "languages", "domain", "train", "valid", "test", NULL };
    if (!json_is_object(object))
        return wrong(at, "expected an object with languages, train, valid and test", error);
    THOR_TRY(check_keys(at, object, keys, "a pair", error));
    const json_t *languages = json_object_get(object, "languages"), *domain = json_object_get(object, "domain");
    if (!is_text_pair(languages))
        return wrong(at, "languages: expected two codes such as [\"de\", \"en\"]", error);
    if (domain && !json_is_string(domain))
        return wrong(at, "domain: expected a name", error);
    if (!json_object_get(object, "train"))
        return wrong(at, "train is missing", error);
    THOR_TRY(blame(at, thor_bitext_add_pair(corpus, json_string_value(json_array_get(languages, 0)),
                                            json_string_value(json_array_get(languages, 1)),
                                            json_string_value(domain), error), error));
    thor_bitext_pair *pair = &corpus->pairs[corpus->pair_count - 1];
    for (int split = 0; split < THOR_SPLITS; split++) {
        const json_t *value = json_object_get(object, keys[2 + split]);
        if (value)
            THOR_TRY(add_split(at, pair, (thor_split)split, value, error));
    }
    return THOR_OK;
}

static thor_status add_languages(const place *at, thor_bitext *corpus, const json_t *list, thor_error *error)
{
    if (!list)
        return THOR_OK;
    if (!json_is_array(list))
        return thor_fail(error, THOR_E_FORMAT, "%s: languages: expected a list of codes", at->path);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *code = json_array_get(list, i);
        if (!json_is_string(code))
            return thor_fail(error, THOR_E_FORMAT, "%s: languages[%zu]: expected a code such as \"de\"", at->path, i);
        THOR_TRY(blame(at, thor_bitext_add_language(corpus, json_string_value(code), error), error));
    }
    return THOR_OK;
}

static thor_status add_all(place *at, thor_bitext *corpus, json_t *root, thor_error *error)
{
    static const char *const keys[] = { "languages", "pairs", NULL };
    const json_t *pairs = json_object_get(root, "pairs");
    if (!json_is_object(root) || !json_is_array(pairs) || json_array_size(pairs) == 0)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: expected an object with a list of pairs (thor-prepare(1) has an example)",
                         at->path);
    THOR_TRY(check_keys(at, root, keys, "the manifest", error));
    THOR_TRY(add_languages(at, corpus, json_object_get(root, "languages"), error));
    for (at->pair = 0; at->pair < json_array_size(pairs); at->pair++)
        THOR_TRY(add_pair(at, corpus, json_array_get(pairs, at->pair), error));
    return json_object_get(root, "languages") ? blame(at, thor_bitext_settle(corpus, error), error) : THOR_OK;
}

/* "a/b/c.json": "a/b"; "c.json": "." */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 1;
    char *folder = malloc(length + 2);
    if (!folder)
        return NULL;
    memcpy(folder, slash ? path : ".", length);
    folder[length] = '\0';
    return length > 0 ? folder : strcpy(folder, "/");
}

thor_status thor_manifest_read(thor_bitext *corpus, const char *path, thor_error *error)
{
    *corpus = (thor_bitext){ .pairs = NULL };
    char *text = NULL;
    size_t count = 0;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &text, &count, error));
    json_error_t fault;
    json_t *root = json_loadb(text, count, JSON_REJECT_DUPLICATES, &fault);
    free(text);
    if (!root)
        return thor_fail(error, THOR_E_FORMAT, "%s:%d: %s; expected a JSON manifest of a corpus (thor-prepare(1))",
                         path, fault.line, fault.text);
    place at = { .path = path, .folder = folder_of(path) };
    thor_status status = at.folder ? add_all(&at, corpus, root, error)
                                   : thor_fail(error, THOR_E_MEMORY, "%s: no memory to read it", path);
    free(at.folder);
    json_decref(root);
    return status;
}
