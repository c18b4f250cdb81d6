/* From text to ids: reads a corpus, checks and filters it, and writes a prepared folder (thor-data(5)). */
#ifndef THOR_DATA_PREPARE_H
#define THOR_DATA_PREPARE_H

#include <stdio.h>

#include "base/par.h"
#include "data/bitext.h"
#include "pieces/vocab.h"

/* What became of the sentence pairs of one split. Where both hold, a pair counts as empty, not as too long. */
typedef struct thor_prepare_counts {
    int64_t read, kept;
    int64_t empty;              /* dropped: a side has no pieces, or nothing but blanks */
    int64_t too_long;           /* dropped: a side has more pieces than allowed */
    int64_t returns[2];         /* lines that ended with CR LF; the CR was left out */
    int64_t stray[2];           /* lines with a CR inside, which stayed */
    int64_t pieces[2], unknown[2];      /* of the kept pairs; unknown: <unk> among the pieces */
    int32_t longest[2];         /* pieces of the longest kept side */
} thor_prepare_counts;

typedef struct thor_prepare_report {
    thor_prepare_counts (*pairs)[THOR_SPLITS];      /* [pair_count], as the corpus has them */
    int32_t pair_count;
} thor_prepare_report;

typedef struct thor_prepare_options {
    int32_t max_pieces;         /* train and valid; 0: any length. Test is never filtered. */
    thor_par par;               /* the result is the same for any number of threads */
    void (*progress)(void *context, int64_t done, int64_t total);   /* sentence pairs; may be NULL */
    void (*resumed)(void *context, int32_t splits, int32_t all);    /* found finished; may be NULL */
    void *context;
} thor_prepare_options;

/* Reads every file once: each line is checked (thor_side_next), both sides of a part have to have as many lines, and
 * none may be empty. Sets the splits' `lines` and `checksum`. Errors name the file and line. */
thor_status thor_survey(thor_bitext *corpus, const thor_par *par, thor_error *error);

/* Encodes a surveyed, settled corpus into `folder`, which has to exist: columns, copy of the vocabulary, index. Splits
 * that an earlier call finished there from the same text are checked and kept (data/journal.h). Memory does not depend
 * on the corpus's size. The report is the caller's, also after an error: thor_prepare_report_free. */
thor_status thor_prepare(const thor_bitext *corpus, const thor_vocab *vocab, const thor_prepare_options *options,
                         const char *folder, thor_prepare_report *report, thor_error *error);
void thor_prepare_report_free(thor_prepare_report *report);

/* The report for people, for spreadsheets and for programs. `total` of all pairs and splits comes last. */
void thor_prepare_print(FILE *stream, const thor_bitext *corpus, const thor_prepare_report *report);
void thor_prepare_print_tsv(FILE *stream, const thor_bitext *corpus, const thor_prepare_report *report);
void thor_prepare_print_json(FILE *stream, const thor_bitext *corpus, const thor_prepare_report *report,
                             const thor_vocab *vocab, int32_t max_pieces);

/* Sums of one split over all pairs. */
thor_prepare_counts thor_prepare_total(const thor_prepare_report *report, thor_split split);

#endif
