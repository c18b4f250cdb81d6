#include "cli/vocab_train.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fileio.h"
#include "cli/cmd.h"
#include "cli/learn_choice.h"
#include "learn/learn.h"

/* What the command line says, in its own types. */
typedef struct train_request {
    const char *output, *type;
    int64_t size, longest_piece, longest_line, seed, seed_pieces, em_steps, threads;
    bool quiet;
    thor_opt_list inputs, operands, users, controls;
    thor_learn_options options;
} train_request;

static thor_status take_request(train_request *request, thor_error *error)
{
    thor_learn_options *options = &request->options;
    if (!request->output)
        return thor_fail(error, THOR_E_USAGE, "no output; say where the vocabulary goes with -o FILE");
    if (request->inputs.count + request->operands.count == 0)
        return thor_fail(error, THOR_E_USAGE, "no text to learn from; name at least one file");
    THOR_TRY(thor_learn_take_type(options, "type", request->type, error));
    thor_learn_take_size(options, request->size, request->threads);
    options->longest_piece = (int32_t)request->longest_piece;
    options->longest_line = (int32_t)request->longest_line;
    options->seed = (uint32_t)request->seed;
    options->seed_pieces = (int32_t)request->seed_pieces;
    options->em_steps = (int32_t)request->em_steps;
    options->users = request->users.items;
    options->user_count = request->users.count;
    options->controls = request->controls.items;
    options->control_count = request->controls.count;
    return THOR_OK;
}

static void print_report(const train_request *request, const thor_learn_report *report)
{
    const thor_learn_options *options = &request->options;
    fprintf(stderr, "%lld lines", (long long)report->lines);
    if (options->sample > 0)
        fprintf(stderr, ", %lld drawn from them", (long long)report->lines_drawn);
    if (report->lines_left_out > 0)
        fprintf(stderr, " (%lld of them longer than %d bytes, or with U+2585, left out)",
                (long long)report->lines_left_out, (int)options->longest_line);
    fprintf(stderr, ", %lld different words, %d characters", (long long)report->words, (int)report->characters);
    if (report->characters_unknown > 0)
        fprintf(stderr, " (and %d rare ones that become %s)", (int)report->characters_unknown,
                options->byte_fallback ? "bytes" : "<unk>");
    fprintf(stderr, "\n%s: %d pieces", request->output, (int)report->pieces);
    if (report->pieces < options->pieces)
        fprintf(stderr, " of the %d asked for: no %s", (int)options->pieces,
                options->type == THOR_BPE ? "pair is left to merge" : "more are in the text");
    fprintf(stderr, "\n");
}

static thor_status train(train_request *request, thor_error *error)
{
    THOR_TRY(take_request(request, error));
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
    if (status == THOR_OK && !request->quiet)
        print_report(request, &report);
    free(model.data);
    free(paths);
    return status;
}

static train_request defaults(void)
{
    train_request r = { .type = "bpe", .options = thor_learn_defaults() };
    r.size = r.options.pieces;
    r.longest_piece = r.options.longest_piece;
    r.longest_line = r.options.longest_line;
    r.seed = r.options.seed;
    r.seed_pieces = r.options.seed_pieces;
    r.em_steps = r.options.em_steps;
    return r;
}

int thor_vocab_train(int argc, char **argv)
{
    train_request r = defaults();
    thor_learn_options *o = &r.options;
    bool help = false;
    const thor_opt options[] = {
        { "output", 'o', THOR_OPT_TEXT, &r.output, "FILE", "the vocabulary to write, a SentencePiece model", 0, 0 },
        { "input", 'i', THOR_OPT_LIST, &r.inputs, "FILE", "text to learn from, as FILE at the end", 0, 0 },
        { "size", 's', THOR_OPT_INTEGER, &r.size, "N", "at most N pieces, without the special ones (8000)", 1, 1e7 },
        { "type", 't', THOR_OPT_TEXT, &r.type, "TYPE", "bpe (default) or unigram", 0, 0 },
        { "character-coverage", 0, THOR_OPT_NUMBER, &o->character_coverage, "X",
          "share of the text whose characters are pieces (1)", 0.5, 1 },
        { "required-characters", 0, THOR_OPT_TEXT, &o->required, "TEXT", "characters that are pieces in any case", 0,
          0 },
        { "temperature", 0, THOR_OPT_NUMBER, &o->temperature, "T",
          "files count by share^(1/T) instead of their share (1)", 1, 1000 },
        { "max-piece-length", 0, THOR_OPT_INTEGER, &r.longest_piece, "N", "characters in a piece at most (16)", 1, 64 },
        { "max-line-bytes", 0, THOR_OPT_INTEGER, &r.longest_line, "N", "leave longer lines out (4192)", 1, 1e6 },
        { "sample", 0, THOR_OPT_INTEGER, &o->sample, "N", "draw N lines and learn from them (0: from all)", 0, 4e9 },
        { "seed", 0, THOR_OPT_INTEGER, &r.seed, "N", "seed of the draw (12345678)", 0, 4294967295.0 },
        { "sample-first", 0, THOR_OPT_FLAG, &o->sample_first, NULL, "take the first lines instead of a draw", 0, 0 },
        { "normalization", 0, THOR_OPT_TEXT, &o->normalization, "RULE",
          "identity (default), nfkc, nmt_nfkc, nfkc_cf, nmt_nfkc_cf or a table", 0, 0 },
        { "dummy-prefix", 0, THOR_OPT_FLAG, &o->add_dummy_prefix, NULL, "a blank before the first word (default)", 0,
          0 },
        { "remove-extra-blanks", 0, THOR_OPT_FLAG, &o->remove_extra_blanks, NULL,
          "one blank for several, none at the ends (default)", 0, 0 },
        { "split-by-blank", 0, THOR_OPT_FLAG, &o->split_by_blank, NULL, "no piece across blanks (default)", 0, 0 },
        { "split-by-script", 0, THOR_OPT_FLAG, &o->split_by_script, NULL,
          "no piece across scripts, nor letters with punctuation (default)", 0, 0 },
        { "split-by-number", 0, THOR_OPT_FLAG, &o->split_by_number, NULL, "no piece of letters with digits (default)",
          0, 0 },
        { "split-digits", 0, THOR_OPT_FLAG, &o->split_digits, NULL, "every digit is a piece of its own", 0, 0 },
        { "blank-as-suffix", 0, THOR_OPT_FLAG, &o->blank_as_suffix, NULL, "a blank belongs to the word before it", 0,
          0 },
        { "blank-pieces", 0, THOR_OPT_FLAG, &o->blank_pieces, NULL, "allow pieces of several blanks", 0, 0 },
        { "byte-fallback", 0, THOR_OPT_FLAG, &o->byte_fallback, NULL, "spell unknown characters by 256 byte pieces", 0,
          0 },
        { "user-symbol", 0, THOR_OPT_LIST, &r.users, "TEXT", "a piece that text is never cut inside of", 0, 0 },
        { "control-symbol", 0, THOR_OPT_LIST, &r.controls, "TEXT", "a piece that text never gives", 0, 0 },
        { "seed-pieces", 0, THOR_OPT_INTEGER, &r.seed_pieces, "N", "unigram: start with N pieces (1000000)", 1, 1e8 },
        { "shrinking", 0, THOR_OPT_NUMBER, &o->shrinking, "X", "unigram: share of pieces a pruning keeps (0.75)", 0.5,
          0.95 },
        { "em-steps", 0, THOR_OPT_INTEGER, &r.em_steps, "N", "unigram: EM steps between prunings (2)", 1, 10 },
        { "exact-loss", 0, THOR_OPT_FLAG, &o->exact_loss, NULL, "unigram: prune as SentencePiece 0.2 does", 0, 0 },
        { "threads", 'j', THOR_OPT_INTEGER, &r.threads, "N", "threads (all; the result is the same)", 0, 1024 },
        { "quiet", 'q', THOR_OPT_FLAG, &r.quiet, NULL, "no report of what was read and learned", 0, 0 },
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
    thor_opt_list_free(&r.users);
    thor_opt_list_free(&r.controls);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}
