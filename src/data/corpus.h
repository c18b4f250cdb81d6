/* What a corpus as it was downloaded consists of: language pairs, and for each split the files of both sides. Nothing is read here
 * but names. */
#ifndef THOR_DATA_CORPUS_H
#define THOR_DATA_CORPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/prepared.h"

/* Two files whose lines translate each other. */
typedef struct thor_corpus_part {
    char *path[2];
} thor_corpus_part;

typedef struct thor_corpus_split {
    thor_corpus_part *parts;    /* read one after another */
    int32_t count;
    int64_t lines;              /* known after thor_survey */
} thor_corpus_split;

typedef struct thor_corpus_pair {
    char *language[2];
    char *domain;               /* NULL: none */
    thor_corpus_split splits[THOR_SPLITS];
} thor_corpus_pair;

typedef struct thor_corpus {
    thor_corpus_pair *pairs;
    int32_t pair_count;
    char **languages;           /* order of the tokens; empty until chosen or derived */
    int32_t language_count;
} thor_corpus;

/* Finds the layout of `folder`: OPUS-100 as it is unpacked (the root, v1.0, supervised or one pair's folder), folders of domains
 * with {train,dev,test}.LANGUAGE, or one such folder. With more than two languages in one folder pairs are made with English
 * where there is English, else (and with `all`) among all of them. Free with thor_corpus_free, also after an error. */
thor_status thor_corpus_find(thor_corpus *corpus, const char *folder, bool all, thor_error *error);
void thor_corpus_free(thor_corpus *corpus);

/* Builds a corpus by hand. Language codes are letters, digits and '_'; a pair that is already there with the same domain is an
 * error. The new pair is the last one. */
thor_status thor_corpus_add_pair(thor_corpus *corpus, const char *first, const char *second, const char *domain,
                                 thor_error *error);
thor_status thor_corpus_add_files(thor_corpus_pair *pair, thor_split split, const char *first, const char *second,
                                  thor_error *error);
thor_status thor_corpus_add_language(thor_corpus *corpus, const char *language, thor_error *error);

/* Keeps the pairs that `wanted` names ("de-en,en-fr", either order); each has to exist. */
thor_status thor_corpus_keep_pairs(thor_corpus *corpus, const char *wanted, thor_error *error);

/* Takes "en,de,fr" as the order of the language tokens and keeps the pairs among them. */
thor_status thor_corpus_keep_languages(thor_corpus *corpus, const char *wanted, thor_error *error);

/* Gives the languages an order if they have none yet: that of strcmp. Checks that every pair's languages are in the list. */
thor_status thor_corpus_settle(thor_corpus *corpus, thor_error *error);

#endif
