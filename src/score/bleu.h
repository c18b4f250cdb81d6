/* BLEU (Papineni, Roukos, Ward and Zhu 2002) as sacreBLEU (Post 2018) computes it.
 *
 *   BLEU = BP * exp(1/N * sum_{n=1..N} ln p_n),   BP = 1 if hyp_len >= ref_len else exp(1 - ref_len / hyp_len)
 *   p_n = 100 * clipped matches / n-grams of the hypothesis
 *
 * A match counts at most as often as in the one reference that has the n-gram most often; the reference's length is
 * that of the closest reference, the shorter of two equally close ones. Statistics of lines add up to those of a
 * corpus. */
#ifndef THOR_SCORE_BLEU_H
#define THOR_SCORE_BLEU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "pieces/encoder.h"
#include "score/ngram.h"
#include "score/score_lines.h"
#include "score/tokenize.h"

enum { THOR_BLEU_MAX_ORDER = 16, THOR_BLEU_MAX_COLUMNS = 2 + 2 * THOR_BLEU_MAX_ORDER };

/* What stands for p_n without a match (Chen and Cherry 2014). */
typedef enum thor_smooth {
    THOR_SMOOTH_EXP,        /* method 3: 100 / (2^k * n-grams), k counts the orders without a match so far */
    THOR_SMOOTH_FLOOR,      /* method 1: 100 * value / n-grams; default value 0.1 */
    THOR_SMOOTH_ADD_K,      /* method 2: value is added to matches and n-grams of orders above 1; default value 1 */
    THOR_SMOOTH_NONE,
    THOR_SMOOTHS
} thor_smooth;

typedef struct thor_bleu_options {
    thor_tokenizer tokenizer;
    thor_smooth smooth;
    double smooth_value;        /* below 0: the method's default */
    int order;                  /* N, 1 … THOR_BLEU_MAX_ORDER */
    bool lowercase;
    const thor_vocab *pieces;   /* words are its pieces (spBLEU), instead of the tokeniser's; not owned, or NULL */
    const char *pieces_name;    /* in the signature: "flores200" */
    bool effective_order;       /* the mean goes over the orders that the hypothesis has: for single sentences */
} thor_bleu_options;

typedef struct thor_bleu {
    double score;               /* 0 … 100 */
    double precisions[THOR_BLEU_MAX_ORDER];     /* percent */
    double brevity_penalty, ratio;
    int64_t hypothesis_length, reference_length;
    int order;
} thor_bleu;

/* 13a, exp, order 4, mixed case, no effective order: sacreBLEU's defaults. */
thor_bleu_options thor_bleu_defaults(void);

const char *thor_smooth_name(thor_smooth smooth);
/* "exp", "floor", "add-k", "none"; -1 for another name. */
int thor_smooth_from_name(const char *name);
/* The value in use; 0 for methods without one. */
double thor_smooth_value(const thor_bleu_options *options);

/* Memory of one caller; zero it before the first use. */
typedef struct thor_bleu_work {
    thor_tokenizer_work tokenizer;
    thor_encoder encoder;
    thor_bytes pieces;
    thor_ngrams ngrams;
} thor_bleu_work;

void thor_bleu_work_free(thor_bleu_work *work);

/* Columns of a row of statistics: hyp_len, ref_len, matches of orders 1 … N, n-grams of orders 1 … N. */
size_t thor_bleu_columns(const thor_bleu_options *options);

/* The row of one line against `reference_count` references (those with NULL bytes are not there). Errors:
 * THOR_E_MEMORY, THOR_E_USAGE when no reference is there. */
thor_status thor_bleu_statistics(const thor_bleu_options *options, thor_score_line hypothesis,
                                 const thor_score_line *references, size_t reference_count, thor_bleu_work *work,
                                 int64_t *row, thor_error *error);

/* BLEU of a sum of rows. `single`: the sums are float32, as in sacreBLEU's resampling. */
void thor_bleu_from_sums(const thor_bleu_options *options, const double *sums, bool single, thor_bleu *bleu);

#endif
