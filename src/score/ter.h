/* Translation edit rate (Snover, Dorr, Schwartz, Micciulla and Makhoul 2006) as sacreBLEU computes it, after Tercom.
 *
 *   TER = 100 * edits / words of the reference
 *
 * An edit inserts, deletes or replaces a word of the hypothesis, or moves a run of words. The best moves are hard to
 * find; the rules of Tercom, limits included, decide which ones count (score/ter_edits.h). Of several references the
 * one with the fewest edits counts, over the mean of their lengths. Lower is better. */
#ifndef THOR_SCORE_TER_H
#define THOR_SCORE_TER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "score/ngram.h"
#include "score/score_lines.h"
#include "score/ter_edits.h"
#include "score/tokenize.h"

enum { THOR_TER_COLUMNS = 2 };

typedef struct thor_ter_options {
    bool case_sensitive;
    bool normalized;            /* punctuation, and a possessive 's, are words of their own */
    bool no_punctuation;        /* . , ? : ; ! " ( ) are left out */
} thor_ter_options;

/* Memory of one caller; zero it before the first use. */
typedef struct thor_ter_work {
    thor_tokenizer_work tokenizer;
    thor_bytes words, spare;
    thor_ngrams numbers;        /* of the words */
    thor_ter_edits edits;
} thor_ter_work;

void thor_ter_work_free(thor_ter_work *work);

/* The row of one line: the edits, and the mean length of its references. Arguments and errors as for
 * thor_bleu_statistics. */
thor_status thor_ter_statistics(const thor_ter_options *options, thor_score_line hypothesis,
                                const thor_score_line *references, size_t reference_count, thor_ter_work *work,
                                double row[THOR_TER_COLUMNS], thor_error *error);

/* TER, from 0 without an upper end, of a sum of rows; 100 where nothing was expected and something is there. `single`:
 * the sums are float32, as in sacreBLEU's resampling. */
double thor_ter_from_sums(const double sums[THOR_TER_COLUMNS], bool single);

#endif
