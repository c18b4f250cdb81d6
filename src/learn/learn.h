/* Learning a vocabulary from text. */
#ifndef THOR_LEARN_LEARN_H
#define THOR_LEARN_LEARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "learn/learn_options.h"
#include "learn/words.h"

/* What came of it. */
typedef struct thor_learn_report {
    int64_t lines, lines_left_out;  /* left out: too long, or with U+2585 */
    int64_t lines_drawn;        /* of the sample; `lines` without one */
    int64_t words;              /* different ones */
    int32_t characters;         /* pieces of one character */
    int32_t characters_unknown; /* different ones below the coverage */
    int32_t pieces;             /* all but <unk> and control pieces */
    int64_t last_weight;        /* bpe: of the last pair that was merged; 0: none */
} thor_learn_report;

/* Appends a SentencePiece model learned from the files to *model. The result depends on the text and the options
 * only. `report` may be NULL. Errors: THOR_E_USAGE for an option out of range or a size below the number of
 * characters; THOR_E_IO and THOR_E_FORMAT naming file and line; THOR_E_MEMORY. */
thor_status thor_learn_files(const thor_learn_options *options, const char *const *paths, size_t count,
                             thor_bytes *model, thor_learn_report *report, thor_error *error);

/* The same from words that were counted with these options (thor_words_weigh has been called). */
thor_status thor_learn_words(const thor_learn_options *options, const thor_words *words, thor_bytes *model,
                             thor_learn_report *report, thor_error *error);

#endif
