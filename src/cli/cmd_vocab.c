/* thor vocab train, encode, decode, show. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "cli/cmd.h"
#include "cli/vocab_lines.h"
#include "text/learn.h"

typedef struct train_request {
    const char *output, *type;
    int64_t size, longest_piece, longest_line;
    thor_opt_list inputs, operands;
    thor_learn_options options;
} train_request;

static thor_status check_train(train_request *request, thor_error *error)
{
    if (!request->output)
        return thor_fail(error, THOR_E_USAGE, "no output; say where the vocabulary goes with -o FILE");
    if (request->inputs.count + request->operands.count == 0)
        return thor_fail(error, THOR_E_USAGE, "no text to learn from; name at least one file");
    if (strcmp(request->type, "bpe") != 0)
        return thor_fail(error, THOR_E_USAGE, "--type=%s: expected bpe", request->type);
    request->options.pieces = (int32_t)request->size;
    request->options.longest_piece = (int32_t)request->longest_piece;
    request->options.longest_line = (int32_t)request->longest_line;
    return THOR_OK;
}

static void print_report(const train_request *request, const thor_learn_report *report)
{
    fprintf(stderr, "%lld lines", (long long)report->lines);
    if (report->lines_left_out > 0)
        fprintf(stderr, " (%lld of them longer than %d bytes, left out)", (long long)report->lines_left_out,
                (int)request->options.longest_line);
    fprintf(stderr, ", %lld different words, %d characters", (long long)report->words, (int)report->characters);
    if (report->characters_unknown > 0)
        fprintf(stderr, " (and %d rare ones that become <unk>)", (int)report->characters_unknown);
    fprintf(stderr, "\n%s: %d pieces", request->output, (int)report->pieces);
    if (report->pieces < request->options.pieces)
        fprintf(stderr, " of the %d asked for: no pair is left to merge", (int)request->options.pieces);
    fprintf(stderr, "\n");
}

static thor_status train(train_request *request, thor_error *error)
{
    THOR_TRY(check_train(request, error));
    size_t count = request->inputs.count + request->operands.count;
    const char **paths = malloc(count * sizeof *paths);
    if (!paths)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu names of files", count);
    for (size_t i = 0; i < count; i++)
        paths[i] =
            i < request->inputs.count ? request->inputs.items[i] : request->operands.items[i - request->inputs.count];
    thor_bytes model = { .data = NULL };
    thor_learn_report report;
    thor_status status = thor_learn_files(&request->options, paths, count, &model, &report, error);
    if (status == THOR_OK)
        status = thor_write_file(request->output, model.data, model.count, error);
    if (status == THOR_OK)
        print_report(request, &report);
    free(model.data);
    free(paths);
    return status;
}

static int run_train(int argc, char **argv)
{
    train_request r = { .type = "bpe", .options = thor_learn_defaults() };
    bool help = false;
    r.size = r.options.pieces;
    r.longest_piece = r.options.longest_piece;
    r.longest_line = r.options.longest_line;
    const thor_opt options[] = {
        { "output", 'o', THOR_OPT_TEXT, &r.output, "FILE", "the vocabulary to write, a SentencePiece model", 0, 0 },
        { "input", 'i', THOR_OPT_LIST, &r.inputs, "FILE", "text to learn from, as FILE at the end", 0, 0 },
        { "size", 's', THOR_OPT_INTEGER, &r.size, "N", "at most N pieces, without the special ones (8000)", 1, 1e7 },
        { "type", 't', THOR_OPT_TEXT, &r.type, "TYPE", "bpe", 0, 0 },
        { "character-coverage", 0, THOR_OPT_NUMBER, &r.options.character_coverage, "X",
          "share of the text whose characters are pieces (1)", 0.5, 1 },
        { "temperature", 0, THOR_OPT_NUMBER, &r.options.temperature, "T",
          "files count by share^(1/T) instead of their share (1)", 1, 1000 },
        { "max-piece-length", 0, THOR_OPT_INTEGER, &r.longest_piece, "N", "characters in a piece at most (16)", 1, 64 },
        { "max-line-bytes", 0, THOR_OPT_INTEGER, &r.longest_line, "N", "leave longer lines out (4192)", 1, 1e6 },
        { "split-by-script", 0, THOR_OPT_FLAG, &r.options.split_by_script, NULL,
          "no piece across scripts, nor letters with punctuation", 0, 0 },
        { "split-by-number", 0, THOR_OPT_FLAG, &r.options.split_by_number, NULL, "no piece of letters with digits", 0,
          0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 }
    };
    thor_error error;
    thor_status status = thor_opt_parse(options, argc, argv, &r.operands, &help, &error);
    if (status == THOR_OK && help)
        thor_opt_help(thor_command_find(argv[0]), options);
    else if (status == THOR_OK)
        status = train(&r, &error);
    thor_opt_list_free(&r.inputs);
    thor_opt_list_free(&r.operands);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}

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
    thor_opt options[] = {
        { "model", 'm', THOR_OPT_TEXT, &r.model, "FILE", "the vocabulary, a SentencePiece model", 0, 0 },
        { strcmp(verb, "encode") == 0 ? "output-format" : "input-format", 'f', THOR_OPT_TEXT, &r.format, "FORMAT",
          "pieces, ids (thor's) or file-ids (SentencePiece's)", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 } };
    if (strcmp(verb, "show") == 0)
        options[1] = options[2];
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
    return strcmp(verb, "train") == 0 ? run_train(argc, argv) : run_with_vocab(argc, argv, verb);
}
