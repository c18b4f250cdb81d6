/* What every command that learns a vocabulary says in the same words. */
#ifndef THOR_CLI_LEARN_CHOICE_H
#define THOR_CLI_LEARN_CHOICE_H

#include "learn/learn_options.h"

/* "bpe" or "unigram" into the options; `option` is the command line's name for it, for the error THOR_E_USAGE. */
thor_status thor_learn_take_type(thor_learn_options *options, const char *option, const char *type, thor_error *error);

/* Size and threads as a command line has them: in the ranges of the table of options. */
void thor_learn_take_size(thor_learn_options *options, int64_t pieces, int64_t threads);

#endif
