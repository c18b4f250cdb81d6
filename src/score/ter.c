#include "score/ter.h"

#include <stdlib.h>
#include <string.h>

#include "score/tokenize_rules.h"

void thor_ter_work_free(thor_ter_work *work)
{
    thor_tokenizer_work_free(&work->tokenizer);
    thor_bytes_free(&work->words);
    thor_bytes_free(&work->spare);
    thor_ngrams_free(&work->numbers);
    thor_ter_edits_free(&work->edits);
}

static bool is_left_out(char byte)
{
    return byte != '\0' && strchr(".,?:;!\"()", byte) != NULL;
}

/* Words with white space between them, in work->words. */
static thor_status cut_words(const thor_ter_options *options, thor_score_line line, thor_ter_work *work,
                             thor_error *error)
{
    const char *bytes = line.bytes;
    size_t count = line.count;
    if (!options->case_sensitive)
        THOR_TRY(thor_tokenizer_lower(bytes, count, &work->tokenizer, &bytes, &count, error));
    work->words.count = 0;
    if (options->normalized) {
        thor_rules_tercom(bytes, count, &work->words, &work->spare);
        thor_rules_western(&work->words, &work->spare);
    } else {
        thor_bytes_add(&work->words, bytes, count);
    }
    if (work->words.failed || work->spare.failed)
        return thor_fail(error, THOR_E_MEMORY, "TER: no memory for a line of %zu bytes", count);
    if (options->no_punctuation) {
        size_t kept = 0;
        for (size_t i = 0; i < work->words.count; i++)
            if (!is_left_out(work->words.data[i]))
                work->words.data[kept++] = work->words.data[i];
        work->words.count = kept;
    }
    return THOR_OK;
}

static thor_status add_line(const thor_ter_options *options, thor_score_line line, thor_ter_work *work,
                            thor_error *error)
{
    THOR_TRY(cut_words(options, line, work, error));
    thor_ngrams_add_words(&work->numbers, work->words.data ? work->words.data : "", work->words.count);
    return THOR_OK;
}

thor_status thor_ter_statistics(const thor_ter_options *options, thor_score_line hypothesis,
                                const thor_score_line *references, size_t reference_count, thor_ter_work *work,
                                double row[THOR_TER_COLUMNS], thor_error *error)
{
    thor_ngrams *numbers = &work->numbers;
    thor_ngrams_start(numbers, true);
    THOR_TRY(add_line(options, hypothesis, work, error));
    for (size_t r = 0; r < reference_count; r++)
        if (references[r].bytes)
            THOR_TRY(add_line(options, references[r], work, error));
    size_t there = numbers->sequences - 1, words = 0;
    if (there == 0)
        return thor_fail(error, THOR_E_USAGE, "TER: a line has no reference; every line needs at least one");
    THOR_TRY(thor_ngrams_next_order(numbers, error));
    int64_t fewest = INT64_MAX;
    for (size_t r = 1; r <= there; r++) {
        size_t length = thor_ngrams_length(numbers, r);
        int64_t edits = 0;
        THOR_TRY(thor_ter_count(&work->edits, numbers->grams, thor_ngrams_length(numbers, 0),
                                numbers->grams + numbers->start[r], length, &edits, error));
        fewest = edits < fewest ? edits : fewest;
        words += length;
    }
    row[0] = (double)fewest;
    row[1] = (double)words / (double)there;
    return THOR_OK;
}

double thor_ter_from_sums(const double sums[THOR_TER_COLUMNS], bool single)
{
    if (sums[1] <= 0)
        return sums[0] > 0 ? 100 : 0;
    return 100 * (single ? (double)((float)sums[0] / (float)sums[1]) : sums[0] / sums[1]);
}
