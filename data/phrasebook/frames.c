#include <string.h>

#include "book.h"
#include "fail.h"
#include "slots.h"
#include "source_file.h"

/* "NAME LIMIT" */
static struct frame *add_frame(struct book *book, const struct source *source, char *rest)
{
    struct list part = cut(book->pool, rest, ' ');
    struct frame frame = { .line = source->line, .name = part.item[0] };
    if (part.count != 2 || !parse_count(part.item[1], &frame.limit) || frame.limit == 0)
        fail(source->name, source->line, "not 'frame NAME LIMIT'");
    for (size_t i = 0; i < book->frames; i++)
        if (strcmp(book->frame[i].name, frame.name) == 0)
            fail(source->name, source->line, "frame %s given twice", frame.name);
    book->frame = grow(book->pool, book->frame, book->frames, sizeof *book->frame);
    book->frame[book->frames] = frame;
    return &book->frame[book->frames++];
}

/* "xx = text" */
static void set_text(struct frame *frame, const struct source *source, char *line)
{
    char *text;
    int language = language_line(source, line, &text);
    if (frame == NULL)
        fail(source->name, source->line, "no frame before this line");
    if (frame->text[language] != NULL)
        fail(source->name, source->line, "second line for %s", language_code[language]);
    if (*text == '\0')
        fail(source->name, source->line, "empty line for %s", language_code[language]);
    frame->text[language] = text;
    frame->text_line[language] = source->line;
}

/* "xx.name = a=text/b=text/text" */
static void add_choice(struct book *book, const struct source *source, char *rest)
{
    char *dot = strchr(rest, '.');
    char *equals = strstr(rest, " = ");
    if (dot == NULL || equals == NULL || equals < dot)
        fail(source->name, source->line, "not 'choice xx.name = a=text/text'");
    *dot = *equals = '\0';
    struct choice choice = { .language = find_language(rest), .name = trim(dot + 1), .list = trim(equals + 3) };
    if (choice.language == LANGUAGES)
        fail(source->name, source->line, "unknown language '%s'", rest);
    if (find_choice(book, choice.language, choice.name) != NULL)
        fail(source->name, source->line, "choice %s given twice", choice.name);
    book->choice = grow(book->pool, book->choice, book->choices, sizeof *book->choice);
    book->choice[book->choices++] = choice;
}

static void check_frames(const struct book *book, const char *file)
{
    for (size_t i = 0; i < book->frames; i++)
        for (int k = 0; k < LANGUAGES; k++)
            if (book->frame[i].text[k] == NULL)
                fail(file, book->frame[i].line, "%s has no line for %s", book->frame[i].name, language_code[k]);
    if (book->frames == 0)
        fail(file, 0, "no frames");
}

void read_frames(struct book *book, const char *file)
{
    struct source source = open_source(book->pool, file);
    struct frame *frame = NULL;
    char *line, *rest;
    while ((line = next_line(&source)) != NULL) {
        if ((rest = after(line, "frame")) != NULL)
            frame = add_frame(book, &source, rest);
        else if ((rest = after(line, "choice")) != NULL)
            add_choice(book, &source, rest);
        else if ((rest = after(line, "slots")) != NULL)
            add_slots(book, frame, &source, rest);
        else
            set_text(frame, &source, line);
    }
    check_frames(book, file);
}
