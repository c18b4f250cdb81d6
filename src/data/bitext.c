#include "data/bitext.h"

#include <stdlib.h>
#include <string.h>

#include "data/format.h"

/* ---- building ---------------------------------------------------------------------------------------------------- */

static void free_pair(thor_bitext_pair *pair)
{
    for (int split = 0; split < THOR_SPLITS; split++) {
        for (int32_t i = 0; i < pair->splits[split].count; i++) {
            free(pair->splits[split].parts[i].path[0]);
            free(pair->splits[split].parts[i].path[1]);
        }
        free(pair->splits[split].parts);
    }
    free(pair->language[0]);
    free(pair->language[1]);
    free(pair->domain);
}

void thor_bitext_free(thor_bitext *corpus)
{
    for (int32_t i = 0; i < corpus->pair_count; i++)
        free_pair(&corpus->pairs[i]);
    for (int32_t i = 0; i < corpus->language_count; i++)
        free(corpus->languages[i]);
    free(corpus->pairs);
    free(corpus->languages);
    *corpus = (thor_bitext){ .pairs = NULL };
}

static thor_status check_code(const char *code, thor_error *error)
{
    size_t length = strspn(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (length == 0 || code[length] != '\0' || length > 32)
        return thor_fail(error, THOR_E_USAGE,
                         "'%.64s' is no language code; expected 1 to 32 letters, digits and '_', "
                         "such as de or zh_Hans",
                         code);
    return THOR_OK;
}

static thor_status check_domain(const char *domain, thor_error *error)
{
    size_t length = domain ? strlen(domain) : 1;
    bool clean = length > 0 && length <= 128;
    for (size_t i = 0; domain && i < length; i++)
        clean = clean && (unsigned char)domain[i] >= ' ';
    if (!clean)
        return thor_fail(error, THOR_E_USAGE,
                         "'%.64s' is no name for a domain; expected 1 to 128 bytes of text on one line",
                         domain);
    return THOR_OK;
}

static bool same_domain(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_pair(const thor_bitext_pair *pair, const char *first, const char *second)
{
    return (strcmp(pair->language[0], first) == 0 && strcmp(pair->language[1], second) == 0) ||
           (strcmp(pair->language[0], second) == 0 && strcmp(pair->language[1], first) == 0);
}

thor_status thor_bitext_add_pair(thor_bitext *corpus, const char *first, const char *second, const char *domain,
                                 thor_error *error)
{
    THOR_TRY(check_code(first, error));
    THOR_TRY(check_code(second, error));
    THOR_TRY(check_domain(domain, error));
    if (strcmp(first, second) == 0)
        return thor_fail(error, THOR_E_USAGE, "the pair %s-%s has one language twice", first, second);
    for (int32_t i = 0; i < corpus->pair_count; i++)
        if (is_pair(&corpus->pairs[i], first, second) && same_domain(corpus->pairs[i].domain, domain))
            return thor_fail(error, THOR_E_USAGE, "the pair %s-%s%s%s appears twice", first, second,
                             domain ? " of domain " : "", domain ? domain : "");
    thor_bitext_pair *pairs = realloc(corpus->pairs, ((size_t)corpus->pair_count + 1) * sizeof *pairs);
    if (!pairs)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d language pairs", (int)corpus->pair_count + 1);
    corpus->pairs = pairs;
    thor_bitext_pair *pair = &pairs[corpus->pair_count++];
    *pair = (thor_bitext_pair){ .language = { strdup(first), strdup(second) },
                                .domain = domain ? strdup(domain) : NULL };
    if (!pair->language[0] || !pair->language[1] || (domain && !pair->domain))
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d language pairs", (int)corpus->pair_count);
    return THOR_OK;
}

thor_status thor_bitext_add_files(thor_bitext_pair *pair, thor_split split, const char *first, const char *second,
                                  thor_error *error)
{
    thor_bitext_split *target = &pair->splits[split];
    thor_bitext_part *parts = realloc(target->parts, ((size_t)target->count + 1) * sizeof *parts);
    if (parts) {
        target->parts = parts;
        parts[target->count++] = (thor_bitext_part){ { strdup(first), strdup(second) } };
    }
    if (!parts || !parts[target->count - 1].path[0] || !parts[target->count - 1].path[1])
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path %s", first);
    return THOR_OK;
}

static int32_t find_language(const thor_bitext *corpus, const char *language)
{
    for (int32_t i = 0; i < corpus->language_count; i++)
        if (strcmp(corpus->languages[i], language) == 0)
            return i;
    return -1;
}

thor_status thor_bitext_add_language(thor_bitext *corpus, const char *language, thor_error *error)
{
    THOR_TRY(check_code(language, error));
    if (find_language(corpus, language) >= 0)
        return thor_fail(error, THOR_E_USAGE, "the language %s is in the list twice", language);
    return thor_prepared_add_name(&corpus->languages, &corpus->language_count, language, error);
}

/* ---- choosing ---------------------------------------------------------------------------------------------------- */

static thor_status unknown_pair(const thor_bitext *corpus, const char *name, thor_error *error)
{
    char known[512] = "";
    size_t used = 0;
    for (int32_t i = 0; i < corpus->pair_count && used + 70 < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s-%s", i ? ", " : "",
                                 corpus->pairs[i].language[0], corpus->pairs[i].language[1]);
    return thor_fail(error, THOR_E_USAGE, "--pairs: the corpus has no pair '%.70s'; it has %s", name, known);
}

/* Marks the pairs called `name`, in whichever order the two codes stand. */
static thor_status mark_pair(const thor_bitext *corpus, char *name, bool *marks, thor_error *error)
{
    bool found = false;
    char *second = strchr(name, '-');
    if (second) {
        *second++ = '\0';
        for (int32_t i = 0; i < corpus->pair_count; i++)
            if (is_pair(&corpus->pairs[i], name, second))
                marks[i] = found = true;
        second[-1] = '-';
    }
    return found ? THOR_OK : unknown_pair(corpus, name, error);
}

static void keep_marked(thor_bitext *corpus, const bool *marks)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < corpus->pair_count; i++) {
        if (marks[i])
            corpus->pairs[kept++] = corpus->pairs[i];
        else
            free_pair(&corpus->pairs[i]);
    }
    corpus->pair_count = kept;
}

/* Keeps the pairs that `mark` marks for an item of the list `wanted`; `empty` is the sentence for a list of none. */
static thor_status keep_listed(thor_bitext *corpus, const char *wanted, const char *empty,
                               thor_status (*mark)(const thor_bitext *, char *, bool *, thor_error *),
                               thor_error *error)
{
    char *list = strdup(wanted), *rest = NULL;
    bool *marks = calloc((size_t)corpus->pair_count + 1, sizeof *marks);
    thor_status status = list && marks ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for '%.80s'", wanted);
    bool any = false;
    if (status == THOR_OK)
        for (char *name = strtok_r(list, ",", &rest); name && status == THOR_OK; name = strtok_r(NULL, ",", &rest)) {
            status = mark(corpus, name, marks, error);
            any = true;
        }
    if (status == THOR_OK && !any)
        status = thor_fail(error, THOR_E_USAGE, "%s", empty);
    if (status == THOR_OK)
        keep_marked(corpus, marks);
    free(marks);
    free(list);
    return status;
}

thor_status thor_bitext_keep_pairs(thor_bitext *corpus, const char *wanted, thor_error *error)
{
    return keep_listed(corpus, wanted, "--pairs: the list is empty; expected something like de-en,en-fr", mark_pair,
                       error);
}

static thor_status unknown_domain(const thor_bitext *corpus, const char *name, thor_error *error)
{
    char known[512] = "";
    size_t used = 0;
    for (int32_t i = 0; i < corpus->pair_count && used + 140 < sizeof known; i++) {
        bool seen = corpus->pairs[i].domain == NULL;
        for (int32_t k = 0; k < i && !seen; k++)
            seen = same_domain(corpus->pairs[k].domain, corpus->pairs[i].domain);
        if (!seen)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "",
                                     corpus->pairs[i].domain);
    }
    return thor_fail(error, THOR_E_USAGE, "--domains: the corpus has no domain '%.128s'; it has %s", name,
                     used ? known : "none at all");
}

static thor_status mark_domain(const thor_bitext *corpus, char *name, bool *marks, thor_error *error)
{
    bool found = false;
    for (int32_t i = 0; i < corpus->pair_count; i++)
        if (same_domain(corpus->pairs[i].domain, name))
            marks[i] = found = true;
    return found ? THOR_OK : unknown_domain(corpus, name, error);
}

thor_status thor_bitext_keep_domains(thor_bitext *corpus, const char *wanted, thor_error *error)
{
    return keep_listed(corpus, wanted, "--domains: the list is empty; expected something like it,law", mark_domain,
                       error);
}

thor_status thor_bitext_keep_languages(thor_bitext *corpus, const char *wanted, thor_error *error)
{
    char *list = strdup(wanted), *rest = NULL;
    bool *marks = calloc((size_t)corpus->pair_count + 1, sizeof *marks);
    thor_status status = list && marks ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for a list of languages");
    for (int32_t i = 0; i < corpus->language_count; i++)    /* instead of a manifest's own list */
        free(corpus->languages[i]);
    corpus->language_count = 0;
    if (status == THOR_OK)
        for (char *name = strtok_r(list, ",", &rest); name && status == THOR_OK; name = strtok_r(NULL, ",", &rest))
            status = thor_bitext_add_language(corpus, name, error);
    bool any = false;
    if (status == THOR_OK) {
        for (int32_t i = 0; i < corpus->pair_count; i++)
            any |= marks[i] = find_language(corpus, corpus->pairs[i].language[0]) >= 0 &&
                              find_language(corpus, corpus->pairs[i].language[1]) >= 0;
        status = any ? THOR_OK
                     : thor_fail(error, THOR_E_USAGE,
                                 "--languages: no pair of the corpus has both its languages in '%.200s'",
                                 wanted);
    }
    if (status == THOR_OK)
        keep_marked(corpus, marks);
    free(marks);
    free(list);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

thor_status thor_bitext_settle(thor_bitext *corpus, thor_error *error)
{
    if (corpus->language_count > 0) {
        for (int32_t i = 0; i < corpus->pair_count; i++)
            for (int side = 0; side < 2; side++)
                if (find_language(corpus, corpus->pairs[i].language[side]) < 0)
                    return thor_fail(error, THOR_E_USAGE,
                                     "the pair %s-%s needs the language %s, which is not in the list of languages",
                                     corpus->pairs[i].language[0], corpus->pairs[i].language[1],
                                     corpus->pairs[i].language[side]);
        return THOR_OK;
    }
    for (int32_t i = 0; i < corpus->pair_count; i++)
        for (int side = 0; side < 2; side++)
            if (find_language(corpus, corpus->pairs[i].language[side]) < 0)
                THOR_TRY(thor_bitext_add_language(corpus, corpus->pairs[i].language[side], error));
    qsort(corpus->languages, (size_t)corpus->language_count, sizeof *corpus->languages, by_name);
    return THOR_OK;
}
