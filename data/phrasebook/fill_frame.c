#include "fill_frame.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "letters.h"
#include "source_file.h"

static _Noreturn void fail_filling(const struct filling *filling, const char *what, const char *name)
{
    const struct frame *frame = filling->frame;
    fail(filling->file, frame->text_line[filling->language], "%s: %s '%s'", frame->name, what, name);
}

/* Adds text: no blank at the start, after a blank, after an apostrophe, or before a full stop or a comma (where an
 * empty form leaves one). */
static void put(struct filling *filling, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char last = filling->length == 0 ? ' ' : filling->text[filling->length - 1];
        if (text[i] == ' ' && (last == ' ' || last == '\''))
            continue;
        if (filling->length > 0 && last == ' ' && (text[i] == '.' || text[i] == ','))
            filling->length--;
        if (filling->length + 1 >= sizeof filling->text)
            fail_filling(filling, "too long a sentence from", filling->frame->name);
        filling->text[filling->length++] = text[i];
    }
    filling->text[filling->length] = '\0';
}

/* The word in the slot called `name`. */
static const struct word *slot_word(const struct filling *filling, const char *name)
{
    for (size_t i = 0; i < filling->frame->slots; i++)
        if (strcmp(filling->frame->slot[i].name, name) == 0)
            return filling->pick[i];
    fail_filling(filling, "unknown slot", name);
}

static const char *word_form(const struct filling *filling, const struct word *word, const char *form)
{
    const struct class *class = &filling->book->class[word->class];
    const struct list *names = &class->form[filling->language];
    size_t i = find_form(names, form);
    if (i == names->count) {
        char what[MOST_BYTES];
        snprintf(what, sizeof what, "%s (%s) has no form", word->name, class->name);
        fail_filling(filling, what, form);
    }
    return word->form[filling->language].item[i];
}

/* "A.form", or "A.form$B.form": the second names (the rest of) the first. */
static const char *look_up(const struct filling *filling, char *reference)
{
    char *dot = strchr(reference, '.');
    char *dollar = strchr(reference, '$');
    if (dot == NULL || (dollar != NULL && dollar < dot))
        fail_filling(filling, "not SLOT.form", reference);
    *dot = '\0';
    if (dollar == NULL)
        return word_form(filling, slot_word(filling, reference), dot + 1);
    *dollar = '\0';
    char form[MOST_BYTES];
    snprintf(form, sizeof form, "%s%s", dot + 1, look_up(filling, dollar + 1));
    return word_form(filling, slot_word(filling, reference), form);
}

/* Of "a=text/b=text/text", the text for `value`; the last is for others. "@name" stands for the choices called so. */
static const char *choose(const struct filling *filling, const char *list, const char *value)
{
    const char *named = list;
    if (*list == '@')
        named = find_choice(filling->book, filling->language, list + 1);
    if (named == NULL)
        fail_filling(filling, "unknown choices", list);
    struct pool *pool = filling->book->pool;
    struct list part = cut(pool, copy_text(pool, named, strlen(named)), '/');
    for (size_t i = 0; i < part.count; i++) {
        char *equals = strchr(part.item[i], '=');
        if (equals == NULL)
            return part.item[i];
        *equals = '\0';
        if (strcmp(part.item[i], value) == 0)
            return equals + 1;
    }
    fail_filling(filling, "no choice for", value);
}

/* Fills what stands between { and }. */
static void fill_reference(struct filling *filling, const char *start, size_t length)
{
    char *reference = copy_text(filling->book->pool, start, length);
    char *colon = strchr(reference, ':');
    if (colon != NULL)
        *colon = '\0';
    const char *text = look_up(filling, reference);
    if (colon != NULL)
        text = choose(filling, colon + 1, text);
    put(filling, text, strlen(text));
}

/* What is wrong with the shape of a sentence, or NULL. */
static const char *shape_error(const char *text, int language)
{
    static const char *const ends[] = { ".", "?", "!", "。", "？", "！" };
    size_t length = strlen(text);
    if (length == 0 || text[0] == ' ' || strstr(text, "  ") || strstr(text, " ."))
        return "blank out of place or nothing at all";
    if (language == CHINESE && strchr(text, ' ') != NULL)
        return "blank in a Chinese sentence";
    char first[3] = { 0 };
    memcpy(first, text, length < 2 ? length : 2);
    capitalise(first);
    if (strncmp(first, text, 2) != 0)
        return "no capital at the start";
    size_t from = language == CHINESE ? 3 : 0;
    for (size_t i = from; i < from + 3; i++)
        if (length > strlen(ends[i]) && strcmp(text + length - strlen(ends[i]), ends[i]) == 0)
            return NULL;
    return "no mark at the end";
}

char *fill_frame(struct filling *filling)
{
    const char *at = filling->frame->text[filling->language];
    filling->length = 0;
    while (*at != '\0') {
        size_t length = strcspn(at, "{}");
        put(filling, at, length);
        at += length;
        if (*at == '\0')
            break;
        length = strcspn(at, "}");
        if (*at == '}' || at[length] == '\0')
            fail_filling(filling, "brace without its fellow in", at);
        fill_reference(filling, at + 1, length - 1);
        at += length + 1;
    }
    capitalise(filling->text);
    const char *wrong = shape_error(filling->text, filling->language);
    if (wrong != NULL)
        fail_filling(filling, wrong, filling->text);
    return copy_text(filling->book->pool, filling->text, filling->length);
}
