/* What the two source files hold: words in classes, frames of sentences, and choices that frames call by a name.
 * README.md describes how they are written. All texts belong to the book's pool. */
#ifndef THOR_PHRASEBOOK_BOOK_H
#define THOR_PHRASEBOOK_BOOK_H

#include <stddef.h>

#include "pool.h"

enum { ENGLISH = 0, FRENCH = 2, CHINESE = 6, LANGUAGES = 8 };
enum { MOST_SLOTS = 4 };

/* "en", "de" …: the order of the languages everywhere in this program. */
extern const char *const language_code[LANGUAGES];

/* A class of words: for each language, the names of the forms. */
struct class {
    char *name;
    long line;
    struct list form[LANGUAGES];
};

/* A word: for each language, one text per form of its class. */
struct word {
    char *name;
    long line;
    size_t class;
    struct list form[LANGUAGES];
};

/* A slot: numbers of words, a number twice where the word is to be twice as likely. */
struct slot {
    char *name;
    size_t *words;
    size_t count;
};

struct frame {
    char *name;
    long line;
    size_t limit;               /* the most sentences that it may add */
    size_t slots;
    struct slot slot[MOST_SLOTS];
    char *text[LANGUAGES];
    long text_line[LANGUAGES];
};

/* A list of choices, "a=text/b=text/text", of one language. */
struct choice {
    int language;
    char *name;
    char *list;
};

struct book {
    struct pool *pool;
    struct choice *choice;
    struct class *class;
    struct word *word;
    struct frame *frame;
    size_t choices, classes, words, frames;
};

/* The number of a language, or LANGUAGES where the code is unknown. */
int find_language(const char *code);

/* Which of a class's forms, each "a" or "a,b,c", has the name; or forms->count. */
size_t find_form(const struct list *forms, const char *name);

/* The choices called `name` in a language, or NULL. */
const char *find_choice(const struct book *book, int language, const char *name);

/* Each reads one source file into the book, and ends the program where the file is wrong. The lexicon comes first: the
 * slots of the frames name its classes. */
void read_lexicon(struct book *book, const char *file);
void read_frames(struct book *book, const char *file);

#endif
