/* What a score is called and how it came about, in sacreBLEU's words. */
#ifndef THOR_SCORE_SIGNATURE_H
#define THOR_SCORE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "score/metric.h"

/* The release of sacreBLEU whose numbers these are. */
#define THOR_SACREBLEU_VERSION "2.6.0"

enum { THOR_SIGNATURE_SIZE = 256 };

/* The draws behind a test: a bootstrap's resamples, or the trials of a randomisation. */
typedef struct thor_draws {
    int64_t count;              /* 0: no test */
    uint64_t seed;
    bool randomised;
} thor_draws;

/* "BLEU", "chrF2", "chrF2++", "TER" */
void thor_metric_title(const thor_metric *metric, char title[THOR_SIGNATURE_SIZE]);

/* "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0|thor:0.1.0". references: how many each line has, -1
 * when they differ in number; draws may be NULL. Everything but the last field is sacreBLEU's own signature. */
void thor_signature(const thor_metric *metric, int64_t references, const thor_draws *draws,
                    char signature[THOR_SIGNATURE_SIZE]);

/* "57.3/30.5/18.2/11.1 (BP = 1.000 ratio = 1.012 hyp_len = 834 ref_len = 824)" */
void thor_bleu_details(const thor_bleu *bleu, char details[THOR_SIGNATURE_SIZE]);

#endif
