/* thor prepare: what its files share. */
#ifndef THOR_CLI_PREPARE_CLI_H
#define THOR_CLI_PREPARE_CLI_H

#include "base/log.h"
#include "cli/opt.h"
#include "data/claim.h"
#include "data/prepare.h"
#include "learn/learn_options.h"

typedef struct prepare_request {
    const char *output, *vocab, *type, *pairs, *domains, *languages;
    thor_learn_options learn;   /* complete once the command line is checked */
    int64_t vocab_size, max_pieces, threads;
    bool quiet;
    thor_opt_list operands;
    thor_log log;
    double started;
    char *aside;                /* the folder while it is filled */
    bool had_work;              /* of an earlier run, when this one began */
    thor_claim claim;
} prepare_request;

/* Opens --vocab, takes the vocabulary that an interrupted run learned from the same text into `aside`, or learns one
 * and leaves it there. */
thor_status prepare_vocabulary(prepare_request *r, const thor_bitext *corpus, thor_vocab **vocab, thor_error *error);

/* Encodes into `aside`, which becomes the output when it is complete. */
thor_status prepare_folder(prepare_request *r, const thor_bitext *corpus, const thor_vocab *vocab,
                           thor_prepare_report *report, thor_error *error);

/* After a failure: removes `aside` when nothing is worth keeping, otherwise `error` says that it is kept. */
void prepare_give_up(const prepare_request *r, thor_status status, thor_error *error);

/* What a person ought to know of the finished corpus: how it compares with the paper's on standard output, warnings. */
void prepare_compare(const prepare_request *r, const thor_bitext *corpus, const thor_prepare_report *report);
void prepare_warn(prepare_request *r, const thor_bitext *corpus, const thor_prepare_report *report);

#endif
