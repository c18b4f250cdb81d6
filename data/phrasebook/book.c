#include "book.h"

#include <stdbool.h>
#include <string.h>

const char *const language_code[LANGUAGES] = { "en", "de", "fr", "pt", "eu", "bg", "zh", "mr" };

int find_language(const char *code)
{
    int language = 0;
    while (language < LANGUAGES && strcmp(language_code[language], code) != 0)
        language++;
    return language;
}

/* True where `name` is one of the names in "a,b,c". */
static bool has_name(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

size_t find_form(const struct list *forms, const char *name)
{
    size_t i = 0;
    while (i < forms->count && !has_name(forms->item[i], name))
        i++;
    return i;
}

const char *find_choice(const struct book *book, int language, const char *name)
{
    for (size_t i = 0; i < book->choices; i++)
        if (book->choice[i].language == language && strcmp(book->choice[i].name, name) == 0)
            return book->choice[i].list;
    return NULL;
}
