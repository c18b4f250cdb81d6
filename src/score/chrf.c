#include "score/chrf.h"

#include <stdlib.h>
#include <string.h>

#include "text/unicode.h"

enum { HYPOTHESIS, REFERENCE };     /* arrays of counts */

thor_chrf_options thor_chrf_defaults(void)
{
    return (thor_chrf_options){ .char_order = 6, .word_order = 0, .beta = 2 };
}

void thor_chrf_work_free(thor_chrf_work *work)
{
    thor_tokenizer_work_free(&work->tokenizer);
    thor_ngrams_free(&work->ngrams);
    thor_bytes_free(&work->words);
    free(work->rows);
    work->rows = NULL;
    work->row_room = 0;
}

size_t thor_chrf_columns(const thor_chrf_options *options)
{
    return 3 * (size_t)(options->char_order + options->word_order);
}

static bool is_mark(char byte)
{
    return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') ||
           (byte >= '{' && byte <= '~');
}

/* One mark of ASCII punctuation comes off the end of a word, or else off its beginning; never both. */
static void add_word(thor_bytes *out, const char *word, size_t length)
{
    int32_t code = 0;
    bool single = thor_unicode_get(word, length, &code) == length;
    if (!single && is_mark(word[length - 1])) {
        thor_bytes_add(out, word, length - 1);
        thor_bytes_add_byte(out, ' ');
        thor_bytes_add_byte(out, word[length - 1]);
    } else if (!single && is_mark(word[0])) {
        thor_bytes_add_byte(out, word[0]);
        thor_bytes_add_byte(out, ' ');
        thor_bytes_add(out, word + 1, length - 1);
    } else {
        thor_bytes_add(out, word, length);
    }
    thor_bytes_add_byte(out, ' ');
}

static void split_words(const char *bytes, size_t count, thor_bytes *out)
{
    size_t start = 0;
    out->count = 0;
    for (size_t at = 0; at < count;) {
        int32_t code = 0;
        size_t length = thor_unicode_get(bytes + at, count - at, &code);
        if (length == 0)
            break;
        if (thor_unicode_is_space(code)) {
            if (at > start)
                add_word(out, bytes + start, at - start);
            start = at + length;
        }
        at += length;
    }
    if (count > start)
        add_word(out, bytes + start, count - start);
}

static thor_status add_line(const thor_chrf_options *options, thor_score_line line, thor_chrf_work *work,
                               thor_error *error)
{
    const char *bytes = line.bytes;
    size_t count = line.count;
    if (options->lowercase)
        THOR_TRY(thor_tokenizer_lower(bytes, count, &work->tokenizer, &bytes, &count, error));
    if (!work->ngrams.of_words) {
        thor_ngrams_add_characters(&work->ngrams, bytes, count, options->whitespace);
        return THOR_OK;
    }
    split_words(bytes, count, &work->words);
    if (work->words.failed)
        return thor_fail(error, THOR_E_MEMORY, "chrF: no memory for a line of %zu bytes", count);
    thor_ngrams_add_words(&work->ngrams, work->words.data ? work->words.data : "", work->words.count);
    return THOR_OK;
}

/* Counts orders 1 … `orders` of all references into their rows, from column `column` on. */
static thor_status count_matches(thor_ngrams *ngrams, int orders, int64_t *rows, size_t columns, size_t column,
                                 thor_error *error)
{
    for (int n = 0; n < orders; n++, column += 3) {
        THOR_TRY(thor_ngrams_next_order(ngrams, error));
        thor_ngrams_tally(ngrams, 0, HYPOTHESIS);
        for (size_t r = 1; r < ngrams->sequences; r++) {
            int64_t *cell = rows + (r - 1) * columns + column;
            thor_ngrams_tally(ngrams, r, REFERENCE);
            cell[1] = (int64_t)thor_ngrams_total(ngrams, r);
            cell[0] = cell[1] > 0 ? (int64_t)thor_ngrams_total(ngrams, 0) : 0;
            cell[2] = thor_ngrams_common(ngrams, HYPOTHESIS, REFERENCE);
        }
    }
    return THOR_OK;
}

static thor_status count_units(const thor_chrf_options *options, bool of_words, thor_score_line hypothesis,
                               const thor_score_line *references, size_t reference_count, thor_chrf_work *work,
                               thor_error *error)
{
    int orders = of_words ? options->word_order : options->char_order;
    if (orders == 0)
        return THOR_OK;
    thor_ngrams_start(&work->ngrams, of_words);
    THOR_TRY(add_line(options, hypothesis, work, error));
    for (size_t r = 0; r < reference_count; r++)
        if (references[r].bytes)
            THOR_TRY(add_line(options, references[r], work, error));
    return count_matches(&work->ngrams, orders, work->rows, thor_chrf_columns(options),
                         of_words ? 3 * (size_t)options->char_order : 0, error);
}

static void keep_best(const thor_chrf_options *options, const int64_t *rows, size_t references, int64_t *row)
{
    size_t columns = thor_chrf_columns(options);
    double best = -1, values[THOR_CHRF_MAX_COLUMNS];
    for (size_t r = 0; r < references; r++) {
        for (size_t c = 0; c < columns; c++)
            values[c] = (double)rows[r * columns + c];
        double score = thor_chrf_from_sums(options, values, false);
        if (score > best) {
            best = score;
            memcpy(row, rows + r * columns, columns * sizeof *row);
        }
    }
}

thor_status thor_chrf_statistics(const thor_chrf_options *options, thor_score_line hypothesis,
                                 const thor_score_line *references, size_t reference_count, thor_chrf_work *work,
                                 int64_t *row, thor_error *error)
{
    size_t there = 0;
    for (size_t r = 0; r < reference_count; r++)
        there += references[r].bytes != NULL;
    if (there == 0)
        return thor_fail(error, THOR_E_USAGE, "chrF: a line has no reference; every line needs at least one");
    if (!thor_grow(&work->rows, &work->row_room, 0, there * thor_chrf_columns(options), sizeof *work->rows))
        return thor_fail(error, THOR_E_MEMORY, "chrF: no memory for %zu references", there);
    THOR_TRY(count_units(options, false, hypothesis, references, reference_count, work, error));
    THOR_TRY(count_units(options, true, hypothesis, references, reference_count, work, error));
    keep_best(options, work->rows, there, row);
    return THOR_OK;
}

static double share(double matches, double total, bool single)
{
    if (total <= 0)
        return 1e-16;
    return single ? (double)((float)matches / (float)total) : matches / total;
}

double thor_chrf_from_sums(const thor_chrf_options *options, const double *sums, bool single)
{
    int orders = options->char_order + options->word_order, effective = 0;
    double factor = (double)options->beta * options->beta;
    double smoothed = 0, precision = 0, recall = 0;
    for (int n = 0; n < orders; n++, sums += 3) {
        double p = share(sums[2], sums[0], single), r = share(sums[2], sums[1], single);
        double below = factor * p + r;
        smoothed += below > 0 ? (1 + factor) * p * r / below : 1e-16;
        if (sums[0] > 0 && sums[1] > 0) {
            precision += p;
            recall += r;
            effective++;
        }
    }
    if (options->eps_smoothing)
        return 100 * smoothed / orders;
    if (effective == 0)
        return 0;
    precision /= effective;
    recall /= effective;
    if (precision + recall == 0)
        return 0;
    return 100 * ((1 + factor) * precision * recall / (factor * precision + recall));
}
