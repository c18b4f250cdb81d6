/* thor prepare: from a corpus as it was downloaded to ids. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "cli/cmd.h"
#include "cli/learn_choice.h"
#include "cli/manifest.h"
#include "cli/prepare_cli.h"
#include "data/format.h"
#include "data/journal.h"

/* ---- the corpus ---- */

static thor_status check_request(prepare_request *r, thor_error *error)
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
    thor_learn_take_size(&r->learn, r->vocab_size, r->threads);
    return thor_learn_take_type(&r->learn, "vocab-type", r->type, error);
}

static bool is_manifest(const char *path)
{
    struct stat found;
    size_t length = strlen(path);
    return (stat(path, &found) == 0 && S_ISREG(found.st_mode)) ||
           (length > 5 && strcmp(path + length - 5, ".json") == 0);
}

static thor_status find_corpus(const prepare_request *r, thor_bitext *corpus, thor_error *error)
{
    const char *path = r->operands.items[0];
    THOR_TRY(is_manifest(path) ? thor_manifest_read(corpus, path, error)
                               : thor_bitext_find(corpus, path, r->pairs != NULL, error));
    if (r->pairs)
        THOR_TRY(thor_bitext_keep_pairs(corpus, r->pairs, error));
    if (r->domains)
        THOR_TRY(thor_bitext_keep_domains(corpus, r->domains, error));
    if (r->languages)
        THOR_TRY(thor_bitext_keep_languages(corpus, r->languages, error));
    return thor_bitext_settle(corpus, error);
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

/* DIR.part beside DIR. */
static thor_status name_aside(prepare_request *r, thor_error *error)
{
    size_t length = strlen(r->output);
    r->aside = malloc(length + sizeof ".part");
    if (!r->aside)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", r->output);
    memcpy(r->aside, r->output, length);
    while (length > 1 && r->aside[length - 1] == '/')
        length--;
    strcpy(r->aside + length, ".part");
    return THOR_OK;
}

/* ---- all of it ---- */

/* The folder that `path` stands in. */
static thor_status make_parent(char *path, thor_error *error)
{
    char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return THOR_OK;
    *slash = '\0';
    thor_status status = thor_make_folder(path, error);
    *slash = '/';
    return status;
}

static thor_status fill_folder(prepare_request *r, thor_bitext *corpus, thor_prepare_report *report,
                               thor_error *error)
{
    thor_vocab *vocab = NULL;
    thor_status status = prepare_vocabulary(r, corpus, &vocab, error);
    if (status == THOR_OK)
        status = prepare_folder(r, corpus, vocab, report, error);
    thor_vocab_close(vocab);
    return status;
}

static thor_status prepare_corpus(prepare_request *r, thor_bitext *corpus, thor_error *error)
{
    THOR_TRY(find_corpus(r, corpus, error));
    thor_par par = thor_par_make((int)r->threads);
    THOR_TRY(thor_survey(corpus, &par, error));
    THOR_TRY(thor_journal_open(r->aside, error));
    r->had_work = thor_journal_has_work(r->aside);
    thor_prepare_report report = { .pairs = NULL };
    thor_status status = fill_folder(r, corpus, &report, error);
    if (status == THOR_OK) {
        thor_prepare_print(stdout, corpus, &report);
        prepare_compare(r, corpus, &report);
        prepare_warn(r, corpus, &report);
    } else {
        prepare_give_up(r, status, error);
    }
    thor_prepare_report_free(&report);
    return status;
}

static thor_status prepare(prepare_request *r, thor_error *error)
{
    THOR_TRY(check_request(r, error));
    THOR_TRY(check_output(r->output, error));
    THOR_TRY(name_aside(r, error));
    THOR_TRY(make_parent(r->aside, error));
    THOR_TRY(thor_claim_take(&r->claim, r->aside, error));
    if (r->claim.unlocked)
        thor_log_warn(&r->log, "%s: this file system has no locks: let no other process write there", r->output);
    r->log = thor_log_make(stderr, r->quiet ? THOR_LOG_QUIET : THOR_LOG_NORMAL);
    thor_bitext corpus = { .pairs = NULL };
    thor_status status = prepare_corpus(r, &corpus, error);
    thor_bitext_free(&corpus);
    return status;
}

int thor_cmd_prepare(int argc, char **argv)
{
    prepare_request r = { .type = "bpe", .max_pieces = 100, .learn = thor_learn_defaults() };
    bool help = false;
    const thor_opt options[] = {
        { "output", 'o', THOR_OPT_TEXT, &r.output, "DIR", "the folder to write", 0, 0 },
        { "vocab", 0, THOR_OPT_TEXT, &r.vocab, "FILE", "take this vocabulary, a SentencePiece model", 0, 0 },
        { "vocab-size", 0, THOR_OPT_INTEGER, &r.vocab_size, "N", "learn a vocabulary of at most N pieces from train", 1,
          1e7 },
        { "vocab-type", 0, THOR_OPT_TEXT, &r.type, "TYPE", "what to learn: bpe or unigram (bpe)", 0,
          0 },
        { "vocab-temperature", 0, THOR_OPT_NUMBER, &r.learn.temperature, "T",
          "when learning, files count by share^(1/T) instead of their share (1)", 1, 1000 },
        { "character-coverage", 0, THOR_OPT_NUMBER, &r.learn.character_coverage, "X",
          "when learning, share of the text whose characters are pieces (1)", 0.5, 1 },
        { "pairs", 0, THOR_OPT_TEXT, &r.pairs, "LIST", "only these pairs, e.g. de-en,en-fr", 0, 0 },
        { "domains", 0, THOR_OPT_TEXT, &r.domains, "LIST", "only these domains, e.g. it,law", 0, 0 },
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
    thor_claim_release(&r.claim);
    free(r.aside);
    thor_opt_list_free(&r.operands);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}
