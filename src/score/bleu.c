#include "score/bleu.h"

#include <math.h>
#include <string.h>

#include "text/unicode.h"

enum { HYPOTHESIS, BEST, ONE };     /* arrays of counts */

static const char *const smooth_names[THOR_SMOOTHS] = { "exp", "floor", "add-k", "none" };

thor_bleu_options thor_bleu_defaults(void)
{
    return (thor_bleu_options){ .tokenizer = THOR_TOKENIZER_13A, .smooth = THOR_SMOOTH_EXP, .smooth_value = -1,
                                .order = 4 };
}

const char *thor_smooth_name(thor_smooth smooth)
{
    return smooth_names[smooth];
}

int thor_smooth_from_name(const char *name)
{
    for (int i = 0; i < THOR_SMOOTHS; i++)
        if (strcmp(smooth_names[i], name) == 0)
            return i;
    return -1;
}

double thor_smooth_value(const thor_bleu_options *options)
{
    if (options->smooth != THOR_SMOOTH_FLOOR && options->smooth != THOR_SMOOTH_ADD_K)
        return 0;
    if (options->smooth_value >= 0)
        return options->smooth_value;
    return options->smooth == THOR_SMOOTH_FLOOR ? 0.1 : 1;
}

void thor_bleu_work_free(thor_bleu_work *work)
{
    thor_tokenizer_work_free(&work->tokenizer);
    thor_encoder_free(&work->encoder);
    thor_bytes_free(&work->pieces);
    thor_ngrams_free(&work->ngrams);
}

size_t thor_bleu_columns(const thor_bleu_options *options)
{
    return 2 + 2 * (size_t)options->order;
}

static thor_status add_pieces(const thor_bleu_options *options, const char *bytes, size_t count, thor_bleu_work *work,
                              thor_error *error)
{
    if (options->lowercase)
        THOR_TRY(thor_tokenizer_lower(bytes, count, &work->tokenizer, &bytes, &count, error));
    work->pieces.count = 0;
    THOR_TRY(thor_encoder_pieces(&work->encoder, options->pieces, bytes, count, &work->pieces, error));
    thor_ngrams_add_words(&work->ngrams, work->pieces.data ? work->pieces.data : "", work->pieces.count);
    return THOR_OK;
}

static thor_status add_line(const thor_bleu_options *options, thor_score_line line, thor_bleu_work *work,
                               thor_error *error)
{
    const char *tokens;
    size_t length;
    size_t trimmed = thor_unicode_trim_right(line.bytes, line.count);
    if (options->pieces)
        return add_pieces(options, line.bytes, trimmed, work, error);
    THOR_TRY(thor_tokenize(options->tokenizer, options->lowercase, line.bytes, trimmed, &work->tokenizer, &tokens,
                           &length, error));
    thor_ngrams_add_words(&work->ngrams, tokens, length);
    return THOR_OK;
}

static int64_t distance(size_t a, size_t b)
{
    return (int64_t)(a > b ? a - b : b - a);
}

static size_t closest_length(const thor_ngrams *ngrams)
{
    size_t wanted = thor_ngrams_length(ngrams, 0), best = thor_ngrams_length(ngrams, 1);
    for (size_t r = 2; r < ngrams->sequences; r++) {
        size_t length = thor_ngrams_length(ngrams, r);
        int64_t better = distance(wanted, best) - distance(wanted, length);
        if (better > 0 || (better == 0 && length < best))
            best = length;
    }
    return best;
}

/* The hypothesis is sequence 0, the references follow. */
static thor_status count_matches(const thor_bleu_options *options, thor_ngrams *ngrams, int64_t *row, thor_error *error)
{
    for (int n = 0; n < options->order; n++) {
        THOR_TRY(thor_ngrams_next_order(ngrams, error));
        thor_ngrams_tally(ngrams, 0, HYPOTHESIS);
        thor_ngrams_tally(ngrams, 1, BEST);
        for (size_t r = 2; r < ngrams->sequences; r++) {
            thor_ngrams_tally(ngrams, r, ONE);
            thor_ngrams_unite(ngrams, BEST, ONE);
        }
        row[2 + n] = thor_ngrams_common(ngrams, HYPOTHESIS, BEST);
        row[2 + options->order + n] = (int64_t)thor_ngrams_total(ngrams, 0);
    }
    row[0] = (int64_t)thor_ngrams_length(ngrams, 0);
    row[1] = (int64_t)closest_length(ngrams);
    return THOR_OK;
}

thor_status thor_bleu_statistics(const thor_bleu_options *options, thor_score_line hypothesis,
                                 const thor_score_line *references, size_t reference_count, thor_bleu_work *work,
                                 int64_t *row, thor_error *error)
{
    size_t there = 0;
    thor_ngrams_start(&work->ngrams, true);
    THOR_TRY(add_line(options, hypothesis, work, error));
    for (size_t r = 0; r < reference_count; r++) {
        if (!references[r].bytes)
            continue;
        THOR_TRY(add_line(options, references[r], work, error));
        there++;
    }
    if (there == 0)
        return thor_fail(error, THOR_E_USAGE, "BLEU: a line has no reference; every line needs at least one");
    return count_matches(options, &work->ngrams, row, error);
}

static double brevity_penalty(double hypothesis_length, double reference_length)
{
    if (hypothesis_length >= reference_length)
        return 1;
    return hypothesis_length > 0 ? exp(1 - reference_length / hypothesis_length) : 0;
}

static bool any_match(const double *matches, int order)
{
    for (int n = 0; n < order; n++)
        if (matches[n] != 0)
            return true;
    return false;
}

/* Fills in the precisions and returns over how many orders the mean goes. `doublings` is 2^k of exponential
 * smoothing. */
static int smoothed_precisions(const thor_bleu_options *options, const double *sums, bool single, double *precisions)
{
    double value = thor_smooth_value(options), doublings = 1;
    int effective = options->order;
    for (int n = 0; n < options->order; n++) {
        double matches = sums[2 + n], total = sums[2 + options->order + n];
        if (options->smooth == THOR_SMOOTH_ADD_K && n > 0) {
            matches = single ? (double)(float)(matches + value) : matches + value;
            total = single ? (double)(float)(total + value) : total + value;
        }
        if (total == 0)
            break;
        if (options->effective_order)
            effective = n + 1;
        if (matches != 0) {
            precisions[n] = 100 * matches / total;
        } else if (options->smooth == THOR_SMOOTH_EXP) {
            doublings *= 2;
            precisions[n] = 100 / (doublings * total);
        } else if (options->smooth == THOR_SMOOTH_FLOOR) {
            precisions[n] = 100 * value / total;
        }
    }
    return effective;
}

void thor_bleu_from_sums(const thor_bleu_options *options, const double *sums, bool single, thor_bleu *bleu)
{
    *bleu = (thor_bleu){ .order = options->order };
    bleu->hypothesis_length = (int64_t)sums[0];
    bleu->reference_length = (int64_t)sums[1];
    double hypothesis_length = (double)bleu->hypothesis_length, reference_length = (double)bleu->reference_length;
    bleu->ratio = bleu->reference_length ? hypothesis_length / reference_length : 0;
    bleu->brevity_penalty = brevity_penalty(hypothesis_length, reference_length);
    if (!any_match(sums + 2, options->order))
        return;
    int orders = smoothed_precisions(options, sums, single, bleu->precisions);
    double sum = 0;
    for (int n = 0; n < orders; n++)
        sum += bleu->precisions[n] == 0 ? -9999999999.0 : log(bleu->precisions[n]);
    bleu->score = bleu->brevity_penalty * exp(sum / orders);
}
