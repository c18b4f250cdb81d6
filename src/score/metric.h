/* A metric, whichever it is, on a corpus: rows of statistics that add up, and the score of a sum. */
#ifndef THOR_SCORE_METRIC_H
#define THOR_SCORE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "score/bleu.h"
#include "score/chrf.h"
#include "score/score_lines.h"
#include "score/ter.h"

enum { THOR_SCORE_MAX_COLUMNS = 3 * 2 * THOR_CHRF_MAX_ORDER, THOR_SCORE_MAX_REFERENCES = 64 };

typedef enum thor_metric_kind { THOR_METRIC_BLEU, THOR_METRIC_CHRF, THOR_METRIC_TER, THOR_METRICS } thor_metric_kind;

typedef struct thor_metric {
    thor_metric_kind kind;
    thor_bleu_options bleu;
    thor_chrf_options chrf;
    thor_ter_options ter;
} thor_metric;

/* Hypotheses and their references: references[r][line] belongs to hypotheses[line]. */
typedef struct thor_score_corpus {
    const thor_score_line *hypotheses;
    const thor_score_line *const *references;
    size_t reference_count;     /* 1 … THOR_SCORE_MAX_REFERENCES */
    size_t count;               /* lines */
} thor_score_corpus;

/* Checks the options: THOR_E_USAGE names the one that is out of range. */
thor_status thor_metric_check(const thor_metric *metric, thor_error *error);

/* Columns of a row, at most THOR_SCORE_MAX_COLUMNS. */
size_t thor_metric_columns(const thor_metric *metric);

/* The score of a sum of rows: 0 … 100, but TER, of which less is better, may be above. `single`: the sums are
 * float32. */
double thor_metric_score(const thor_metric *metric, const double *sums, bool single);

/* Statistics of a corpus: rows[count * columns] (or NULL) and their sum, sums[columns]. An error names the line. */
thor_status thor_metric_statistics(const thor_metric *metric, const thor_score_corpus *corpus, double *rows,
                                   double *sums, thor_error *error);

thor_status thor_bleu_corpus(const thor_bleu_options *options, const thor_score_corpus *corpus, thor_bleu *bleu,
                             thor_error *error);
thor_status thor_chrf_corpus(const thor_chrf_options *options, const thor_score_corpus *corpus, double *chrf,
                             thor_error *error);

/* BLEU of `count` C strings against one reference each, with a tokeniser and otherwise sacreBLEU's defaults. */
thor_status thor_bleu_strings(thor_tokenizer tokenizer, const char *const *hypotheses, const char *const *references,
                              size_t count, thor_bleu *bleu, thor_error *error);

#endif
