/* thor prepare: how the corpus compares with the paper's, and warnings. */
#include <stdio.h>
#include <string.h>

#include "cli/prepare_cli.h"
#include "data/format.h"

/* OPUS-16: English and these, with OPUS-100's numbers of training pairs. In 30 directions 17,723,976 sentences, of
 * which the paper trains on 17,559,950. */
enum { OPUS16 = 15, OPUS16_PAIRS = 8861988, PAPER = 17559950, PAPER_MAX_PIECES = 100 };
static const struct { const char *language; int32_t pairs; } opus16[OPUS16] = {
    { "as", 138479 },  { "bg", 1000000 }, { "de", 1000000 }, { "eu", 1000000 }, { "fy", 54342 },
    { "ga", 289524 },  { "hr", 1000000 }, { "mr", 27007 },   { "nb", 142906 },  { "pt", 1000000 },
    { "rw", 173823 },  { "se", 35907 },   { "sk", 1000000 }, { "sl", 1000000 }, { "zh", 1000000 },
};

/* The entry of opus16 for a pair with English; -1 for any other pair. */
static int find_opus16(const thor_bitext_pair *pair)
{
    for (int side = 0; side < 2 && !pair->domain; side++)
        for (int k = 0; k < OPUS16; k++)
            if (strcmp(pair->language[side], opus16[k].language) == 0 && strcmp(pair->language[1 - side], "en") == 0)
                return k;
    return -1;
}

/* How many pairs have other numbers of sentences than OPUS-100; names the first of them. */
static int print_other_sizes(const thor_bitext *corpus, const thor_prepare_report *report)
{
    int other = 0;
    for (int32_t i = 0; i < corpus->pair_count; i++) {
        int k = find_opus16(&corpus->pairs[i]);
        int64_t read = report->pairs[i][THOR_TRAIN].read;
        if (read == opus16[k].pairs)
            continue;
        if (other++ == 0)
            printf("Numbers of training pairs that differ from OPUS-100's:\n");
        printf("  %s-%s  %lld, OPUS-100 has %d\n", corpus->pairs[i].language[0], corpus->pairs[i].language[1],
               (long long)read, (int)opus16[k].pairs);
    }
    return other;
}

static void print_reasons(const prepare_request *r, const thor_prepare_counts *train, bool other_sizes)
{
    printf("Reasons for a difference:\n");
    if (other_sizes)
        printf("  - the text is not OPUS-100 as it is downloaded (the numbers above)\n");
    if (r->max_pieces != PAPER_MAX_PIECES)
        printf("  - --max-pieces is %lld, in the paper's preparation 100\n", (long long)r->max_pieces);
    printf("  - the vocabulary: %lld pairs are too long in its pieces, and the paper's vocabulary was not published\n",
           (long long)train->too_long);
    printf("  - what counts as empty: %lld pairs have a side without text\n", (long long)train->empty);
}

void prepare_compare(const prepare_request *r, const thor_bitext *corpus, const thor_prepare_report *report)
{
    int found = 0;
    for (int32_t i = 0; i < corpus->pair_count; i++)
        found += find_opus16(&corpus->pairs[i]) >= 0;
    if (found != OPUS16 || corpus->pair_count != OPUS16)
        return;
    thor_prepare_counts train = thor_prepare_total(report, THOR_TRAIN);
    printf("\nThese are the 15 pairs of OPUS-16, on which the paper trains in 30 directions.\n"
           "Training sentences in 30 directions: read %lld (OPUS-100: %d), kept %lld (the paper: %d), difference "
           "%lld.\n",
           (long long)(2 * train.read), 2 * OPUS16_PAIRS, (long long)(2 * train.kept), PAPER,
           (long long)(2 * train.kept - PAPER));
    int other = print_other_sizes(corpus, report);
    if (2 * train.kept != PAPER)
        print_reasons(r, &train, other > 0);
}

static void warn_of_pair(prepare_request *r, const thor_bitext_pair *pair, const thor_prepare_counts *counts)
{
    const char *first = pair->language[0], *second = pair->language[1];
    for (int split = THOR_VALID; split < THOR_SPLITS; split++)
        if (pair->splits[split].count == 0)
            thor_log_warn(&r->log, "%s-%s has no %s", first, second, thor_split_name((thor_split)split));
    for (int side = 0; side < 2; side++) {
        const thor_prepare_counts *train = &counts[THOR_TRAIN];
        if (train->unknown[side] > train->pieces[side] / 100)
            thor_log_warn(&r->log, "%s-%s: %.1f %% of the %s pieces are unknown; is the vocabulary for this language?",
                          first, second, 100.0 * (double)train->unknown[side] / (double)train->pieces[side],
                          pair->language[side]);
        int64_t stray = counts[THOR_TRAIN].stray[side] + counts[THOR_VALID].stray[side] + counts[THOR_TEST].stray[side];
        if (stray > 0)
            thor_log_warn(&r->log,
                          "%s-%s: %lld lines of %s have a carriage return inside, which stays; programs that end a "
                          "line there count other lines",
                          first, second, (long long)stray, pair->language[side]);
    }
}

void prepare_warn(prepare_request *r, const thor_bitext *corpus, const thor_prepare_report *report)
{
    for (int32_t i = 0; i < corpus->pair_count; i++)
        warn_of_pair(r, &corpus->pairs[i], report->pairs[i]);
}
