#include "score/metric.h"

#include <stdlib.h>

_Static_assert((int)THOR_SCORE_MAX_COLUMNS >= (int)THOR_BLEU_MAX_COLUMNS, "a row has room for every metric");

typedef struct metric_work {
    thor_bleu_work bleu;
    thor_chrf_work chrf;
    thor_ter_work ter;
} metric_work;

static void free_work(metric_work *work)
{
    thor_bleu_work_free(&work->bleu);
    thor_chrf_work_free(&work->chrf);
    thor_ter_work_free(&work->ter);
}

thor_status thor_metric_check(const thor_metric *metric, thor_error *error)
{
    const thor_chrf_options *chrf = &metric->chrf;
    if (metric->kind == THOR_METRIC_BLEU && (metric->bleu.order < 1 || metric->bleu.order > THOR_BLEU_MAX_ORDER))
        return thor_fail(error, THOR_E_USAGE, "BLEU: order %d is not between 1 and %d", metric->bleu.order,
                         THOR_BLEU_MAX_ORDER);
    if (metric->kind == THOR_METRIC_CHRF &&
        (chrf->char_order < 0 || chrf->char_order > THOR_CHRF_MAX_ORDER || chrf->word_order < 0 ||
         chrf->word_order > THOR_CHRF_MAX_ORDER || chrf->char_order + chrf->word_order == 0 || chrf->beta < 0))
        return thor_fail(error, THOR_E_USAGE,
                         "chrF: character order %d, word order %d, beta %d; orders go from 0 to %d, not both "
                         "0, beta from 0",
                         chrf->char_order, chrf->word_order, chrf->beta, THOR_CHRF_MAX_ORDER);
    return THOR_OK;
}

size_t thor_metric_columns(const thor_metric *metric)
{
    if (metric->kind == THOR_METRIC_TER)
        return THOR_TER_COLUMNS;
    return metric->kind == THOR_METRIC_BLEU ? thor_bleu_columns(&metric->bleu) : thor_chrf_columns(&metric->chrf);
}

double thor_metric_score(const thor_metric *metric, const double *sums, bool single)
{
    if (metric->kind == THOR_METRIC_CHRF)
        return thor_chrf_from_sums(&metric->chrf, sums, single);
    if (metric->kind == THOR_METRIC_TER)
        return thor_ter_from_sums(sums, single);
    thor_bleu bleu;
    thor_bleu_from_sums(&metric->bleu, sums, single, &bleu);
    return bleu.score;
}

static thor_status line_statistics(const thor_metric *metric, const thor_score_corpus *corpus, size_t line,
                                   metric_work *work, double *row, thor_error *error)
{
    thor_score_line references[THOR_SCORE_MAX_REFERENCES], hypothesis = corpus->hypotheses[line];
    int64_t counts[THOR_SCORE_MAX_COLUMNS];
    size_t count = corpus->reference_count;
    for (size_t r = 0; r < count; r++)
        references[r] = corpus->references[r][line];
    if (metric->kind == THOR_METRIC_TER)
        return thor_ter_statistics(&metric->ter, hypothesis, references, count, &work->ter, row, error);
    if (metric->kind == THOR_METRIC_BLEU)
        THOR_TRY(thor_bleu_statistics(&metric->bleu, hypothesis, references, count, &work->bleu, counts, error));
    else
        THOR_TRY(thor_chrf_statistics(&metric->chrf, hypothesis, references, count, &work->chrf, counts, error));
    for (size_t c = 0; c < thor_metric_columns(metric); c++)
        row[c] = (double)counts[c];
    return THOR_OK;
}

thor_status thor_metric_statistics(const thor_metric *metric, const thor_score_corpus *corpus, double *rows,
                                   double *sums, thor_error *error)
{
    THOR_TRY(thor_metric_check(metric, error));
    if (corpus->reference_count < 1 || corpus->reference_count > THOR_SCORE_MAX_REFERENCES)
        return thor_fail(error, THOR_E_USAGE, "score: %zu references; 1 to %d are possible", corpus->reference_count,
                         THOR_SCORE_MAX_REFERENCES);
    size_t columns = thor_metric_columns(metric);
    metric_work work = { .chrf = { .rows = NULL } };
    thor_status status = THOR_OK;
    for (size_t c = 0; c < columns; c++)
        sums[c] = 0;
    for (size_t line = 0; line < corpus->count && status == THOR_OK; line++) {
        double own[THOR_SCORE_MAX_COLUMNS], *row = rows ? rows + line * columns : own;
        thor_error inner;
        status = line_statistics(metric, corpus, line, &work, row, &inner);
        if (status != THOR_OK)
            thor_fail(error, status, "line %zu: %s", line + 1, inner.text);
        for (size_t c = 0; c < columns && status == THOR_OK; c++)
            sums[c] += row[c];
    }
    free_work(&work);
    return status;
}

thor_status thor_bleu_corpus(const thor_bleu_options *options, const thor_score_corpus *corpus, thor_bleu *bleu,
                             thor_error *error)
{
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = *options };
    double sums[THOR_SCORE_MAX_COLUMNS];
    THOR_TRY(thor_metric_statistics(&metric, corpus, NULL, sums, error));
    thor_bleu_from_sums(options, sums, false, bleu);
    return THOR_OK;
}

thor_status thor_chrf_corpus(const thor_chrf_options *options, const thor_score_corpus *corpus, double *chrf,
                             thor_error *error)
{
    thor_metric metric = { .kind = THOR_METRIC_CHRF, .chrf = *options };
    double sums[THOR_SCORE_MAX_COLUMNS];
    THOR_TRY(thor_metric_statistics(&metric, corpus, NULL, sums, error));
    *chrf = thor_chrf_from_sums(options, sums, false);
    return THOR_OK;
}

thor_status thor_bleu_strings(thor_tokenizer tokenizer, const char *const *hypotheses, const char *const *references,
                              size_t count, thor_bleu *bleu, thor_error *error)
{
    thor_bleu_options options = thor_bleu_defaults();
    options.tokenizer = tokenizer;
    thor_score_line *lines = calloc(count ? 2 * count : 1, sizeof *lines);
    if (!lines)
        return thor_fail(error, THOR_E_MEMORY, "BLEU: no memory for %zu lines", count);
    for (size_t i = 0; i < count; i++) {
        lines[i] = thor_score_line_of(hypotheses[i]);
        lines[count + i] = thor_score_line_of(references[i]);
    }
    const thor_score_line *reference = lines + count;
    thor_score_corpus corpus = { .hypotheses = lines, .references = &reference, .reference_count = 1, .count = count };
    thor_status status = thor_bleu_corpus(&options, &corpus, bleu, error);
    free(lines);
    return status;
}
