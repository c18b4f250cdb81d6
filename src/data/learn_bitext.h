/* A vocabulary from the text that will be trained on. */
#ifndef THOR_DATA_LEARN_BITEXT_H
#define THOR_DATA_LEARN_BITEXT_H

#include "data/bitext.h"
#include "learn/learn.h"

/* Learns from both sides of train of all pairs, each file once and a group of its own, in the order of the pairs: the
 * same vocabulary as `thor vocab train` makes of these files. Appends the model to *model. Survey the corpus first. */
thor_status thor_bitext_learn(const thor_bitext *corpus, const thor_learn_options *options, thor_bytes *model,
                              thor_learn_report *report, thor_error *error);

#endif
