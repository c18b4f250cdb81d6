/* From translations and references to what scores.json has of a test set. */
#ifndef THOR_REPRODUCE_SCORE_TEST_H
#define THOR_REPRODUCE_SCORE_TEST_H

#include "reproduce/job_results.h"
#include "score/score_lines.h"

/* Scores `hypotheses` against `references`, line by line: BLEU with the tokeniser of the target language, 13a too where
 * that is another one, and chrF. `direction` is "de-en"; `domain` may be NULL. Free test->rows with free after any
 * result. Errors: THOR_E_USAGE when the numbers of lines differ, the direction is none, or its target language needs a
 * tokeniser that thor does not have; THOR_E_MEMORY. */
thor_status thor_score_test(thor_test_scores *test, const char *direction, const char *domain,
                            const thor_score_lines *hypotheses, const thor_score_lines *references,
                            thor_error *error);

#endif
