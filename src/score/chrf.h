/* chrF (Popović 2015) and chrF++ (Popović 2017) as sacreBLEU computes them.
 *
 * Precision P and recall R are means over the orders of character n-grams (1 … char_order) and word n-grams
 * (1 … word_order);
 *   chrF = 100 * (1 + beta^2) * P * R / (beta^2 * P + R)
 * Orders that one side lacks are left out (effective order). With eps smoothing they stay, with 1e-16 for P or R, and
 * chrF is the mean of the orders' F. Of several references the one with the best chrF of the line counts. */
#ifndef THOR_SCORE_CHRF_H
#define THOR_SCORE_CHRF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "score/ngram.h"
#include "score/score_lines.h"
#include "score/tokenize.h"

enum { THOR_CHRF_MAX_ORDER = 16, THOR_CHRF_MAX_COLUMNS = 3 * 2 * THOR_CHRF_MAX_ORDER };

typedef struct thor_chrf_options {
    int char_order, word_order; /* 0 … THOR_CHRF_MAX_ORDER, not both 0; word_order 2 is chrF++ */
    int beta;                   /* recall counts beta times as much as precision */
    bool lowercase;
    bool whitespace;            /* character n-grams go over white space too */
    bool eps_smoothing;
} thor_chrf_options;

/* char_order 6, word_order 0, beta 2: sacreBLEU's defaults. */
thor_chrf_options thor_chrf_defaults(void);

/* Memory of one caller; zero it before the first use. */
typedef struct thor_chrf_work {
    thor_tokenizer_work tokenizer;
    thor_ngrams ngrams;
    thor_bytes words;
    int64_t *rows;              /* a row for each reference */
    size_t row_room;
} thor_chrf_work;

void thor_chrf_work_free(thor_chrf_work *work);

/* Columns of a row of statistics: for each order, characters first, the n-grams of the hypothesis (0 when the
 * reference has none), those of the reference, and the matches. */
size_t thor_chrf_columns(const thor_chrf_options *options);

/* The row of one line; arguments and errors as for thor_bleu_statistics. */
thor_status thor_chrf_statistics(const thor_chrf_options *options, thor_score_line hypothesis,
                                 const thor_score_line *references, size_t reference_count, thor_chrf_work *work,
                                 int64_t *row, thor_error *error);

/* chrF, 0 … 100, of a sum of rows. `single`: the sums are float32, as in sacreBLEU's resampling. */
double thor_chrf_from_sums(const thor_chrf_options *options, const double *sums, bool single);

#endif
