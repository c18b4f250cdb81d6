/* What a score is called and how it came about, in sacreBLEU's words. */
#ifndef THOR_SCORE_SIGNATURE_H
#define THOR_SCORE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "score/metric.h"

/* The release of sacreBLEU whose numbers these are. */
#define THOR_SACREBLEU_VERSION "2.6.0"

enum { THOR_SIGNATURE_SIZE = 256 };

/* "BLEU", "chrF2", "chrF2++" */
void thor_metric_title(const thor_metric *metric, char title[THOR_SIGNATURE_SIZE]);

/* "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0|thor:0.1.0". references: how many each line has, -1
 * when they differ in number; resamples: of a bootstrap with that seed, 0 for none. Everything but the last field is
 * sacreBLEU's own signature. */
void thor_signature(const thor_metric *metric, int64_t references, int64_t resamples, uint64_t seed,
                    char signature[THOR_SIGNATURE_SIZE]);

/* "57.3/30.5/18.2/11.1 (BP = 1.000 ratio = 1.012 hyp_len = 834 ref_len = 824)" */
void thor_bleu_details(const thor_bleu *bleu, char details[THOR_SIGNATURE_SIZE]);

#endif
