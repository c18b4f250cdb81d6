#include "data/prepare.h"

#include <stdlib.h>
#include <string.h>

#include "data/encode.h"
#include "data/format.h"

/* ---- one split of one pair --------------------------------------------------------------------------------------- */

/* The four columns of a split while they are written. */
typedef struct split_writer {
    thor_column_writer columns[2][THOR_COLUMN_KINDS];
    char names[2][THOR_COLUMN_KINDS][48];
    thor_prepare_counts *counts;
    int32_t max_pieces; /* 0: nothing is filtered by length */
    bool filtered;      /* test is not */
} split_writer;

typedef struct preparation {
    const thor_bitext *corpus;
    const thor_vocab *vocab;
    const thor_prepare_options *options;
    const char *folder;
    thor_prepared prepared; /* what the index will say */
    thor_block *block;
    split_writer *writer;
    int64_t done, total;
} preparation;

static thor_status open_writer(preparation *work, int32_t pair, thor_split split, thor_prepare_counts *counts,
                               thor_error *error)
{
    split_writer *writer = work->writer;
    memset(writer, 0, sizeof *writer);
    writer->counts = counts;
    writer->filtered = split != THOR_TEST;
    writer->max_pieces = work->options->max_pieces;
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++) {
            char *name = writer->names[side][kind];
            thor_column_name(name, pair, split, side, (thor_column_kind)kind);
            THOR_TRY(thor_column_open(&writer->columns[side][kind], work->folder, name, (thor_column_kind)kind, error));
        }
    for (int side = 0; side < 2; side++)
        THOR_TRY(thor_column_add(&writer->columns[side][THOR_OFFSETS], 0, error));
    return THOR_OK;
}

static thor_status add_sentence(split_writer *writer, int side, const int32_t *ids, int32_t length, thor_error *error)
{
    thor_column_writer *columns = writer->columns[side];
    thor_prepare_counts *counts = writer->counts;
    for (int32_t i = 0; i < length; i++) {
        counts->unknown[side] += ids[i] == THOR_ID_UNK;
        THOR_TRY(thor_column_add(&columns[THOR_IDS], ids[i], error));
    }
    counts->pieces[side] += length;
    if (length > counts->longest[side])
        counts->longest[side] = length;
    return thor_column_add(&columns[THOR_OFFSETS], columns[THOR_IDS].count, error);
}

/* Keeps or drops pair `pair` of the block. */
static thor_status sort_pair(split_writer *writer, const thor_block *block, int64_t pair, thor_error *error)
{
    const int32_t *length = block->length + 2 * pair;
    thor_prepare_counts *counts = writer->counts;
    counts->read++;
    bool empty = length[0] == 0 || length[1] == 0 || block->blank[2 * pair] || block->blank[2 * pair + 1];
    bool too_long = writer->max_pieces > 0 && (length[0] > writer->max_pieces || length[1] > writer->max_pieces);
    if (writer->filtered && (empty || too_long)) {
        counts->empty += empty;
        counts->too_long += !empty;
        return THOR_OK;
    }
    counts->kept++;
    THOR_TRY(add_sentence(writer, 0, thor_block_ids(block, 2 * pair), length[0], error));
    return add_sentence(writer, 1, thor_block_ids(block, 2 * pair + 1), length[1], error);
}

static thor_status encode_lines(preparation *work, const thor_bitext_part *part, thor_side *first, thor_side *second,
                                thor_error *error)
{
    int64_t line = 1;
    for (;;) {
        THOR_TRY(thor_block_read(work->block, first, second, error));
        if (work->block->pairs == 0)
            return THOR_OK;
        THOR_TRY(thor_block_encode(work->block, &work->options->par, part, line, error));
        for (int64_t pair = 0; pair < work->block->pairs; pair++)
            THOR_TRY(sort_pair(work->writer, work->block, pair, error));
        line += work->block->pairs;
        work->done += work->block->pairs;
        if (work->options->progress)
            work->options->progress(work->options->context, work->done, work->total);
    }
}

static thor_status encode_part(preparation *work, const thor_bitext_part *part, thor_error *error)
{
    thor_side lines[2] = { { .stream = NULL }, { .stream = NULL } };
    thor_status status = thor_side_open(&lines[0], part->path[0], error);
    if (status == THOR_OK)
        status = thor_side_open(&lines[1], part->path[1], error);
    if (status == THOR_OK)
        status = encode_lines(work, part, &lines[0], &lines[1], error);
    for (int side = 0; side < 2; side++) {
        work->writer->counts->returns[side] += lines[side].returns;
        thor_side_close(&lines[side]);
    }
    return status;
}

static thor_status write_split(preparation *work, int32_t pair, thor_split split, thor_prepare_counts *counts,
                               thor_error *error)
{
    const thor_bitext_split *source = &work->corpus->pairs[pair].splits[split];
    split_writer *writer = work->writer;
    thor_status status = open_writer(work, pair, split, counts, error);
    for (int32_t part = 0; part < source->count && status == THOR_OK; part++)
        status = encode_part(work, &source->parts[part], error);
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++) {
            if (status == THOR_OK)
                status = thor_column_commit(&writer->columns[side][kind], writer->names[side][kind],
                                            &work->prepared.files->pairs[pair][split][side][kind], error);
            thor_column_abandon(&writer->columns[side][kind]);
        }
    work->prepared.pairs[pair].count[split] = counts->kept;
    return status;
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

static thor_status write_folder(preparation *work, thor_prepare_report *report, thor_error *error)
{
    THOR_TRY(describe(work, error));
    THOR_TRY(write_vocabulary(work, error));
    for (int32_t pair = 0; pair < work->corpus->pair_count; pair++) {
        for (int split = 0; split < THOR_SPLITS; split++)
            THOR_TRY(write_split(work, pair, (thor_split)split, &report->pairs[pair][split], error));
        if (work->prepared.pairs[pair].count[THOR_TRAIN] == 0)
            return thor_fail(error, THOR_E_FORMAT,
                             "%s-%s: no sentence pair of %s is left to train on (%lld empty, "
                             "%lld longer than %d pieces)",
                             work->corpus->pairs[pair].language[0], work->corpus->pairs[pair].language[1],
                             work->corpus->pairs[pair].splits[THOR_TRAIN].parts[0].path[0],
                             (long long)report->pairs[pair][THOR_TRAIN].empty,
                             (long long)report->pairs[pair][THOR_TRAIN].too_long, (int)work->options->max_pieces);
    }
    return write_index(work, error);
}

thor_status thor_prepare(const thor_bitext *corpus, const thor_vocab *vocab, const thor_prepare_options *options,
                         const char *folder, thor_prepare_report *report, thor_error *error)
{
    preparation work = { .corpus = corpus, .vocab = vocab, .options = options, .folder = folder };
    work.block = thor_block_make(vocab);
    work.writer = malloc(sizeof *work.writer);
    report->pair_count = corpus->pair_count;
    report->pairs = calloc((size_t)corpus->pair_count + 1, sizeof *report->pairs);
    thor_status status =
        work.block && work.writer && report->pairs
            ? write_folder(&work, report, error)
            : thor_fail(error, THOR_E_MEMORY, "no memory to prepare %d language pairs", (int)corpus->pair_count);
    thor_prepared_close(&work.prepared);
    thor_block_free(work.block);
    free(work.writer);
    return status;
}

void thor_prepare_report_free(thor_prepare_report *report)
{
    free(report->pairs);
    *report = (thor_prepare_report){ .pairs = NULL };
}
