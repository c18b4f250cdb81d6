/* How a vocabulary is learned. */
#ifndef THOR_LEARN_LEARN_OPTIONS_H
#define THOR_LEARN_LEARN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "pieces/spm.h"

typedef struct thor_learn_options {
    thor_model_type type;       /* THOR_BPE or THOR_UNIGRAM */
    int32_t pieces;             /* at most so many; user-defined and byte pieces count, special and control ones
                                 * do not */
    double character_coverage;  /* the most frequent characters that make up this share of the text are pieces; the rest
                                 * is <unk>. In (0, 1] */
    const char *required;       /* characters that are pieces whatever the coverage; NULL: none */
    double temperature;         /* thor_words_weigh; 1: files count as they are */
    int32_t longest_piece;      /* characters, 1 … 64 */
    int32_t longest_line;       /* bytes; longer lines are left out */

    bool split_by_blank;        /* no piece reaches over a blank */
    bool split_by_script;       /* no piece has letters of two scripts, or letters and punctuation */
    bool split_by_number;       /* the same for letters and digits */
    bool split_digits;          /* a digit is a piece of its own */
    bool blank_as_suffix;       /* a blank belongs to the word before it */
    bool blank_pieces;          /* pieces of several blanks only are allowed */
    bool byte_fallback;         /* 256 pieces for bytes, with which unknown characters are spelled */
    const char *const *users;   /* user-defined pieces, [user_count] */
    size_t user_count;
    const char *const *controls;    /* control pieces, [control_count] */
    size_t control_count;

    const char *normalization;  /* thor_charsmap_by_name */
    bool add_dummy_prefix, remove_extra_blanks;

    int64_t sample;             /* learn from so many lines; 0: from all */
    bool sample_first;          /* the first ones, instead of a draw */
    uint32_t seed;              /* of the draw; 12345678 draws the lines that SentencePiece draws */

    int32_t seed_pieces;        /* unigram: pieces to start with */
    double shrinking;           /* unigram: share of the pieces that a round of pruning keeps, 0.5 … 0.95 */
    int32_t em_steps;           /* unigram: steps of EM between rounds, 1 … 10 */
    bool exact_loss;            /* unigram: see unigram_prune.h */

    int threads;                /* 0: all that there are. The result does not depend on it */
} thor_learn_options;

/* spm_train's choices, but byte pair encoding, all characters covered and no normalisation: 8000 pieces, coverage 1,
 * temperature 1, 16 characters, 4192 bytes. */
thor_learn_options thor_learn_defaults(void);

/* THOR_E_USAGE, naming the option, when one is out of range, or when a user-defined or control piece is empty, not
 * UTF-8 or given twice. */
thor_status thor_learn_check(const thor_learn_options *options, thor_error *error);

/* The pieces that stand in a learned model before those that are learned: piece `index` from 0 on, <unk>, <s>, </s>,
 * control, user-defined and byte pieces. Returns its type; 0 behind the last one. */
thor_piece_type thor_learn_meta(const thor_learn_options *options, size_t index, char text[8], const char **spelling);

/* How many of them have an id of thor's, so that they count among options->pieces. */
size_t thor_learn_meta_counted(const thor_learn_options *options);

#endif
