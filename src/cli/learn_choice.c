#include "cli/learn_choice.h"

#include <string.h>

thor_status thor_learn_take_type(thor_learn_options *options, const char *option, const char *type, thor_error *error)
{
    if (strcmp(type, "bpe") != 0 && strcmp(type, "unigram") != 0)
        return thor_fail(error, THOR_E_USAGE, "--%s=%s: expected bpe or unigram", option, type);
    options->type = strcmp(type, "bpe") == 0 ? THOR_BPE : THOR_UNIGRAM;
    return THOR_OK;
}

void thor_learn_take_size(thor_learn_options *options, int64_t pieces, int64_t threads)
{
    options->pieces = (int32_t)pieces;
    options->threads = (int)threads;
}
