#include <string.h>

#include "book.h"
#include "fail.h"
#include "source_file.h"

static struct class *add_class(struct book *book, const struct source *source, char *name)
{
    for (size_t i = 0; i < book->classes; i++)
        if (strcmp(book->class[i].name, name) == 0)
            fail(source->name, source->line, "class %s given twice", name);
    book->class = grow(book->pool, book->class, book->classes, sizeof *book->class);
    struct class *class = &book->class[book->classes++];
    *class = (struct class){ .name = name, .line = source->line };
    return class;
}

static struct word *add_word(struct book *book, const struct source *source, char *name)
{
    if (book->classes == 0)
        fail(source->name, source->line, "word %s before any class", name);
    size_t class = book->classes - 1;
    for (size_t i = 0; i < book->words; i++)
        if (book->word[i].class == class && strcmp(book->word[i].name, name) == 0)
            fail(source->name, source->line, "word %s given twice", name);
    book->word = grow(book->pool, book->word, book->words, sizeof *book->word);
    struct word *word = &book->word[book->words++];
    *word = (struct word){ .name = name, .line = source->line, .class = class };
    return word;
}

/* "xx = form | form": of a word, as many as its class has; of a class itself (class NULL) any number. */
static void set_forms(struct list form[LANGUAGES], const struct class *class, const struct source *source, char *line)
{
    char *text;
    int language = language_line(source, line, &text);
    const char *code = language_code[language];
    if (form == NULL)
        fail(source->name, source->line, "no class or word before this line");
    if (form[language].count != 0)
        fail(source->name, source->line, "second line for %s", code);
    form[language] = cut(source->pool, text, '|');
    if (class != NULL && form[language].count != class->form[language].count)
        fail(source->name, source->line, "%zu forms for %s, not the %zu of %s", form[language].count, code,
             class->form[language].count, class->name);
}

/* Every language of a class or a word must have its line. */
static void check_forms(const char *file, long line, const char *name, const struct list form[LANGUAGES])
{
    for (int i = 0; i < LANGUAGES; i++)
        if (form[i].count == 0)
            fail(file, line, "%s has no line for %s", name, language_code[i]);
}

static void check_lexicon(const struct book *book, const char *file)
{
    for (size_t i = 0; i < book->classes; i++)
        check_forms(file, book->class[i].line, book->class[i].name, book->class[i].form);
    for (size_t i = 0; i < book->words; i++)
        check_forms(file, book->word[i].line, book->word[i].name, book->word[i].form);
    if (book->words == 0)
        fail(file, 0, "no words");
}

void read_lexicon(struct book *book, const char *file)
{
    struct source source = open_source(book->pool, file);
    struct list *form = NULL;
    const struct class *class = NULL;
    char *line, *rest;
    while ((line = next_line(&source)) != NULL) {
        if ((rest = after(line, "class")) != NULL) {
            form = add_class(book, &source, rest)->form;
            class = NULL;
        } else if ((rest = after(line, "word")) != NULL) {
            form = add_word(book, &source, rest)->form;
            class = &book->class[book->classes - 1];
        } else {
            set_forms(form, class, &source, line);
        }
    }
    check_lexicon(book, file);
}
