/* thor prepare: the vocabulary, taken, learned or found. */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hash.h"
#include "cli/prepare_cli.h"
#include "data/format.h"
#include "data/journal.h"
#include "data/learn_bitext.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* The SHA-256 of everything that the learned vocabulary depends on. */
static void learning_key(const prepare_request *r, const thor_bitext *corpus, char key[65])
{
    char facts[256];
    thor_sha256 hash;
    int count = snprintf(facts, sizeof facts, "thor %s %.32s size %lld temperature %.17g coverage %.17g",
                         PACKAGE_VERSION, r->type, (long long)r->vocab_size, r->learn.temperature,
                         r->learn.character_coverage);
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, facts, (size_t)count);
    for (int32_t i = 0; i < corpus->pair_count; i++) {
        const thor_bitext_split *train = &corpus->pairs[i].splits[THOR_TRAIN];
        thor_sha256_add(&hash, train->checksum, sizeof train->checksum);
        /* Names count, because a file that several pairs share is learned from once. */
        for (int32_t part = 0; part < train->count; part++)
            for (int side = 0; side < 2; side++)
                thor_sha256_add(&hash, train->parts[part].path[side], strlen(train->parts[part].path[side]) + 1);
    }
    thor_sha256_hex(&hash, key);
}

/* "KEY CHECKSUM" of the vocabulary in `aside` into record. */
static bool read_record(const prepare_request *r, char key[65], char sum[65])
{
    char *path = thor_path(r->aside, THOR_JOURNAL_VOCABULARY), *text = NULL;
    size_t count;
    bool good = path && thor_read_file(path, 256, &text, &count, NULL) == THOR_OK &&
                sscanf(text, "%64[0-9a-f] %64[0-9a-f]", key, sum) == 2;
    free(text);
    free(path);
    return good;
}

static bool find_learned(const prepare_request *r, const char *key, thor_vocab **vocab)
{
    char found[65], sum[65], *path = thor_path(r->aside, THOR_DATA_VOCABULARY);
    *vocab = NULL;
    bool good = path && read_record(r, found, sum) && strcmp(found, key) == 0 &&
                thor_vocab_open(vocab, path, NULL) == THOR_OK && strcmp(thor_vocab_checksum(*vocab), sum) == 0;
    free(path);
    if (!good) {
        thor_vocab_close(*vocab);
        *vocab = NULL;
    }
    return good;
}

static thor_status write_in_aside(const prepare_request *r, const char *name, const void *bytes, size_t count,
                                  thor_error *error)
{
    char *path = thor_path(r->aside, name);
    thor_status status = path ? thor_write_file(path, bytes, count, error)
                              : thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", name);
    free(path);
    return status;
}

/* First the vocabulary, then the record that vouches for it. */
static thor_status leave_learned(const prepare_request *r, const char *key, const thor_vocab *vocab, thor_error *error)
{
    char record[192];
    size_t count;
    const void *bytes = thor_vocab_bytes(vocab, &count);
    THOR_TRY(write_in_aside(r, THOR_DATA_VOCABULARY, bytes, count, error));
    int length = snprintf(record, sizeof record, "%s %s\n", key, thor_vocab_checksum(vocab));
    return write_in_aside(r, THOR_JOURNAL_VOCABULARY, record, (size_t)length, error);
}

static thor_status learn(prepare_request *r, const thor_bitext *corpus, thor_vocab **vocab, thor_error *error)
{
    thor_bytes model = { .data = NULL };
    thor_learn_report report;
    thor_log_say(&r->log, THOR_LOG_NORMAL, "learning a vocabulary of up to %d pieces", (int)r->learn.pieces);
    thor_status status = thor_bitext_learn(corpus, &r->learn, &model, &report, error);
    if (status == THOR_OK)
        thor_log_say(&r->log, THOR_LOG_NORMAL, "%d pieces from %lld lines with %lld different words",
                     (int)report.pieces, (long long)report.lines, (long long)report.words);
    if (status == THOR_OK)
        status = thor_vocab_parse(vocab, model.data, model.count, "the vocabulary that was learned", error);
    free(model.data);
    return status;
}

thor_status prepare_vocabulary(prepare_request *r, const thor_bitext *corpus, thor_vocab **vocab, thor_error *error)
{
    char key[65];
    if (r->vocab)
        return thor_vocab_open(vocab, r->vocab, error);
    learning_key(r, corpus, key);
    if (find_learned(r, key, vocab)) {
        thor_log_say(&r->log, THOR_LOG_NORMAL, "%s has the vocabulary of an earlier run: %d pieces", r->aside,
                     (int)thor_vocab_pieces(*vocab));
        return THOR_OK;
    }
    THOR_TRY(learn(r, corpus, vocab, error));
    thor_status status = leave_learned(r, key, *vocab, error);
    if (status != THOR_OK) {
        thor_vocab_close(*vocab);
        *vocab = NULL;
    }
    return status;
}
