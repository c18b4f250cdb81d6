#include "data/prepare.h"

#include <stdlib.h>
#include <string.h>

#include "data/encode_splits.h"
#include "data/format.h"
#include "data/journal.h"

typedef struct preparation {
    const thor_bitext *corpus;
    const thor_vocab *vocab;
    const thor_prepare_options *options;
    const char *folder;
    thor_prepared prepared;     /* what the index will say */
    thor_done (*done)[THOR_SPLITS];
    bool (*found)[THOR_SPLITS]; /* finished by an earlier call */
    int64_t total;              /* sentence pairs that are still to be encoded */
} preparation;

/* ---- what an earlier call finished ------------------------------------------------------------------------------- */

static void look_for(void *context, int64_t begin, int64_t end, int thread)
{
    preparation *work = context;
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        int32_t pair = (int32_t)(item / THOR_SPLITS);
        thor_split split = (thor_split)(item % THOR_SPLITS);
        char key[65];
        thor_journal_key(key, work->vocab, work->options->max_pieces, work->corpus->pairs[pair].splits[split].checksum);
        work->found[pair][split] = thor_journal_read(work->folder, pair, split, key, &work->done[pair][split]);
    }
}

static void find_finished(preparation *work)
{
    int32_t found = 0, all = work->corpus->pair_count * THOR_SPLITS;
    if (!thor_journal_has_work(work->folder))
        return;
    thor_par_each(&work->options->par, all, look_for, work);
    for (int32_t pair = 0; pair < work->corpus->pair_count; pair++)
        for (int split = 0; split < THOR_SPLITS; split++)
            if (work->found[pair][split]) {
                found++;
                work->total -= work->corpus->pairs[pair].splits[split].lines;
            }
    if (found > 0 && work->options->resumed)
        work->options->resumed(work->options->context, found, all);
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

static int32_t find_name(char *const *names, int32_t count, const char *name)
{
    for (int32_t i = 0; name && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* Languages, domains (in the order in which they first appear) and pairs of the index. */
static thor_status describe(preparation *work, thor_error *error)
{
    const thor_bitext *corpus = work->corpus;
    thor_prepared *prepared = &work->prepared;
    prepared->pieces = thor_vocab_pieces(work->vocab);
    prepared->max_pieces = work->options->max_pieces;
    memcpy(prepared->vocabulary_checksum, thor_vocab_checksum(work->vocab), 65);
    for (int32_t i = 0; i < corpus->language_count; i++)
        THOR_TRY(thor_prepared_add_name(&prepared->languages, &prepared->language_count, corpus->languages[i], error));
    for (int32_t i = 0; i < corpus->pair_count; i++) {
        const thor_bitext_pair *pair = &corpus->pairs[i];
        if (pair->domain && find_name(prepared->domains, prepared->domain_count, pair->domain) < 0)
            THOR_TRY(thor_prepared_add_name(&prepared->domains, &prepared->domain_count, pair->domain, error));
        THOR_TRY(thor_prepared_add_pair(prepared, error));
        prepared->pairs[i].first = find_name(prepared->languages, prepared->language_count, pair->language[0]);
        prepared->pairs[i].second = find_name(prepared->languages, prepared->language_count, pair->language[1]);
        prepared->pairs[i].domain = find_name(prepared->domains, prepared->domain_count, pair->domain);
        for (int split = 0; split < THOR_SPLITS; split++)
            work->total += pair->splits[split].lines;
    }
    return THOR_OK;
}

static thor_status write_vocabulary(const preparation *work, thor_error *error)
{
    size_t count;
    const void *bytes = thor_vocab_bytes(work->vocab, &count);
    char *path = thor_path(work->folder, THOR_DATA_VOCABULARY);
    thor_status status = path ? thor_write_file(path, bytes, count, error)
                              : thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", THOR_DATA_VOCABULARY);
    free(path);
    return status;
}

static thor_status write_index(const preparation *work, thor_error *error)
{
    char *path = thor_path(work->folder, THOR_DATA_INDEX);
    thor_status status = path ? thor_index_write(&work->prepared, path, error)
                              : thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", THOR_DATA_INDEX);
    free(path);
    return status;
}

static thor_status check_left(const preparation *work, int32_t pair, thor_error *error)
{
    const thor_bitext_pair *source = &work->corpus->pairs[pair];
    const thor_prepare_counts *counts = &work->done[pair][THOR_TRAIN].counts;
    if (counts->kept > 0)
        return THOR_OK;
    return thor_fail(error, THOR_E_FORMAT,
                     "%s-%s: no sentence pair of %s is left to train on (%lld empty, %lld longer than %d pieces)",
                     source->language[0], source->language[1], source->splits[THOR_TRAIN].parts[0].path[0],
                     (long long)counts->empty, (long long)counts->too_long, (int)work->options->max_pieces);
}

static thor_status encode_missing(const preparation *work, thor_error *error)
{
    int64_t all = (int64_t)work->corpus->pair_count * THOR_SPLITS;
    thor_split_place *places = malloc(((size_t)all + 1) * sizeof *places);
    if (!places)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %lld splits", (long long)all);
    thor_split_work splits = { .corpus = work->corpus, .vocab = work->vocab, .options = work->options,
                               .folder = work->folder, .places = places, .done = work->done, .lines = work->total };
    for (int64_t i = 0; i < all; i++)
        if (!work->found[i / THOR_SPLITS][i % THOR_SPLITS])
            places[splits.count++] = (thor_split_place){ (int32_t)(i / THOR_SPLITS), (thor_split)(i % THOR_SPLITS) };
    thor_status status = thor_encode_splits(&splits, error);
    free(places);
    return status;
}

static thor_status write_folder(preparation *work, thor_prepare_report *report, thor_error *error)
{
    THOR_TRY(describe(work, error));
    THOR_TRY(write_vocabulary(work, error));
    find_finished(work);
    THOR_TRY(encode_missing(work, error));
    for (int32_t pair = 0; pair < work->corpus->pair_count; pair++) {
        for (int split = 0; split < THOR_SPLITS; split++) {
            const thor_done *done = &work->done[pair][split];
            report->pairs[pair][split] = done->counts;
            work->prepared.pairs[pair].count[split] = done->counts.kept;
            memcpy(work->prepared.files->pairs[pair][split], done->columns, sizeof done->columns);
        }
        THOR_TRY(check_left(work, pair, error));
    }
    return write_index(work, error);
}

static bool make_room(preparation *work, thor_prepare_report *report)
{
    size_t pairs = (size_t)work->corpus->pair_count + 1;
    work->done = calloc(pairs, sizeof *work->done);
    work->found = calloc(pairs, sizeof *work->found);
    report->pair_count = work->corpus->pair_count;
    report->pairs = calloc(pairs, sizeof *report->pairs);
    return work->done && work->found && report->pairs;
}

thor_status thor_prepare(const thor_bitext *corpus, const thor_vocab *vocab, const thor_prepare_options *options,
                         const char *folder, thor_prepare_report *report, thor_error *error)
{
    preparation work = { .corpus = corpus, .vocab = vocab, .options = options, .folder = folder };
    thor_status status =
        make_room(&work, report)
            ? write_folder(&work, report, error)
            : thor_fail(error, THOR_E_MEMORY, "no memory to prepare %d language pairs", (int)corpus->pair_count);
    thor_prepared_close(&work.prepared);
    free(work.done);
    free(work.found);
    return status;
}

void thor_prepare_report_free(thor_prepare_report *report)
{
    free(report->pairs);
    *report = (thor_prepare_report){ .pairs = NULL };
}
