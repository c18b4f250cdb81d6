#include "model/families.h"

#include <string.h>

/* The next code of a line "name code code ...", behind `at`; its length is 0 at the end. `at` starts at the line, whose
 * first word is the name. */
static const char *next_code(const char *at, size_t *length)
{
    at += strcspn(at, " ");
    at += strspn(at, " ");
    *length = strcspn(at, " ");
    return at;
}

static bool names_language(const char *line, const char *code)
{
    size_t length;
    for (const char *at = next_code(line, &length); length > 0; at = next_code(at, &length))
        if (length == strlen(code) && strncmp(at, code, length) == 0)
            return true;
    return false;
}

void thor_families_of(int32_t *family, const thor_config *config)
{
    const thor_names *lines = &config->lingual.families;
    for (int32_t i = 0; i < config->languages.count; i++) {
        family[i] = lines->count + i;
        for (int32_t line = 0; line < lines->count; line++)
            if (names_language(lines->items[line], config->languages.items[i]))
                family[i] = line;
    }
}

/* A code of line `line` against what is behind it there, and against the lines that follow. */
static thor_status check_code(const thor_names *families, int32_t line, const char *code, size_t length,
                              thor_error *error)
{
    size_t other_length;
    for (int32_t other = line; other < families->count; other++) {
        const char *at = other == line ? code : families->items[other];
        while (at = next_code(at, &other_length), other_length > 0)
            if (other_length == length && strncmp(at, code, length) == 0)
                return thor_fail(error, THOR_E_USAGE, "lingual.families: '%.*s' appears in two families, '%.*s' and "
                                 "'%.*s'; a language has one family", (int)length, code,
                                 (int)strcspn(families->items[line], " "), families->items[line],
                                 (int)strcspn(families->items[other], " "), families->items[other]);
    }
    return THOR_OK;
}

thor_status thor_families_check(const thor_names *families, thor_error *error)
{
    size_t length;
    for (int32_t line = 0; line < families->count; line++)
        for (const char *at = next_code(families->items[line], &length); length > 0; at = next_code(at, &length))
            THOR_TRY(check_code(families, line, at, length, error));
    return THOR_OK;
}

int thor_language_class(const thor_config *config, int32_t language)
{
    thor_group group = thor_group_of(config->languages.items[language]);
    return group == THOR_GROUP_NONE ? THOR_GROUP_HIGH : (int)group;
}

int32_t thor_language_group_size(const thor_config *config, int32_t language)
{
    int32_t size = config->lingual.dynamic ? config->lingual.sizes[thor_language_class(config, language)] : 0;
    return size > 0 ? size : thor_config_group(config);
}
