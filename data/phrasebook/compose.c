/*
 * compose.c - composes the phrasebook, a small parallel corpus in eight
 * languages, from sentence frames and a lexicon (see README.md).
 *
 * The output depends on the two source files and the options alone: every
 * choice comes from a hash of the seed and of the thing chosen, so that any
 * machine writes the same bytes.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LANGS = 8, MAX_SLOTS = 4, MAX_TEXT = 1024, MAX_COMBOS = 200000 };
enum { EXIT_BAD = 1, EXIT_USAGE = 2 };
enum { EN = 0, FR = 2, ZH = 6 };
enum { TRAIN, DEV, TEST, SPLITS };

static const char *const lang_code[LANGS] = {
    "en", "de", "fr", "pt", "eu", "bg", "zh", "mr"};
static const char *const split_name[SPLITS] = {"train", "dev", "test"};

/* A list of strings. */
struct list {
    char **item;
    size_t len;
};

/* A class of words: for each language, the names of the forms. */
struct class {
    char *name;
    long line;
    struct list form[LANGS];
};

/* A word: for each language, one text per form of its class. */
struct word {
    char *name;
    long line;
    size_t class;
    struct list form[LANGS];
};

struct slot {
    char *name;
    size_t *words;
    size_t len;
};

struct frame {
    char *name;
    long line;
    size_t limit;
    size_t nslots;
    struct slot slot[MAX_SLOTS];
    char *text[LANGS];
    long text_line[LANGS];
    size_t kept;
};

struct sentence {
    uint64_t key;
    size_t frame;
    int split;
    char *text[LANGS];
};

/* A list of choices that the frames of one language call by a name. */
struct choice {
    int lang;
    char *name;
    char *list;
};

/* Everything that the source files hold. */
struct book {
    struct choice *choice;
    size_t nchoice;
    struct class *class;
    size_t nclass;
    struct word *word;
    size_t nword;
    struct frame *frame;
    size_t nframe;
};

struct options {
    const char *outdir;
    const char *frames;
    const char *lexicon;
    uint64_t seed;
    size_t show;
    size_t count[SPLITS];
    size_t min_seen;
};

/* ---- errors ---------------------------------------------------------- */

static _Noreturn void fail(const char *file, long line, const char *fmt, ...)
{
    va_list args;

    if (line > 0)
        fprintf(stderr, "phrasebook-compose: %s:%ld: ", file, line);
    else
        fprintf(stderr, "phrasebook-compose: %s: ", file);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_BAD);
}

/* ---- memory: blocks that live until the program ends ------------------ */

struct block {
    struct block *next;
    max_align_t data[];
};

static struct block *blocks;

static void *take(size_t count, size_t size)
{
    struct block *b = NULL;

    if (size == 0 || count <= (SIZE_MAX - sizeof *b) / size)
        b = calloc(1, sizeof *b + count * size);
    if (b == NULL)
        fail("memory", 0, "cannot get %zu items of %zu bytes", count, size);
    b->next = blocks;
    blocks = b;
    return b->data;
}

static void give_back_all(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

/* Room for one item more in an array of len items (a power of two each). */
static void *grow(void *old, size_t len, size_t size)
{
    void *new;

    if (len != 0 && (len & (len - 1)) != 0)
        return old;
    new = take(len == 0 ? 1 : 2 * len, size);
    if (len != 0)
        memcpy(new, old, len * size);
    return new;
}

static char *copy_text(const char *text, size_t len)
{
    char *s = take(len + 1, 1);

    memcpy(s, text, len);
    return s;
}

static void append(struct list *l, char *text)
{
    l->item = grow(l->item, l->len, sizeof *l->item);
    l->item[l->len++] = text;
}

/* True where name is one of the names in "a,b,c". */
static bool has_name(const char *names, const char *name)
{
    size_t len = strlen(name);

    for (const char *s = names; s != NULL; s = strchr(s, ',')) {
        s += *s == ',';
        if (strncmp(s, name, len) == 0 && (s[len] == ',' || s[len] == '\0'))
            return true;
    }
    return false;
}

/* Which item of l, each "a" or "a,b,c", has the name; or l->len. */
static size_t find(const struct list *l, const char *name)
{
    size_t i = 0;

    while (i < l->len && !has_name(l->item[i], name))
        i++;
    return i;
}

/* ---- hashing and counting --------------------------------------------- */

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t hash_text(uint64_t h, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return mix(h);
}

/* A table from texts to counts: open addressing, never more than half full. */
struct table {
    char **key;
    long *count;
    size_t room;
    size_t len;
};

static size_t table_place(const struct table *t, const char *key, size_t len)
{
    size_t i = (size_t)hash_text(1, key, len) & (t->room - 1);

    while (t->key[i] != NULL &&
           (strncmp(t->key[i], key, len) != 0 || t->key[i][len] != '\0'))
        i = (i + 1) & (t->room - 1);
    return i;
}

static void table_resize(struct table *t)
{
    struct table new = {.room = t->room == 0 ? 1024 : 2 * t->room};

    new.key = take(new.room, sizeof *new.key);
    new.count = take(new.room, sizeof *new.count);
    for (size_t i = 0; i < t->room; i++) {
        if (t->key[i] == NULL)
            continue;
        size_t at = table_place(&new, t->key[i], strlen(t->key[i]));
        new.key[at] = t->key[i];
        new.count[at] = t->count[i];
    }
    new.len = t->len;
    *t = new;
}

/* The count of a text, which is entered with 0 when it is new. */
static long *table_count(struct table *t, const char *key, size_t len)
{
    if (2 * t->len >= t->room)
        table_resize(t);
    size_t at = table_place(t, key, len);
    if (t->key[at] == NULL) {
        t->key[at] = copy_text(key, len);
        t->len++;
    }
    return &t->count[at];
}

/* ---- UTF-8 ------------------------------------------------------------ */

/* Bytes of the character at s, or 0 where s is not valid UTF-8. */
static size_t char_len(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t len = u[0] < 0x80 ? 1 : u[0] < 0xc2 ? 0 : u[0] < 0xe0 ? 2
               : u[0] < 0xf0 ? 3 : u[0] < 0xf5 ? 4 : 0;

    for (size_t i = 1; i < len; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
        (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
        return 0;
    return len;
}

/* Makes the first letter a capital: ASCII, Latin-1 and Cyrillic suffice. */
static void capitalise(char *s)
{
    unsigned char *u = (unsigned char *)s;

    if (u[0] >= 'a' && u[0] <= 'z') {
        u[0] = (unsigned char)(u[0] - 0x20);
    } else if (u[0] == 0xc3 && u[1] >= 0xa0 && u[1] <= 0xbe) {
        u[1] = (unsigned char)(u[1] - 0x20);
    } else if (u[0] == 0xd0 && u[1] >= 0xb0) {
        u[1] = (unsigned char)(u[1] - 0x20);
    } else if (u[0] == 0xd1 && u[1] <= 0x8f) {
        u[0] = 0xd0;
        u[1] = (unsigned char)(u[1] + 0x20);
    }
}

static const char *const marks[] = {
    " ", ".", ",", "?", "!", "。", "，", "？", "！", NULL};

static bool is_mark(const char *s, size_t len)
{
    for (size_t i = 0; marks[i] != NULL; i++)
        if (strlen(marks[i]) == len && memcmp(marks[i], s, len) == 0)
            return true;
    return false;
}

/*
 * The next word from *at: its first byte, and its length in *len; NULL at
 * the end.  A Chinese word is one character; in French a word ends with its
 * apostrophe.  All but the sentence's marks belongs to a word.
 */
static const char *next_word(const char **at, int lang, size_t *len)
{
    const char *s = *at;
    const char *start;

    while (*s != '\0' && is_mark(s, char_len(s)))
        s += char_len(s);
    start = s;
    while (*s != '\0' && !is_mark(s, char_len(s))) {
        s += char_len(s);
        if (lang == ZH || (lang == FR && s[-1] == '\''))
            break;
    }
    *at = s;
    *len = (size_t)(s - start);
    return *len == 0 ? NULL : start;
}

/* ---- reading ---------------------------------------------------------- */

/* A source file, given out line by line. */
struct source {
    const char *name;
    char *next;
    long line;
};

static void check_bytes(const char *name, const char *text, size_t len)
{
    long line = 1;

    for (size_t i = 0; i < len; i += char_len(text + i)) {
        if (text[i] == '\n')
            line++;
        else if (text[i] == '\0' || text[i] == '\r' || text[i] == '\t')
            fail(name, line, "control character");
        if (char_len(text + i) == 0)
            fail(name, line, "not valid UTF-8");
    }
}

static struct source open_source(const char *name)
{
    FILE *f = fopen(name, "rb");
    char *text = NULL;
    size_t len = 0, room = 0;

    if (f == NULL)
        fail(name, 0, "cannot open: %s", strerror(errno));
    for (size_t got = 1; got > 0; len += got) {
        if (len == room) {
            char *old = text;
            room = room == 0 ? 65536 : 2 * room;
            text = take(room + 1, 1);
            if (len > 0)
                memcpy(text, old, len);
        }
        got = fread(text + len, 1, room - len, f);
    }
    if (ferror(f) != 0 || fclose(f) != 0)
        fail(name, 0, "cannot read: %s", strerror(errno));
    check_bytes(name, text, len);
    if (len == 0 || text[len - 1] != '\n')
        fail(name, 0, len == 0 ? "empty file" : "last line has no end");
    return (struct source){.name = name, .next = text};
}

/* Cuts blanks from both ends. */
static char *trim(char *s)
{
    size_t len;

    while (*s == ' ')
        s++;
    len = strlen(s);
    while (len > 0 && s[len - 1] == ' ')
        s[--len] = '\0';
    return s;
}

/* The next line that says something, or NULL at the end. */
static char *next_line(struct source *src)
{
    while (*src->next != '\0') {
        char *line = src->next;
        char *end = strchr(line, '\n');

        *end = '\0';
        src->next = end + 1;
        src->line++;
        line = trim(line);
        if (*line != '\0' && *line != '#')
            return line;
    }
    return NULL;
}

/* Cuts the text at each mark; the parts are trimmed. */
static struct list cut(char *text, char mark)
{
    struct list parts = {0};

    for (char *end = text; end != NULL; text = end + 1) {
        end = strchr(text, mark);
        if (end != NULL)
            *end = '\0';
        append(&parts, trim(text));
        if (end == NULL)
            break;
    }
    return parts;
}

/* The text after a key word and a blank, or NULL where the line has not it. */
static char *after(char *line, const char *key)
{
    size_t len = strlen(key);

    if (strncmp(line, key, len) != 0 || line[len] != ' ')
        return NULL;
    return trim(line + len);
}

/* Takes "xx = text" apart: the language, and the text in *text. */
static int language_line(const struct source *src, char *line, char **text)
{
    char *equals = strstr(line, " =");

    if (equals == NULL || (equals[2] != ' ' && equals[2] != '\0'))
        fail(src->name, src->line, "neither a key word nor 'xx = text'");
    *equals = '\0';
    *text = trim(equals + 2);
    for (int i = 0; i < LANGS; i++)
        if (strcmp(trim(line), lang_code[i]) == 0)
            return i;
    fail(src->name, src->line, "unknown language '%s'", line);
}

/* ---- the lexicon ------------------------------------------------------ */

static struct class *add_class(struct book *b, const struct source *src,
                               char *name)
{
    struct class *c;

    for (size_t i = 0; i < b->nclass; i++)
        if (strcmp(b->class[i].name, name) == 0)
            fail(src->name, src->line, "class %s given twice", name);
    b->class = grow(b->class, b->nclass, sizeof *b->class);
    c = &b->class[b->nclass++];
    *c = (struct class){.name = name, .line = src->line};
    return c;
}

static struct word *add_word(struct book *b, const struct source *src,
                             char *name)
{
    struct word *w;

    if (b->nclass == 0)
        fail(src->name, src->line, "word %s before any class", name);
    for (size_t i = 0; i < b->nword; i++)
        if (b->word[i].class == b->nclass - 1 &&
            strcmp(b->word[i].name, name) == 0)
            fail(src->name, src->line, "word %s given twice", name);
    b->word = grow(b->word, b->nword, sizeof *b->word);
    w = &b->word[b->nword++];
    *w = (struct word){
        .name = name, .line = src->line, .class = b->nclass - 1};
    return w;
}

/* Every language of a class or a word must have its line. */
static void check_block(const char *file, long line, const char *name,
                        const struct list form[LANGS])
{
    for (int i = 0; i < LANGS; i++)
        if (form[i].len == 0)
            fail(file, line, "%s has no line for %s", name, lang_code[i]);
}

static void check_lexicon(const struct book *b, const char *file)
{
    for (size_t i = 0; i < b->nclass; i++)
        check_block(file, b->class[i].line, b->class[i].name,
                    b->class[i].form);
    for (size_t i = 0; i < b->nword; i++)
        check_block(file, b->word[i].line, b->word[i].name, b->word[i].form);
    if (b->nword == 0)
        fail(file, 0, "no words");
}

static void set_forms(struct list form[LANGS], const struct class *class,
                      const struct source *src, char *line)
{
    char *text;
    int lang = language_line(src, line, &text);
    size_t want;

    if (form == NULL)
        fail(src->name, src->line, "no class or word before this line");
    if (form[lang].len != 0)
        fail(src->name, src->line, "second line for %s", lang_code[lang]);
    form[lang] = cut(text, '|');
    want = class == NULL ? 0 : class->form[lang].len;
    if (class != NULL && form[lang].len != want)
        fail(src->name, src->line, "%zu forms for %s, not the %zu of %s",
             form[lang].len, lang_code[lang], want, class->name);
}

static void read_lexicon(struct book *b, const char *name)
{
    struct source src = open_source(name);
    struct list *form = NULL;
    const struct class *class = NULL;
    char *line, *rest;

    while ((line = next_line(&src)) != NULL) {
        if ((rest = after(line, "class")) != NULL) {
            form = add_class(b, &src, rest)->form;
            class = NULL;
        } else if ((rest = after(line, "word")) != NULL) {
            form = add_word(b, &src, rest)->form;
            class = &b->class[b->nclass - 1];
        } else {
            set_forms(form, class, &src, line);
        }
    }
    check_lexicon(b, name);
}

/* ---- the frames ------------------------------------------------------- */

static bool parse_count(const char *text, size_t *value)
{
    char *end;
    unsigned long n;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    n = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || n > 1000000)
        return false;
    *value = (size_t)n;
    return true;
}

/* "frame NAME LIMIT" */
static struct frame *add_frame(struct book *b, const struct source *src,
                               char *rest)
{
    struct list part = cut(rest, ' ');
    struct frame f = {.line = src->line, .name = part.item[0]};

    if (part.len != 2 || !parse_count(part.item[1], &f.limit) || f.limit == 0)
        fail(src->name, src->line, "not 'frame NAME LIMIT'");
    for (size_t i = 0; i < b->nframe; i++)
        if (strcmp(b->frame[i].name, f.name) == 0)
            fail(src->name, src->line, "frame %s given twice", f.name);
    b->frame = grow(b->frame, b->nframe, sizeof *b->frame);
    b->frame[b->nframe] = f;
    return &b->frame[b->nframe++];
}

/* Adds the words of one class, or the one word of "class:word", to a slot. */
static void add_class_words(const struct book *b, struct slot *s,
                            const struct source *src, char *name)
{
    char *only = strchr(name, ':');
    size_t before = s->len;

    if (only != NULL)
        *only++ = '\0';
    for (size_t i = 0; i < b->nword; i++) {
        const struct word *w = &b->word[i];
        if (strcmp(b->class[w->class].name, name) != 0 ||
            (only != NULL && strcmp(w->name, only) != 0))
            continue;
        s->words = grow(s->words, s->len, sizeof *s->words);
        s->words[s->len++] = i;
    }
    if (s->len == before)
        fail(src->name, src->line, "no word '%s%s%s' in the lexicon", name,
             only == NULL ? "" : ":", only == NULL ? "" : only);
}

/* "class+class:word*N": N times as likely, because it stands there N times */
static void fill_slot(const struct book *b, struct slot *s,
                      const struct source *src, char *names)
{
    struct list part = cut(names, '+');

    for (size_t i = 0; i < part.len; i++) {
        char *star = strchr(part.item[i], '*');
        size_t times = 1;

        if (star != NULL) {
            *star = '\0';
            if (!parse_count(star + 1, &times) || times == 0 || times > 9)
                fail(src->name, src->line, "not '*' and a number up to 9");
        }
        for (size_t k = 0; k < times; k++)
            add_class_words(b, s, src, part.item[i]);
    }
}

/* "slots A=class B=class+class" */
static void add_slots(const struct book *b, struct frame *f,
                      const struct source *src, char *rest)
{
    struct list part = cut(rest, ' ');

    if (f == NULL || part.len > MAX_SLOTS || f->nslots != 0)
        fail(src->name, src->line, "slots out of place, or more than %d",
             (int)MAX_SLOTS);
    for (size_t i = 0; i < part.len; i++) {
        struct slot *s = &f->slot[f->nslots++];
        char *equals = strchr(part.item[i], '=');

        if (equals == NULL)
            fail(src->name, src->line, "not 'slots A=class'");
        *equals = '\0';
        s->name = part.item[i];
        for (size_t k = 0; k + 1 < f->nslots; k++)
            if (strcmp(f->slot[k].name, s->name) == 0)
                fail(src->name, src->line, "slot %s given twice", s->name);
        fill_slot(b, s, src, equals + 1);
    }
}

static void set_text(struct frame *f, const struct source *src, char *line)
{
    char *text;
    int lang = language_line(src, line, &text);

    if (f == NULL)
        fail(src->name, src->line, "no frame before this line");
    if (f->text[lang] != NULL)
        fail(src->name, src->line, "second line for %s", lang_code[lang]);
    if (*text == '\0')
        fail(src->name, src->line, "empty line for %s", lang_code[lang]);
    f->text[lang] = text;
    f->text_line[lang] = src->line;
}

/* The choices called name in a language, or NULL. */
static const char *find_choice(const struct book *b, int lang,
                               const char *name)
{
    for (size_t i = 0; i < b->nchoice; i++)
        if (b->choice[i].lang == lang && strcmp(b->choice[i].name, name) == 0)
            return b->choice[i].list;
    return NULL;
}

/* "xx.name = a=text/b=text/text" */
static void add_choice(struct book *b, const struct source *src, char *rest)
{
    char *dot = strchr(rest, '.');
    char *equals = strstr(rest, " = ");
    struct choice c = {0};

    if (dot == NULL || equals == NULL || equals < dot)
        fail(src->name, src->line, "not 'choice xx.name = a=text/text'");
    *dot = *equals = '\0';
    c.name = trim(dot + 1);
    c.list = trim(equals + 3);
    while (c.lang < LANGS && strcmp(lang_code[c.lang], rest) != 0)
        c.lang++;
    if (c.lang == LANGS)
        fail(src->name, src->line, "unknown language '%s'", rest);
    if (find_choice(b, c.lang, c.name) != NULL)
        fail(src->name, src->line, "choice %s given twice", c.name);
    b->choice = grow(b->choice, b->nchoice, sizeof *b->choice);
    b->choice[b->nchoice++] = c;
}

static void read_frames(struct book *b, const char *name)
{
    struct source src = open_source(name);
    struct frame *f = NULL;
    char *line, *rest;

    while ((line = next_line(&src)) != NULL) {
        if ((rest = after(line, "frame")) != NULL)
            f = add_frame(b, &src, rest);
        else if ((rest = after(line, "choice")) != NULL)
            add_choice(b, &src, rest);
        else if ((rest = after(line, "slots")) != NULL)
            add_slots(b, f, &src, rest);
        else
            set_text(f, &src, line);
    }
    for (size_t i = 0; i < b->nframe; i++)
        for (int k = 0; k < LANGS; k++)
            if (b->frame[i].text[k] == NULL)
                fail(name, b->frame[i].line, "%s has no line for %s",
                     b->frame[i].name, lang_code[k]);
    if (b->nframe == 0)
        fail(name, 0, "no frames");
}

/* ---- filling a frame -------------------------------------------------- */

/* What is being filled: one frame in one language with one word per slot. */
struct filling {
    const struct book *book;
    const struct frame *frame;
    const char *file;
    int lang;
    const struct word *pick[MAX_SLOTS];
    char out[MAX_TEXT];
    size_t len;
};

static _Noreturn void fill_fail(const struct filling *f, const char *what,
                                const char *name)
{
    fail(f->file, f->frame->text_line[f->lang], "%s: %s '%s'",
         f->frame->name, what, name);
}

/*
 * Adds text: no blank at the start, after a blank, after an apostrophe, or
 * before a full stop or a comma (where an empty form leaves one).
 */
static void put(struct filling *f, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char last = f->len == 0 ? ' ' : f->out[f->len - 1];

        if (text[i] == ' ' && (last == ' ' || last == '\''))
            continue;
        if (f->len > 0 && last == ' ' && (text[i] == '.' || text[i] == ','))
            f->len--;
        if (f->len + 1 >= sizeof f->out)
            fill_fail(f, "too long a sentence from", f->frame->name);
        f->out[f->len++] = text[i];
    }
    f->out[f->len] = '\0';
}

/* The word in the slot called name. */
static const struct word *slot_word(const struct filling *f, const char *name)
{
    for (size_t i = 0; i < f->frame->nslots; i++)
        if (strcmp(f->frame->slot[i].name, name) == 0)
            return f->pick[i];
    fill_fail(f, "unknown slot", name);
}

static const char *word_form(const struct filling *f, const struct word *w,
                             const char *form)
{
    const struct list *names = &f->book->class[w->class].form[f->lang];
    size_t i = find(names, form);

    if (i == names->len) {
        char what[MAX_TEXT];
        snprintf(what, sizeof what, "%s (%s) has no form", w->name,
                 f->book->class[w->class].name);
        fill_fail(f, what, form);
    }
    return w->form[f->lang].item[i];
}

/* "A.form", or "A.form$B.form": the second names (the rest of) the first. */
static const char *look_up(const struct filling *f, char *ref)
{
    char *dot = strchr(ref, '.');
    char *dollar = strchr(ref, '$');
    char form[MAX_TEXT];

    if (dot == NULL || (dollar != NULL && dollar < dot))
        fill_fail(f, "not SLOT.form", ref);
    *dot = '\0';
    if (dollar == NULL)
        return word_form(f, slot_word(f, ref), dot + 1);
    *dollar = '\0';
    snprintf(form, sizeof form, "%s%s", dot + 1, look_up(f, dollar + 1));
    return word_form(f, slot_word(f, ref), form);
}

/*
 * Of "a=text/b=text/text", the text for value; the last is for the others.
 * "@name" stands for the choices of that name.
 */
static const char *choose(const struct filling *f, const char *list,
                          const char *value)
{
    const char *named = list;
    struct list part;

    if (*list == '@')
        named = find_choice(f->book, f->lang, list + 1);
    if (named == NULL)
        fill_fail(f, "unknown choices", list);
    part = cut(copy_text(named, strlen(named)), '/');

    for (size_t i = 0; i < part.len; i++) {
        char *equals = strchr(part.item[i], '=');

        if (equals == NULL)
            return part.item[i];
        *equals = '\0';
        if (strcmp(part.item[i], value) == 0)
            return equals + 1;
    }
    fill_fail(f, "no choice for", value);
}

/* Fills what stands between { and }. */
static void fill_ref(struct filling *f, const char *start, size_t len)
{
    char *ref = copy_text(start, len);
    char *colon = strchr(ref, ':');
    const char *text;

    if (colon != NULL)
        *colon = '\0';
    text = look_up(f, ref);
    if (colon != NULL)
        text = choose(f, colon + 1, text);
    put(f, text, strlen(text));
}

static char *fill(struct filling *f)
{
    const char *s = f->frame->text[f->lang];

    f->len = 0;
    while (*s != '\0') {
        size_t len = strcspn(s, "{}");

        put(f, s, len);
        s += len;
        if (*s == '\0')
            break;
        len = strcspn(s, "}");
        if (*s == '}' || s[len] == '\0')
            fill_fail(f, "brace without its fellow in", s);
        fill_ref(f, s + 1, len - 1);
        s += len + 1;
    }
    capitalise(f->out);
    return copy_text(f->out, f->len);
}

/* ---- composing -------------------------------------------------------- */

struct corpus {
    struct sentence *item;
    size_t len;
    struct table seen[LANGS];
    struct table words[LANGS];
};

/* What is wrong with the shape of a sentence, or NULL. */
static const char *shape_error(const char *s, int lang)
{
    static const char *const ends[] = {".", "?", "!", "。", "？", "！"};
    size_t len = strlen(s);
    size_t from = lang == ZH ? 3 : 0;
    char first[3] = {0};

    if (len == 0 || s[0] == ' ' || strstr(s, "  ") || strstr(s, " ."))
        return "blank out of place or nothing at all";
    if (lang == ZH && strchr(s, ' ') != NULL)
        return "blank in a Chinese sentence";
    memcpy(first, s, len < 2 ? len : 2);
    capitalise(first);
    if (strncmp(first, s, 2) != 0)
        return "no capital at the start";
    for (size_t i = from; i < from + 3; i++)
        if (len > strlen(ends[i]) &&
            strcmp(s + len - strlen(ends[i]), ends[i]) == 0)
            return NULL;
    return "no mark at the end";
}

/* The words of combination number n; false where one word stands twice. */
static bool pick_words(struct filling *f, size_t n)
{
    for (size_t i = 0; i < f->frame->nslots; i++) {
        const struct slot *s = &f->frame->slot[i];

        f->pick[i] = &f->book->word[s->words[n % s->len]];
        n /= s->len;
        for (size_t k = 0; k < i; k++)
            if (f->pick[k] == f->pick[i])
                return false;
    }
    return true;
}

/* Fills in all languages; false where one of the sentences is there already. */
static bool compose_one(struct corpus *c, struct filling *f,
                        struct sentence *s)
{
    for (f->lang = 0; f->lang < LANGS; f->lang++) {
        const char *wrong;

        s->text[f->lang] = fill(f);
        wrong = shape_error(f->out, f->lang);
        if (wrong != NULL)
            fill_fail(f, wrong, f->out);
    }
    for (int i = 0; i < LANGS; i++)
        if (*table_count(&c->seen[i], s->text[i], strlen(s->text[i])) > 0)
            return false;
    for (int i = 0; i < LANGS; i++)
        *table_count(&c->seen[i], s->text[i], strlen(s->text[i])) = 1;
    return true;
}

struct order {
    uint64_t key;
    size_t n;
};

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* All combinations of a frame's words, in an order that the seed gives. */
static struct order *shuffle_combos(const struct frame *f, uint64_t seed,
                                    const char *file, size_t *total)
{
    struct order *order;
    uint64_t h = hash_text(seed, f->name, strlen(f->name));

    *total = 1;
    for (size_t i = 0; i < f->nslots; i++)
        *total *= f->slot[i].len;
    if (*total > MAX_COMBOS)
        fail(file, f->line, "%s has %zu combinations, more than %d", f->name,
             *total, (int)MAX_COMBOS);
    order = take(*total, sizeof *order);
    for (size_t i = 0; i < *total; i++)
        order[i] = (struct order){mix(h ^ mix(i)), i};
    qsort(order, *total, sizeof *order, by_key);
    return order;
}

static void compose_frame(struct corpus *c, const struct book *b,
                          size_t which, const struct options *o)
{
    const struct frame *frame = &b->frame[which];
    struct filling f = {.book = b, .frame = frame, .file = o->frames};
    size_t total, made = 0;
    struct order *order = shuffle_combos(frame, o->seed, o->frames, &total);

    for (size_t i = 0; i < total && made < frame->limit; i++) {
        struct sentence s = {.frame = which};

        if (!pick_words(&f, order[i].n) || !compose_one(c, &f, &s))
            continue;
        s.key = hash_text(o->seed, s.text[EN], strlen(s.text[EN]));
        c->item = grow(c->item, c->len, sizeof *c->item);
        c->item[c->len++] = s;
        made++;
    }
}

/* Prints the first sentences of a frame, for a reader to check. */
static void show_frame(const struct corpus *c, const struct frame *f,
                       size_t first, size_t count)
{
    for (size_t i = first; i < c->len && i < first + count; i++) {
        printf("%s\n", f->name);
        for (int k = 0; k < LANGS; k++)
            printf("  %s  %s\n", lang_code[k], c->item[i].text[k]);
    }
}

/* ---- splitting -------------------------------------------------------- */

/* Adds step to the count of each word of a sentence; the least count left. */
static long count_words(struct corpus *c, const struct sentence *s, long step)
{
    long least = LONG_MAX;

    for (int lang = 0; lang < LANGS; lang++) {
        const char *at = s->text[lang];
        const char *word;
        size_t len;

        while ((word = next_word(&at, lang, &len)) != NULL) {
            long *count = table_count(&c->words[lang], word, len);

            *count += step;
            if (*count < least)
                least = *count;
        }
    }
    return least;
}

static void compose_all(struct corpus *c, struct book *b,
                        const struct options *o)
{
    size_t want = o->count[TRAIN] + o->count[DEV] + o->count[TEST];

    for (size_t i = 0; i < b->nframe; i++) {
        size_t before = c->len;

        compose_frame(c, b, i, o);
        show_frame(c, &b->frame[i], before, o->show);
    }
    if (c->len < want)
        fail(o->frames, 0, "only %zu sentences, not %zu", c->len, want);
    qsort(c->item, c->len, sizeof *c->item, by_key);
    c->len = want;
    for (size_t i = 0; i < c->len; i++) {
        b->frame[c->item[i].frame].kept++;
        count_words(c, &c->item[i], 1);
    }
    for (size_t i = 0; i < b->nframe; i++)
        if (100 * b->frame[i].kept > 3 * want)
            fail(o->frames, b->frame[i].line,
                 "%s makes %zu of %zu sentences, more than 3%%",
                 b->frame[i].name, b->frame[i].kept, want);
}

/*
 * Gives sentences to dev and test, one by one in the shuffled order, while
 * each word stays at least min_seen times in train.
 */
static void hold_out(struct corpus *c, const struct options *o)
{
    size_t have[SPLITS] = {0};

    for (size_t i = 0; i < c->len; i++) {
        struct sentence *s = &c->item[i];
        int to = have[DEV] * o->count[TEST] < have[TEST] * o->count[DEV] ||
                 have[TEST] >= o->count[TEST] ? DEV : TEST;

        if (have[to] >= o->count[to])
            break;
        if (count_words(c, s, -1) < (long)o->min_seen) {
            count_words(c, s, 1);
            continue;
        }
        s->split = to;
        have[to]++;
    }
    if (have[DEV] < o->count[DEV] || have[TEST] < o->count[TEST])
        fail(o->frames, 0, "too many rare words: only %zu dev, %zu test",
             have[DEV], have[TEST]);
}

/* ---- checking and reporting ------------------------------------------- */

/* Asserts what the README promises of the finished corpus. */
static void check_corpus(struct corpus *c, const struct options *o)
{
    struct table seen[LANGS] = {{0}};

    for (size_t i = 0; i < c->len; i++) {
        struct sentence *s = &c->item[i];

        for (int k = 0; k < LANGS; k++) {
            size_t len = strlen(s->text[k]);
            if ((*table_count(&seen[k], s->text[k], len))++ > 0)
                fail(o->frames, 0, "twice in %s: %s", lang_code[k],
                     s->text[k]);
        }
        if (s->split != TRAIN && count_words(c, s, 0) < (long)o->min_seen)
            fail(o->frames, 0, "rare word held out: %s", s->text[EN]);
    }
}

/* Counts of distinct words in train: all, and those seen min_seen times. */
static void report(const struct corpus *c, const struct book *b,
                   const struct options *o)
{
    size_t most = 0;

    for (size_t i = 1; i < b->nframe; i++)
        if (b->frame[i].kept > b->frame[most].kept)
            most = i;
    printf("frames %zu, words in the lexicon %zu\n", b->nframe, b->nword);
    printf("sentences: train %zu, dev %zu, test %zu\n", o->count[TRAIN],
           o->count[DEV], o->count[TEST]);
    printf("largest frame: %s, %zu sentences (%.1f%%)\n",
           b->frame[most].name, b->frame[most].kept,
           100.0 * (double)b->frame[most].kept / (double)c->len);
    for (int k = 0; k < LANGS; k++) {
        const struct table *t = &c->words[k];
        size_t often = 0;

        for (size_t i = 0; i < t->room; i++)
            often += t->key[i] != NULL && t->count[i] >= (long)o->min_seen;
        printf("%s: %zu %s in train, %zu of them %zu times or more\n",
               lang_code[k], t->len, k == ZH ? "characters" : "words", often,
               o->min_seen);
    }
    printf("held out: each word is %zu times or more in train\n", o->min_seen);
}

/* ---- writing ---------------------------------------------------------- */

static void make_dir(const char *name)
{
    struct stat st;

    if (mkdir(name, 0777) == 0)
        return;
    if (errno != EEXIST)
        fail(name, 0, "cannot make directory: %s", strerror(errno));
    if (stat(name, &st) != 0 || !S_ISDIR(st.st_mode))
        fail(name, 0, "not a directory");
}

static void write_file(const struct corpus *c, const char *dir,
                       const char *pair, int split, int lang)
{
    char name[4096];
    FILE *f;
    bool ok = true;
    int len = snprintf(name, sizeof name, "%s/opus.%s-%s.%s", dir, pair,
                       split_name[split], lang_code[lang]);

    if (len < 0 || (size_t)len >= sizeof name)
        fail(dir, 0, "too long a name");
    f = fopen(name, "wb");
    if (f == NULL)
        fail(name, 0, "cannot write: %s", strerror(errno));
    for (size_t i = 0; i < c->len && ok; i++)
        if (c->item[i].split == split)
            ok = fprintf(f, "%s\n", c->item[i].text[lang]) > 0;
    if (fclose(f) != 0 || !ok)
        fail(name, 0, "cannot write: %s", strerror(errno));
}

static void write_corpus(const struct corpus *c, const char *outdir)
{
    make_dir(outdir);
    for (int lang = EN + 1; lang < LANGS; lang++) {
        bool en_first = strcmp(lang_code[EN], lang_code[lang]) < 0;
        char pair[8], dir[4096];
        int len;

        snprintf(pair, sizeof pair, "%s-%s",
                 lang_code[en_first ? EN : lang],
                 lang_code[en_first ? lang : EN]);
        len = snprintf(dir, sizeof dir, "%s/%s", outdir, pair);
        if (len < 0 || (size_t)len >= sizeof dir)
            fail(outdir, 0, "too long a name");
        make_dir(dir);
        for (int split = 0; split < SPLITS; split++) {
            write_file(c, dir, pair, split, EN);
            write_file(c, dir, pair, split, lang);
        }
    }
}

/* ---- the command line ------------------------------------------------- */

static void usage(FILE *to)
{
    fputs("usage: phrasebook-compose [-o OUTDIR] [OPTION]... "
          "frames.txt lexicon.txt\n"
          "Composes the parallel phrasebook; without -o it only checks.\n"
          "  -o OUTDIR      where to write (the last part is made)\n"
          "  --seed N       another choice of sentences (1)\n"
          "  --train N      training sentences (3000)\n"
          "  --dev N        development sentences (150)\n"
          "  --test N       test sentences (200)\n"
          "  --min-seen N   least count in train of a held-out word (5)\n"
          "  --show N       also print N sentences of each frame (0)\n"
          "  -h, --help     this text\n",
          to);
}

static _Noreturn void usage_fail(const char *what, const char *arg)
{
    fprintf(stderr, "phrasebook-compose: %s '%s' (try --help)\n", what, arg);
    exit(EXIT_USAGE);
}

/* Where the number of an option goes, or NULL for an unknown option. */
static size_t *number_option(struct options *o, const char *name, size_t *seed)
{
    const struct {
        const char *name;
        size_t *value;
    } known[] = {{"--seed", seed},
                 {"--show", &o->show},
                 {"--train", &o->count[TRAIN]},
                 {"--dev", &o->count[DEV]},
                 {"--test", &o->count[TEST]},
                 {"--min-seen", &o->min_seen}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    return NULL;
}

static void set_option(struct options *o, const char *name, const char *value)
{
    size_t seed = (size_t)o->seed;
    size_t *number = number_option(o, name, &seed);

    if (number == NULL && strcmp(name, "-o") != 0)
        usage_fail("unknown option", name);
    if (value == NULL)
        usage_fail("no value for", name);
    if (number == NULL)
        o->outdir = value;
    else if (!parse_count(value, number))
        usage_fail("not a number up to 1000000:", value);
    o->seed = seed;
}

static void set_file(struct options *o, const char *name)
{
    if (o->frames == NULL)
        o->frames = name;
    else if (o->lexicon == NULL)
        o->lexicon = name;
    else
        usage_fail("a third file", name);
}

static struct options parse_options(int argc, char **argv)
{
    struct options o = {.seed = 1, .count = {3000, 150, 200}, .min_seen = 5};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            usage(stdout);
            exit(EXIT_SUCCESS);
        }
        if (argv[i][0] == '-') {
            set_option(&o, argv[i], argv[i + 1]);
            i++;
        } else {
            set_file(&o, argv[i]);
        }
    }
    if (o.lexicon == NULL)
        usage_fail("two files needed, missing",
                   o.frames == NULL ? "frames.txt" : "lexicon.txt");
    return o;
}

int main(int argc, char **argv)
{
    struct options o = parse_options(argc, argv);
    struct book book = {0};
    struct corpus corpus = {0};

    read_lexicon(&book, o.lexicon);
    read_frames(&book, o.frames);
    compose_all(&corpus, &book, &o);
    hold_out(&corpus, &o);
    check_corpus(&corpus, &o);
    if (o.outdir != NULL)
        write_corpus(&corpus, o.outdir);
    report(&corpus, &book, &o);
    give_back_all();
    if (fflush(stdout) != 0)
        fail("standard output", 0, "cannot write: %s", strerror(errno));
    return EXIT_SUCCESS;
}
