/* thor vocab train, encode, decode, show. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/vocab_lines.h"
#include "cli/vocab_train.h"

static const char *const type_names[] = { "", "normal", "unknown", "control", "user-defined", "unused", "byte" };

static thor_status show(const thor_vocab *vocab, thor_error *error)
{
    (void)error;
    const thor_spm *spm = thor_vocab_model(vocab);
    for (int32_t i = 0; i < spm->count; i++) {
        const thor_piece *piece = &spm->pieces[i];
        printf("%d\t%d\t%s\t%.9g\t%s\n", (int)thor_vocab_id(vocab, i), (int)i, piece->text, (double)piece->score,
               type_names[piece->type]);
    }
    return THOR_OK;
}

static thor_status with_vocab(thor_vocab_request *r, const char *verb, thor_error *error)
{
    thor_vocab *vocab;
    if (!r->model)
        return thor_fail(error, THOR_E_USAGE, "no vocabulary; name its file with -m FILE");
    if (strcmp(verb, "show") == 0 && r->operands.count > 0)
        return thor_fail(error, THOR_E_USAGE, "'%s' is one word too many", r->operands.items[0]);
    THOR_TRY(thor_vocab_open(&vocab, r->model, error));
    thor_status status;
    if (strcmp(verb, "encode") == 0)
        status = thor_vocab_encode_files(vocab, r, error);
    else
        status = strcmp(verb, "decode") == 0 ? thor_vocab_decode_files(vocab, r, error) : show(vocab, error);
    thor_vocab_close(vocab);
    return status;
}

static int run_with_vocab(int argc, char **argv, const char *verb)
{
    thor_vocab_request r = { .format = "pieces" };
    bool help = false;
    bool encodes = strcmp(verb, "encode") == 0;
    thor_opt options[] = {
        { "model", 'm', THOR_OPT_TEXT, &r.model, "FILE", "the vocabulary, a SentencePiece model", 0, 0 },
        { encodes ? "output-format" : "input-format", 'f', THOR_OPT_TEXT, &r.format, "FORMAT",
          encodes ? "pieces, ids (thor's), file-ids (SentencePiece's) or text (normalised)"
                  : "pieces, ids (thor's) or file-ids (SentencePiece's)", 0, 0 },
        { "threads", 'j', THOR_OPT_INTEGER, &r.threads, "N", "threads (all)", 0, 1024 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 } };
    if (strcmp(verb, "show") == 0)
        options[1] = options[3];
    thor_error error;
    thor_status status = thor_opt_parse(options, argc, argv, &r.operands, &help, &error);
    if (status == THOR_OK && help)
        thor_opt_help(thor_command_find(argv[0]), options);
    else if (status == THOR_OK)
        status = with_vocab(&r, verb, &error);
    thor_opt_list_free(&r.operands);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}

int thor_cmd_vocab(int argc, char **argv)
{
    const char *verb = strchr(argv[0], ' ');
    verb = verb ? verb + 1 : "";
    return strcmp(verb, "train") == 0 ? thor_vocab_train(argc, argv) : run_with_vocab(argc, argv, verb);
}
