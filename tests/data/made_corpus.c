#include "made_corpus.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/rng.h"
#include "data/format.h"
#include "pieces/vocab.h"

static thor_error error;

static void must(thor_status status)
{
    ck_assert_msg(status == THOR_OK, "%s", error.text);
}

static void add_languages(thor_prepared *prepared, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        char name[] = { (char)('a' + i), (char)('a' + i), '\0' };
        must(thor_prepared_add_name(&prepared->languages, &prepared->language_count, name, &error));
    }
}

static void add_domains(thor_prepared *prepared, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        char name[] = { 'd', (char)('0' + i), '\0' };
        must(thor_prepared_add_name(&prepared->domains, &prepared->domain_count, name, &error));
    }
}

static void write_vocabulary(thor_prepared *prepared, const char *folder)
{
    static const char bytes[] = "no vocabulary, but the bytes of one";
    char *path = thor_path(folder, THOR_DATA_VOCABULARY);
    thor_sha256 hash;
    must(thor_write_file(path, bytes, sizeof bytes, &error));
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, bytes, sizeof bytes);
    thor_sha256_hex(&hash, prepared->vocabulary_checksum);
    prepared->pieces = MADE_PIECES;
    free(path);
}

/* What the columns of one side are made of: `lengths` of `count` sentences, `ids` one behind the other. */
static void write_side(thor_prepared *prepared, const char *folder, int32_t pair, int split, int side, int64_t count,
                       const int32_t *lengths, const int32_t *ids)
{
    thor_column_writer *writer = malloc(sizeof *writer);
    thor_column *columns = prepared->files->pairs[pair][split][side];
    int64_t total = 0;
    char name[48];
    thor_column_name(name, pair, (thor_split)split, side, THOR_OFFSETS);
    must(thor_column_open(writer, folder, name, THOR_OFFSETS, &error));
    must(thor_column_add(writer, 0, &error));
    for (int64_t i = 0; i < count; i++)
        must(thor_column_add(writer, total += lengths[i], &error));
    must(thor_column_commit(writer, name, &columns[THOR_OFFSETS], &error));
    thor_column_name(name, pair, (thor_split)split, side, THOR_IDS);
    must(thor_column_open(writer, folder, name, THOR_IDS, &error));
    for (int64_t i = 0; i < total; i++)
        must(thor_column_add(writer, ids[i], &error));
    must(thor_column_commit(writer, name, &columns[THOR_IDS], &error));
    prepared->pairs[pair].count[split] = count;
    free(writer);
}

static void write_random_side(thor_prepared *prepared, const char *folder, int32_t pair, int split, int side,
                              int64_t count, int32_t longest)
{
    thor_rng rng = thor_rng_make(1, THOR_SITE_TEST, (uint32_t)(6 * pair + 2 * split + side), 0);
    int32_t *lengths = calloc((size_t)count + 1, sizeof *lengths);
    int32_t *ids = calloc((size_t)(count * longest) + 1, sizeof *ids);
    for (int64_t i = 0; i < count; i++)
        lengths[i] = 1 + (int32_t)thor_rng_below(&rng, (uint64_t)i, (uint64_t)longest);
    for (int64_t i = 0; i < count * longest; i++)
        ids[i] = THOR_ID_UNK + (int32_t)thor_rng_below(&rng, (uint64_t)(count + i), MADE_PIECES + 1);
    write_side(prepared, folder, pair, split, side, count, lengths, ids);
    free(lengths);
    free(ids);
}

static void finish(thor_prepared *prepared, const char *folder)
{
    char *path = thor_path(folder, THOR_DATA_INDEX);
    must(thor_index_write(prepared, path, &error));
    free(path);
    thor_prepared_close(prepared);
}

void make_corpus(const char *folder, int32_t pairs, const int64_t counts[][THOR_SPLITS], int32_t longest, bool domains)
{
    thor_prepared prepared = { .max_pieces = longest };
    must(thor_make_folder(folder, &error));
    write_vocabulary(&prepared, folder);
    add_languages(&prepared, pairs + 1);
    if (domains)
        add_domains(&prepared, pairs);
    for (int32_t pair = 0; pair < pairs; pair++) {
        must(thor_prepared_add_pair(&prepared, &error));
        prepared.pairs[pair].second = pair + 1;
        prepared.pairs[pair].domain = domains ? pair : -1;
        for (int split = 0; split < THOR_SPLITS; split++)
            for (int side = 0; side < 2; side++)
                write_random_side(&prepared, folder, pair, split, side, counts[pair][split], longest);
    }
    finish(&prepared, folder);
}

static void add_tiny_pair(thor_prepared *prepared, const char *folder, int32_t pair)
{
    static const int32_t lengths[2] = { 3, 2 }, ids[2][3] = { { 10, 11, 12 }, { 20, 21 } };
    must(thor_prepared_add_pair(prepared, &error));
    prepared->pairs[pair].second = 1;
    for (int split = 0; split < THOR_SPLITS; split++)
        for (int side = 0; side < 2; side++)
            write_side(prepared, folder, pair, split, side, 1, &lengths[side], ids[side]);
}

static void start_tiny(thor_prepared *prepared, const char *folder)
{
    *prepared = (thor_prepared){ .max_pieces = 100 };
    must(thor_make_folder(folder, &error));
    write_vocabulary(prepared, folder);
    add_languages(prepared, 2);
    add_tiny_pair(prepared, folder, 0);
}

void make_tiny_corpus(const char *folder)
{
    thor_prepared prepared;
    start_tiny(&prepared, folder);
    finish(&prepared, folder);
}

static bool link_pair(thor_prepared *prepared, const char *folder, int32_t pair)
{
    enum { COLUMNS = THOR_SPLITS * 2 * THOR_COLUMN_KINDS };
    must(thor_prepared_add_pair(prepared, &error));
    prepared->pairs[pair] = prepared->pairs[0];
    thor_column *from = &prepared->files->pairs[0][0][0][0], *to = &prepared->files->pairs[pair][0][0][0];
    for (int column = 0; column < COLUMNS; column++) {
        to[column] = from[column];
        thor_column_name(to[column].name, pair, (thor_split)(column / 4), column / 2 % 2,
                         (thor_column_kind)(column % 2));
        char *old = thor_path(folder, from[column].name), *new = thor_path(folder, to[column].name);
        bool linked = link(old, new) == 0;
        free(old);
        free(new);
        if (!linked)
            return false;
    }
    return true;
}

bool make_linked_corpus(const char *folder, int32_t pairs)
{
    static const int32_t length = 5, ids[] = { 10, 11, 12, 13, 14 };
    thor_prepared prepared;
    start_tiny(&prepared, folder);
    add_tiny_pair(&prepared, folder, 1);
    write_side(&prepared, folder, 1, THOR_TRAIN, 0, 1, &length, ids);
    for (int32_t pair = 2; pair < pairs; pair++)
        if (!link_pair(&prepared, folder, pair)) {
            thor_prepared_close(&prepared);
            return false;
        }
    finish(&prepared, folder);
    return true;
}
