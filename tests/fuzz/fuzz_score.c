/* Translations and references through every tokeniser and metric: odd lines are hypotheses, even ones references. */
#include <math.h>
#include <stdlib.h>

#include "score/metric.h"
#include "tests/fuzz/fuzz.h"

static void score(const thor_score_lines *lines, const thor_metric *metric)
{
    double sums[THOR_SCORE_MAX_COLUMNS];
    thor_error error;
    for (size_t i = 0; i + 1 < lines->count; i += 2) {
        const thor_score_line *reference = &lines->items[i + 1];
        thor_score_corpus corpus = { &lines->items[i], &reference, 1, 1 };
        if (thor_metric_statistics(metric, &corpus, NULL, sums, &error) == THOR_OK &&
            !isfinite(thor_metric_score(metric, sums, false)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    thor_score_lines lines;
    thor_error error;
    if (size > 4096 || thor_score_lines_open(&lines, fuzz_file("lines", data, size), &error) != THOR_OK)
        return 0;
    thor_metric metric = { .bleu = thor_bleu_defaults(), .chrf = thor_chrf_defaults() };
    for (int lower = 0; lower < 2; lower++) {
        metric.kind = THOR_METRIC_BLEU;
        metric.bleu.lowercase = metric.chrf.lowercase = lower;
        for (int t = 0; t < THOR_TOKENIZERS; t++) {
            metric.bleu.tokenizer = (thor_tokenizer)t;
            score(&lines, &metric);
        }
        metric.kind = THOR_METRIC_CHRF;
        metric.chrf.word_order = 2;
        score(&lines, &metric);
        metric.kind = THOR_METRIC_TER;
        metric.ter = (thor_ter_options){ .case_sensitive = lower, .normalized = lower, .no_punctuation = !lower };
        score(&lines, &metric);
    }
    thor_score_lines_free(&lines);
    return 0;
}
