/* Learning a vocabulary from text. */
#ifndef THOR_TEXT_LEARN_H
#define THOR_TEXT_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "text/bytes.h"
#include "text/spm.h"
#include "text/words.h"

typedef struct thor_learn_options {
    thor_model_type type;       /* THOR_BPE */
    int32_t pieces;             /* at most so many, special ones not counted */
    double
        character_coverage; /* the most frequent characters that make up this share of the text are pieces; the rest is
                                 * <unk>. In (0, 1] */
    double temperature;         /* thor_words_weigh; 1: files count as they are */
    int32_t longest_piece;      /* characters, 1 … 64 */
    int32_t longest_line;       /* bytes; longer lines are left out */
    bool split_by_script;       /* no piece has letters of two scripts, or letters and punctuation */
    bool split_by_number;       /* the same for letters and digits */
} thor_learn_options;

/* spm_train's choices, but all characters covered: 8000 pieces, coverage 1, temperature 1, 16 characters, 4192
 * bytes. */
thor_learn_options thor_learn_defaults(void);

/* What came of it. */
typedef struct thor_learn_report {
    int64_t lines, lines_left_out;
    int64_t words;              /* different ones */
    int32_t characters;         /* pieces of one character */
    int32_t characters_unknown; /* different ones below the coverage */
    int32_t pieces;             /* all but the special ones */
    int64_t last_weight;        /* of the last pair that was merged; 0: none */
} thor_learn_report;

/* Appends a SentencePiece model learned from the files to *model. The result depends on the text and the options
 * only. `report` may be NULL. Errors: THOR_E_USAGE for an option out of range or a size below the number of
 * characters; THOR_E_IO and THOR_E_FORMAT naming file and line; THOR_E_MEMORY. */
thor_status thor_learn_files(const thor_learn_options *options, const char *const *paths, size_t count,
                             thor_bytes *model, thor_learn_report *report, thor_error *error);

/* The same from words that were counted already (thor_words_weigh has been called). */
thor_status thor_learn_words(const thor_learn_options *options, const thor_words *words, thor_bytes *model,
                             thor_learn_report *report, thor_error *error);

#endif
