/* What a corpus as it was downloaded consists of: language pairs, and for each split the files of both sides. Nothing
 * is read here but names. */
#ifndef THOR_DATA_BITEXT_H
#define THOR_DATA_BITEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/prepared.h"

/* Two files whose lines translate each other. */
typedef struct thor_bitext_part {
    char *path[2];
} thor_bitext_part;

typedef struct thor_bitext_split {
    thor_bitext_part *parts;    /* read one after another */
    int32_t count;
    int64_t lines;              /* known after thor_survey, as is: */
    char checksum[65];          /* SHA-256 of the SHA-256 of its files' lines, unpacked, with LF behind each */
} thor_bitext_split;

typedef struct thor_bitext_pair {
    char *language[2];
    char *domain;               /* NULL: none */
    thor_bitext_split splits[THOR_SPLITS];
} thor_bitext_pair;

typedef struct thor_bitext {
    thor_bitext_pair *pairs;
    int32_t pair_count;
    char **languages;           /* order of the tokens; empty until chosen or derived */
    int32_t language_count;
} thor_bitext;

/* Finds the layout of `folder`: OPUS-100 as it is unpacked (the root, v1.0, supervised or one pair's folder), folders
 * of domains with {train,dev,test}.LANGUAGE, or one such folder. With more than two languages in one folder pairs are
 * made with English where there is English, else (and with `all`) among all of them. Free with thor_bitext_free, also
 * after an error. */
thor_status thor_bitext_find(thor_bitext *corpus, const char *folder, bool all, thor_error *error);
void thor_bitext_free(thor_bitext *corpus);

/* Builds a corpus by hand. Language codes are letters, digits and '_'; a pair that is already there with the same
 * domain is an error. The new pair is the last one. */
thor_status thor_bitext_add_pair(thor_bitext *corpus, const char *first, const char *second, const char *domain,
                                 thor_error *error);
thor_status thor_bitext_add_files(thor_bitext_pair *pair, thor_split split, const char *first, const char *second,
                                  thor_error *error);
thor_status thor_bitext_add_language(thor_bitext *corpus, const char *language, thor_error *error);

/* Keeps the pairs that `wanted` names ("de-en,en-fr", either order); each has to exist. */
thor_status thor_bitext_keep_pairs(thor_bitext *corpus, const char *wanted, thor_error *error);

/* Keeps the pairs of the domains that `wanted` names ("it,law"), in the corpus's order; each has to exist. */
thor_status thor_bitext_keep_domains(thor_bitext *corpus, const char *wanted, thor_error *error);

/* Takes "en,de,fr" as the order of the language tokens and keeps the pairs among them. */
thor_status thor_bitext_keep_languages(thor_bitext *corpus, const char *wanted, thor_error *error);

/* Gives the languages an order if they have none yet: that of strcmp. Checks that every pair's languages are in the
 * list. */
thor_status thor_bitext_settle(thor_bitext *corpus, thor_error *error);

#endif
