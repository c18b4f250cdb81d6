#include "slots.h"

#include <string.h>

#include "fail.h"

/* Adds the words of one class, or the one word of "class:word", to a slot. */
static void add_class_words(const struct book *book, struct slot *slot, const struct source *source, char *name)
{
    char *only = strchr(name, ':');
    if (only != NULL)
        *only++ = '\0';
    size_t before = slot->count;
    for (size_t i = 0; i < book->words; i++) {
        const struct word *word = &book->word[i];
        if (strcmp(book->class[word->class].name, name) != 0 || (only != NULL && strcmp(word->name, only) != 0))
            continue;
        slot->words = grow(book->pool, slot->words, slot->count, sizeof *slot->words);
        slot->words[slot->count++] = i;
    }
    if (slot->count == before)
        fail(source->name, source->line, "no word '%s%s%s' in the lexicon", name, only == NULL ? "" : ":",
             only == NULL ? "" : only);
}

/* "class+class:word*N": N times as likely, because it stands there N times. */
static void fill_slot(const struct book *book, struct slot *slot, const struct source *source, char *names)
{
    struct list part = cut(book->pool, names, '+');
    for (size_t i = 0; i < part.count; i++) {
        char *star = strchr(part.item[i], '*');
        size_t times = 1;
        if (star != NULL) {
            *star = '\0';
            if (!parse_count(star + 1, &times) || times == 0 || times > 9)
                fail(source->name, source->line, "not '*' and a number up to 9");
        }
        for (size_t k = 0; k < times; k++)
            add_class_words(book, slot, source, part.item[i]);
    }
}

/* "A=class+class" */
static void add_slot(const struct book *book, struct frame *frame, const struct source *source, char *text)
{
    char *equals = strchr(text, '=');
    if (equals == NULL)
        fail(source->name, source->line, "not 'slots A=class'");
    *equals = '\0';
    for (size_t i = 0; i < frame->slots; i++)
        if (strcmp(frame->slot[i].name, text) == 0)
            fail(source->name, source->line, "slot %s given twice", text);
    struct slot *slot = &frame->slot[frame->slots++];
    slot->name = text;
    fill_slot(book, slot, source, equals + 1);
}

void add_slots(const struct book *book, struct frame *frame, const struct source *source, char *rest)
{
    struct list part = cut(book->pool, rest, ' ');
    if (frame == NULL || part.count > MOST_SLOTS || frame->slots != 0)
        fail(source->name, source->line, "slots out of place, or more than %d", (int)MOST_SLOTS);
    for (size_t i = 0; i < part.count; i++)
        add_slot(book, frame, source, part.item[i]);
}
