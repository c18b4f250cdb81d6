#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "corpus.h"
#include "fail.h"

enum { LONGEST_PATH = 4096 };

static const char *const split_name[SPLITS] = { "train", "dev", "test" };

static void make_folder(const char *name)
{
    if (mkdir(name, 0777) == 0)
        return;
    if (errno != EEXIST)
        fail(name, 0, "cannot make directory: %s", strerror(errno));
    struct stat found;
    if (stat(name, &found) != 0 || !S_ISDIR(found.st_mode))
        fail(name, 0, "not a directory");
}

/* One part of a pair in one of its languages, a sentence a line. */
static void write_side(const struct corpus *corpus, const char *folder, const char *pair, int split, int language)
{
    char name[LONGEST_PATH];
    int length = snprintf(name, sizeof name, "%s/opus.%s-%s.%s", folder, pair, split_name[split],
                          language_code[language]);
    if (length < 0 || (size_t)length >= sizeof name)
        fail(folder, 0, "too long a name");
    FILE *stream = fopen(name, "wb");
    if (stream == NULL)
        fail(name, 0, "cannot write: %s", strerror(errno));
    bool whole = true;
    for (size_t i = 0; i < corpus->sentences && whole; i++)
        if (corpus->sentence[i].split == split)
            whole = fprintf(stream, "%s\n", corpus->sentence[i].text[language]) > 0;
    if (fclose(stream) != 0 || !whole)
        fail(name, 0, "cannot write: %s", strerror(errno));
}

/* The folder of a language with English, called by the two codes in alphabetical order. */
static void write_pair(const struct corpus *corpus, const char *outer, int language)
{
    bool english_first = strcmp(language_code[ENGLISH], language_code[language]) < 0;
    char pair[8], folder[LONGEST_PATH];
    snprintf(pair, sizeof pair, "%s-%s", language_code[english_first ? ENGLISH : language],
             language_code[english_first ? language : ENGLISH]);
    int length = snprintf(folder, sizeof folder, "%s/%s", outer, pair);
    if (length < 0 || (size_t)length >= sizeof folder)
        fail(outer, 0, "too long a name");
    make_folder(folder);
    for (int split = 0; split < SPLITS; split++) {
        write_side(corpus, folder, pair, split, ENGLISH);
        write_side(corpus, folder, pair, split, language);
    }
}

void write_corpus(const struct corpus *corpus, const char *folder)
{
    make_folder(folder);
    for (int language = ENGLISH + 1; language < LANGUAGES; language++)
        write_pair(corpus, folder, language);
}
