/* thor vocab encode and decode: files of lines to standard output. */
#ifndef THOR_CLI_VOCAB_LINES_H
#define THOR_CLI_VOCAB_LINES_H

#include "cli/opt.h"
#include "pieces/encoder.h"
#include "pieces/vocab_text.h"

typedef struct thor_vocab_request {
    const char *model, *format;     /* format: pieces, ids, file-ids; encoding also text */
    thor_opt_list operands;         /* files; none: standard input */
    int64_t threads;                /* 0: all */
} thor_vocab_request;

thor_status thor_vocab_encode_files(const thor_vocab *vocab, const thor_vocab_request *request, thor_error *error);
thor_status thor_vocab_decode_files(const thor_vocab *vocab, const thor_vocab_request *request, thor_error *error);

#endif
