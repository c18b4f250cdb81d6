/* thor prepare: from a corpus as it was downloaded to ids. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "base/log.h"
#include "cli/cmd.h"
#include "cli/manifest.h"
#include "data/format.h"
#include "data/learn_bitext.h"
#include "data/prepare.h"

typedef struct request {
    const char *output, *vocab, *type, *pairs, *languages;
    int64_t vocab_size, max_pieces, threads;
    double temperature, coverage;
    bool quiet;
    thor_opt_list operands;
    thor_log log;
    double started;
} request;

/* ---- the corpus ---- */

static thor_status check_request(const request *r, thor_error *error)
{
    if (r->operands.count == 0)
        return thor_fail(error, THOR_E_USAGE, "no corpus; name its folder or a manifest");
    if (r->operands.count > 1)
        return thor_fail(error, THOR_E_USAGE, "'%s' is one word too many; there is one corpus", r->operands.items[1]);
    if (!r->output)
        return thor_fail(error, THOR_E_USAGE, "no output; say where the prepared folder goes with -o DIR");
    if (r->vocab && r->vocab_size)
        return thor_fail(error, THOR_E_USAGE,
                         "--vocab and --vocab-size exclude each other: take a vocabulary or learn one");
    if (!r->vocab && !r->vocab_size)
        return thor_fail(error, THOR_E_USAGE,
                         "no vocabulary; take one with --vocab FILE or learn one with --vocab-size N");
    if (strcmp(r->type, "bpe") != 0)
        return thor_fail(error, THOR_E_USAGE, "--vocab-type=%s: expected bpe", r->type);
    return THOR_OK;
}

static bool is_manifest(const char *path)
{
    struct stat found;
    size_t length = strlen(path);
    return (stat(path, &found) == 0 && S_ISREG(found.st_mode)) ||
           (length > 5 && strcmp(path + length - 5, ".json") == 0);
}

static thor_status find_corpus(const request *r, thor_bitext *corpus, thor_error *error)
{
    const char *path = r->operands.items[0];
    THOR_TRY(is_manifest(path) ? thor_manifest_read(corpus, path, error)
                               : thor_bitext_find(corpus, path, r->pairs != NULL, error));
    if (r->pairs)
        THOR_TRY(thor_bitext_keep_pairs(corpus, r->pairs, error));
    if (r->languages)
        THOR_TRY(thor_bitext_keep_languages(corpus, r->languages, error));
    return thor_bitext_settle(corpus, error);
}

static thor_status get_vocabulary(request *r, const thor_bitext *corpus, thor_vocab **vocab, thor_error *error)
{
    if (r->vocab)
        return thor_vocab_open(vocab, r->vocab, error);
    thor_learn_options options = thor_learn_defaults();
    options.pieces = (int32_t)r->vocab_size;
    options.temperature = r->temperature;
    options.character_coverage = r->coverage;
    thor_bytes model = { .data = NULL };
    thor_learn_report report;
    thor_log_say(&r->log, THOR_LOG_NORMAL, "learning a vocabulary of up to %d pieces", (int)options.pieces);
    thor_status status = thor_bitext_learn(corpus, &options, &model, &report, error);
    if (status == THOR_OK)
        thor_log_say(&r->log, THOR_LOG_NORMAL, "%d pieces from %lld lines with %lld different words",
                     (int)report.pieces, (long long)report.lines, (long long)report.words);
    if (status == THOR_OK)
        status = thor_vocab_parse(vocab, model.data, model.count, "the vocabulary that was learned", error);
    free(model.data);
    return status;
}

/* ---- the folder ---- */

/* Only a folder that is empty or was prepared before may be replaced. */
static thor_status check_output(const char *path, thor_error *error)
{
    DIR *directory = opendir(path);
    if (!directory)
        return errno == ENOENT ? THOR_OK : thor_fail_io(error, path, "open as a folder");
    bool empty = true, prepared = false;
    for (struct dirent *entry; (entry = readdir(directory));) {
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
        prepared = prepared || strcmp(entry->d_name, THOR_DATA_INDEX) == 0;
    }
    closedir(directory);
    if (empty || prepared)
        return THOR_OK;
    return thor_fail(error, THOR_E_USAGE, "-o %s: the folder has other files, which would be lost; name a new one",
                     path);
}

static void show_progress(void *context, int64_t done, int64_t total)
{
    request *r = context;
    if (!thor_log_due(&r->log))
        return;
    double seconds = thor_seconds() - r->started, share = total > 0 ? (double)done / (double)total : 1.0;
    double left = done < total ? seconds / (share + 1e-9) - seconds : 0;
    thor_log_progress(&r->log, "%lld of %lld sentence pairs (%.0f %%), %.0f a second, %.0f s left", (long long)done,
                      (long long)total, 100.0 * share, (double)done / (seconds + 1e-9), left);
}

static thor_status write_reports(const request *r, const char *folder, const thor_bitext *corpus,
                                 const thor_prepare_report *report, const thor_vocab *vocab, thor_error *error)
{
    static const char *const names[] = { "report.tsv", "report.json" };
    for (int i = 0; i < 2; i++) {
        thor_output output;
        char *path = thor_path(folder, names[i]);
        if (!path)
            return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", names[i]);
        thor_status status = thor_output_open(&output, path, error);
        free(path);
        THOR_TRY(status);
        if (i == 0)
            thor_prepare_print_tsv(output.stream, corpus, report);
        else
            thor_prepare_print_json(output.stream, corpus, report, vocab, (int32_t)r->max_pieces);
        status = thor_output_commit(&output, error);
        thor_output_abandon(&output);
        THOR_TRY(status);
    }
    return THOR_OK;
}

/* Everything into `aside`, which becomes the output when it is complete. */
static thor_status fill_folder(request *r, const char *aside, const thor_bitext *corpus, const thor_vocab *vocab,
                               thor_prepare_report *report, thor_error *error)
{
    thor_prepare_options options = { .max_pieces = (int32_t)r->max_pieces,
                                     .par = thor_par_make((int)r->threads),
                                     .progress = show_progress,
                                     .context = r };
    THOR_TRY(thor_remove_folder(aside, error));
    THOR_TRY(thor_make_folder(aside, error));
    r->started = thor_seconds();
    thor_status status = thor_prepare(corpus, vocab, &options, aside, report, error);
    thor_log_end(&r->log);
    THOR_TRY(status);
    THOR_TRY(write_reports(r, aside, corpus, report, vocab, error));
    return thor_replace_folder(aside, r->output, error);
}

static thor_status write_folder(request *r, const thor_bitext *corpus, const thor_vocab *vocab,
                                thor_prepare_report *report, thor_error *error)
{
    size_t length = strlen(r->output);
    char *aside = malloc(length + sizeof ".part");
    if (!aside)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", r->output);
    memcpy(aside, r->output, length);
    while (length > 1 && aside[length - 1] == '/')
        length--;
    strcpy(aside + length, ".part");
    thor_status status = fill_folder(r, aside, corpus, vocab, report, error);
    if (status != THOR_OK)
        thor_remove_folder(aside, NULL);
    free(aside);
    return status;
}

/* ---- what to tell ---- */

/* The paper's corpus: 17,559,950 training sentences in 30 directions of OPUS-100. */
static void compare_with_paper(const thor_bitext *corpus, const thor_prepare_report *report)
{
    static const char *const others[] = { "as", "bg", "de", "eu", "fy", "ga", "hr", "mr",
                                          "nb", "pt", "rw", "se", "sk", "sl", "zh" };
    enum { PAIRS = sizeof others / sizeof *others };
    int found = 0;
    for (int32_t i = 0; i < corpus->pair_count; i++)
        for (int k = 0; k < PAIRS && !corpus->pairs[i].domain; k++)
            for (int side = 0; side < 2; side++)
                found += strcmp(corpus->pairs[i].language[side], others[k]) == 0 &&
                         strcmp(corpus->pairs[i].language[1 - side], "en") == 0;
    thor_prepare_counts train = thor_prepare_total(report, THOR_TRAIN);
    if (found != PAIRS || corpus->pair_count != PAIRS || train.read != 8861988)
        return;
    printf("\nThese are the 15 pairs of OPUS-16: %lld training sentences in 30 directions; the paper has 17559950, a "
           "difference of %lld.\n"
           "Downloaded pairs: 17723976 in 30 directions. What is dropped depends on the vocabulary, through the "
           "pieces of a sentence.\n",
           (long long)(2 * train.kept), (long long)(2 * train.kept - 17559950));
}

static void warn(request *r, const thor_bitext *corpus, const thor_prepare_report *report)
{
    for (int32_t i = 0; i < corpus->pair_count; i++) {
        const thor_bitext_pair *pair = &corpus->pairs[i];
        for (int split = THOR_VALID; split < THOR_SPLITS; split++)
            if (pair->splits[split].count == 0)
                thor_log_warn(&r->log, "%s-%s has no %s", pair->language[0], pair->language[1],
                              thor_split_name((thor_split)split));
        const thor_prepare_counts *train = &report->pairs[i][THOR_TRAIN];
        for (int side = 0; side < 2; side++)
            if (train->unknown[side] > train->pieces[side] / 100)
                thor_log_warn(&r->log,
                              "%s-%s: %.1f %% of the %s pieces are unknown; is the vocabulary for this language?",
                              pair->language[0], pair->language[1],
                              100.0 * (double)train->unknown[side] / (double)train->pieces[side], pair->language[side]);
    }
}

/* ---- all of it ---- */

static thor_status prepare_corpus(request *r, thor_bitext *corpus, thor_error *error)
{
    THOR_TRY(find_corpus(r, corpus, error));
    thor_par par = thor_par_make((int)r->threads);
    THOR_TRY(thor_survey(corpus, &par, error));
    thor_vocab *vocab = NULL;
    THOR_TRY(get_vocabulary(r, corpus, &vocab, error));
    thor_prepare_report report = { .pairs = NULL };
    thor_status status = write_folder(r, corpus, vocab, &report, error);
    if (status == THOR_OK) {
        thor_prepare_print(stdout, corpus, &report);
        compare_with_paper(corpus, &report);
        warn(r, corpus, &report);
    }
    thor_prepare_report_free(&report);
    thor_vocab_close(vocab);
    return status;
}

static thor_status prepare(request *r, thor_error *error)
{
    THOR_TRY(check_request(r, error));
    THOR_TRY(check_output(r->output, error));
    r->log = thor_log_make(stderr, r->quiet ? THOR_LOG_QUIET : THOR_LOG_NORMAL);
    thor_bitext corpus = { .pairs = NULL };
    thor_status status = prepare_corpus(r, &corpus, error);
    thor_bitext_free(&corpus);
    return status;
}

int thor_cmd_prepare(int argc, char **argv)
{
    request r = { .type = "bpe", .max_pieces = 100, .temperature = 1, .coverage = 1 };
    bool help = false;
    const thor_opt options[] = {
        { "output", 'o', THOR_OPT_TEXT, &r.output, "DIR", "the folder to write", 0, 0 },
        { "vocab", 0, THOR_OPT_TEXT, &r.vocab, "FILE", "take this vocabulary, a SentencePiece model", 0, 0 },
        { "vocab-size", 0, THOR_OPT_INTEGER, &r.vocab_size, "N", "learn a vocabulary of at most N pieces from train", 1,
          1e7 },
        { "vocab-type", 0, THOR_OPT_TEXT, &r.type, "TYPE", "bpe", 0, 0 },
        { "vocab-temperature", 0, THOR_OPT_NUMBER, &r.temperature, "T",
          "when learning, files count by share^(1/T) instead of their share (1)", 1, 1000 },
        { "character-coverage", 0, THOR_OPT_NUMBER, &r.coverage, "X",
          "when learning, share of the text whose characters are pieces (1)", 0.5, 1 },
        { "pairs", 0, THOR_OPT_TEXT, &r.pairs, "LIST", "only these pairs, e.g. de-en,en-fr", 0, 0 },
        { "languages", 0, THOR_OPT_TEXT, &r.languages, "LIST", "only pairs of these languages; order of their tokens",
          0, 0 },
        { "max-pieces", 0, THOR_OPT_INTEGER, &r.max_pieces, "N",
          "drop longer pairs from train and valid; 0: none (100)", 0, 1e6 },
        { "threads", 'j', THOR_OPT_INTEGER, &r.threads, "N", "threads; 0: as many as there are (0)", 0, 1024 },
        { "quiet", 'q', THOR_OPT_FLAG, &r.quiet, NULL, "only warnings, no progress", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 }
    };
    thor_error error;
    thor_status status = thor_opt_parse(options, argc, argv, &r.operands, &help, &error);
    if (status == THOR_OK && help)
        thor_opt_help(thor_command_find(argv[0]), options);
    else if (status == THOR_OK)
        status = prepare(&r, &error);
    thor_opt_list_free(&r.operands);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}
