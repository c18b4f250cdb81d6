#include "reproduce/score_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/metric.h"
#include "score/signature.h"

static thor_status check(const char *direction, const thor_score_lines *hypotheses,
                         const thor_score_lines *references, thor_error *error)
{
    if (!strchr(direction, '-') || strlen(direction) >= sizeof ((thor_test_scores *)0)->direction)
        return thor_fail(error, THOR_E_USAGE, "'%.80s' is no direction; expected source-target such as en-de",
                         direction);
    if (hypotheses->count != references->count || hypotheses->count == 0)
        return thor_fail(error, THOR_E_USAGE, "%s: %zu translations and %zu references; expected as many, and at least "
                         "one", direction, hypotheses->count, references->count);
    if (thor_tokenizer_for_language(direction) < 0)
        return thor_fail(error, THOR_E_USAGE, "%s: BLEU for this language needs MeCab, which thor has not", direction);
    return THOR_OK;
}

static thor_status score(const thor_metric *metric, const thor_score_corpus *corpus, double *rows, double *found,
                         thor_error *error)
{
    double sums[THOR_SCORE_MAX_COLUMNS];
    THOR_TRY(thor_metric_statistics(metric, corpus, rows, sums, error));
    *found = thor_metric_score(metric, sums, false);
    return THOR_OK;
}

thor_status thor_score_test(thor_test_scores *test, const char *direction, const char *domain,
                            const thor_score_lines *hypotheses, const thor_score_lines *references,
                            thor_error *error)
{
    thor_metric bleu = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    const thor_metric chrf = { .kind = THOR_METRIC_CHRF, .chrf = thor_chrf_defaults() };
    const thor_score_line *const lines = references->items;
    const thor_score_corpus corpus = { hypotheses->items, &lines, 1, hypotheses->count };
    char signature[THOR_SIGNATURE_SIZE];
    *test = (thor_test_scores){ .bleu_13a = NAN };
    THOR_TRY(check(direction, hypotheses, references, error));
    snprintf(test->direction, sizeof test->direction, "%s", direction);
    snprintf(test->domain, sizeof test->domain, "%s", domain ? domain : "");
    test->sentences = (int64_t)hypotheses->count;
    test->rows = calloc(hypotheses->count, THOR_SENTENCE_COLUMNS * sizeof *test->rows);
    if (!test->rows)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu sentences", hypotheses->count);
    if (thor_tokenizer_for_language(direction) != (int)bleu.bleu.tokenizer)
        THOR_TRY(score(&bleu, &corpus, NULL, &test->bleu_13a, error));
    bleu.bleu.tokenizer = (thor_tokenizer)thor_tokenizer_for_language(direction);
    thor_signature(&bleu, 1, NULL, signature);
    snprintf(test->signature, sizeof test->signature, "%.127s", signature);
    THOR_TRY(score(&bleu, &corpus, test->rows, &test->bleu, error));
    return score(&chrf, &corpus, NULL, &test->chrf, error);
}
