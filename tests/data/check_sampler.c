/* Batches of training and validation: their ids, that every sentence comes as often as it should, that a run goes on
 * anywhere. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hash.h"
#include "base/little_endian.h"
#include "pieces/vocab.h"
#include "sampler_fixture.h"

/* ---- ids --------------------------------------------------------------------------------------------------------- */

static void expect_ids(const int32_t *found, const int32_t *wanted, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        ck_assert_int_eq(found[i], wanted[i]);
}

/* 50 pieces: [CLS] is 54, __aa__ 55, __bb__ 56. */
START_TEST(ids_by_hand)
{
    static const int32_t forward[] = { 54, 55, 10, 11, 12, THOR_ID_EOS }, backward[] = { 54, 56, 20, 21, THOR_ID_EOS };
    static const int32_t in_bb[] = { THOR_ID_EOS, 56, 20, 21 }, out_bb[] = { 56, 20, 21, THOR_ID_EOS };
    static const int32_t in_aa[] = { THOR_ID_EOS, 55, 10, 11, 12 }, out_aa[] = { 55, 10, 11, 12, THOR_ID_EOS };
    make_tiny_corpus("corpus");
    open_corpus(_i ? "thor-top2" : "dense");
    open_sampler();
    const thor_batch *batch;
    const int64_t *order;
    int without_cls = _i ? 0 : 1;
    must(thor_sampler_fixed(at.sampler, THOR_VALID, 0, 0, &batch, &order, &at.error));
    ck_assert_int_eq(batch->sentences, 1);
    ck_assert_int_eq(batch->source_rows, 6 - without_cls);
    ck_assert_int_eq(batch->source_width, 6 - without_cls);
    ck_assert_int_eq(batch->target_rows, 4);
    ck_assert_int_eq(batch->target_width, 4);
    ck_assert(batch->source_offset[0] == 0 && batch->source_offset[1] == 6 - without_cls);
    ck_assert(batch->target_offset[0] == 0 && batch->target_offset[1] == 4);
    ck_assert_int_eq(order[0], 0);
    expect_ids(batch->source, forward + without_cls, 6 - without_cls);
    expect_ids(batch->target_in, in_bb, 4);
    expect_ids(batch->target_out, out_bb, 4);
    ck_assert(batch->source_language[0] == 0 && batch->target_language[0] == 1 && batch->task_label[0] == 1);
    must(thor_sampler_fixed(at.sampler, THOR_VALID, 1, 0, &batch, NULL, &at.error));
    expect_ids(batch->source, backward + without_cls, 5 - without_cls);
    expect_ids(batch->target_in, in_aa, 5);
    expect_ids(batch->target_out, out_aa, 5);
    ck_assert(batch->source_language[0] == 1 && batch->target_language[0] == 0 && batch->task_label[0] == 0);
    must(thor_sampler_fixed(at.sampler, THOR_VALID, 1, 1, &batch, NULL, &at.error));
    ck_assert_int_eq(batch->sentences, 0);
}
END_TEST

/* ---- an epoch ------------------------------------------------------------------------------------------------------
 */

/* What a batch holds, as one number. */
static uint64_t digest_of(const thor_batch *batch)
{
    thor_sha256 hash;
    char hex[65];
    unsigned char word[4];
    thor_sha256_start(&hash);
    const struct {
        const int32_t *ids;
        int64_t count;
    } parts[] = { { batch->source, batch->source_rows },        { batch->target_in, batch->target_rows },
                  { batch->target_out, batch->target_rows },    { batch->source_language, batch->sentences },
                  { batch->target_language, batch->sentences }, { batch->task_label, batch->sentences } };
    for (int part = 0; part < 6; part++)
        for (int64_t i = 0; i < parts[part].count; i++) {
            thor_put32(word, (uint32_t)parts[part].ids[i]);
            thor_sha256_add(&hash, word, 4);
        }
    thor_sha256_hex(&hash, hex);
    hex[16] = '\0';
    return strtoull(hex, NULL, 16);
}

/* All batches of `epochs` epochs in the order in which they come; *steps says how many steps they are. */
static int64_t collect(uint64_t *digests, thor_position *positions, int64_t most, int64_t epochs, int64_t *steps)
{
    thor_position position = { .epoch = 0 };
    int64_t found = 0;
    for (*steps = 0;; ++*steps) {
        thor_position before = position;
        const thor_batch *shards;
        int32_t count;
        must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
        if (position.epoch == epochs)
            return found;
        ck_assert_int_ge(count, 1);
        ck_assert_int_le(count, at.config.batch.shards);
        ck_assert_int_lt(found + count, most);
        for (int32_t i = 0; i < count; i++) {
            digests[found] = digest_of(&shards[i]);
            positions[found++] = before;
        }
    }
}

enum { MOST = 4000 };
static uint64_t digests[MOST];
static thor_position positions[MOST];

/* From any position of the run the same batches follow: for a sampler just opened, and for one that was elsewhere. */
START_TEST(a_run_goes_on_anywhere)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    open_sampler();
    int64_t steps, found = collect(digests, positions, MOST, 3, &steps);
    ck_assert_int_gt(steps, 20);
    for (int64_t i = 0; i < found; i += 7) {
        if (i % 2) {
            thor_sampler_close(at.sampler);
            open_sampler();
        }
        thor_position position = positions[i];
        const thor_batch *shards;
        int32_t count;
        must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
        int64_t first = i;
        while (first > 0 && positions[first - 1].epoch == positions[i].epoch &&
               positions[first - 1].batch == positions[i].batch)
            first--;
        for (int32_t k = 0; k < count; k++)
            ck_assert_uint_eq(digest_of(&shards[k]), digests[first + k]);
    }
    thor_position beyond = { .epoch = 0, .batch = 1000000 };
    const thor_batch *shards;
    int32_t count;
    ck_assert_int_eq(thor_sampler_next(at.sampler, &beyond, &shards, &count, &at.error), THOR_E_FORMAT);
}
END_TEST

/* The order of a run is part of the contract: other machines have to find the same. */
START_TEST(the_order_is_known)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    open_sampler();
    int64_t steps, found = collect(digests, positions, MOST, 2, &steps);
    uint64_t sum = 0;
    for (int64_t i = 0; i < found; i++)
        sum = sum * UINT64_C(6364136223846793005) + digests[i];
    ck_assert_int_eq(found, 410);
    ck_assert_uint_eq(digests[0], UINT64_C(0xcb51b94e17d58f5a));
    ck_assert_uint_eq(sum, UINT64_C(0x39d5162c0f56f5ef));
}
END_TEST

START_TEST(seed_and_epoch_change_the_order)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    open_sampler();
    uint64_t first[3];
    for (int i = 0; i < 3; i++) {
        if (i == 2) {
            thor_sampler_close(at.sampler);
            at.config.seed++;
            open_sampler();
        }
        thor_position position = { .epoch = i % 2 };
        const thor_batch *shards;
        int32_t count;
        must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
        first[i] = digest_of(&shards[0]);
    }
    ck_assert_uint_ne(first[0], first[1]);
    ck_assert_uint_ne(first[0], first[2]);
}
END_TEST

static bool same_ids(int32_t pair, int side, int64_t sentence, const int32_t *ids, int64_t wanted)
{
    int32_t count;
    const int32_t *found = thor_prepared_ids(&at.corpus, pair, THOR_TRAIN, side, sentence, &count);
    return count == wanted && memcmp(found, ids, (size_t)count * sizeof *ids) == 0;
}

/* Which sentence of which direction this is, found by its ids; every sentence of the made corpus is different enough.
 */
static int64_t find_sentence(const thor_batch *batch, int64_t b, int32_t direction)
{
    int32_t total;
    const thor_direction direction_of = thor_sampler_directions(at.sampler, &total)[direction];
    /* What lies between the tags and </s>; without [CLS]. */
    const int32_t *target = batch->target_out + batch->target_offset[b] + 1;
    const int32_t *source = batch->source + batch->source_offset[b] + 1;
    int64_t target_count = batch->target_offset[b + 1] - batch->target_offset[b] - 2;
    int64_t source_count = batch->source_offset[b + 1] - batch->source_offset[b] - 2;
    for (int64_t i = 0; i < at.corpus.pairs[direction_of.pair].count[THOR_TRAIN]; i++)
        if (same_ids(direction_of.pair, 1 - direction_of.source_side, i, target, target_count) &&
            same_ids(direction_of.pair, direction_of.source_side, i, source, source_count))
            return i;
    return -1;
}

static int32_t find_direction(const thor_batch *batch, int64_t b)
{
    int32_t count;
    const thor_direction *all = thor_sampler_directions(at.sampler, &count);
    for (int32_t i = 0; i < count; i++)
        if (all[i].source_language == batch->source_language[b] && all[i].target_language == batch->target_language[b])
            return i;
    return -1;
}

/* How often each sentence of each direction comes in epoch 0. */
static void count_sentences(int64_t seen[6][400], int64_t sums[6])
{
    thor_position position = { .epoch = 0 };
    memset(seen, 0, 6 * sizeof *seen);
    memset(sums, 0, 6 * sizeof *sums);
    for (;;) {
        const thor_batch *shards;
        int32_t count;
        must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
        if (position.epoch > 0)
            return;
        for (int32_t i = 0; i < count; i++)
            for (int64_t b = 0; b < shards[i].sentences; b++) {
                int32_t direction = find_direction(&shards[i], b);
                int64_t sentence = find_sentence(&shards[i], b, direction);
                ck_assert_int_ge(sentence, 0);
                seen[direction][sentence]++;
                sums[direction]++;
            }
    }
}

static int64_t seen[6][400];

/* Temperature 1, sizes 400, 400, 60: every direction gives all its sentences, once. */
START_TEST(without_replacement_every_sentence_comes_once)
{
    int64_t sums[6];
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("dense");
    at.config.batch.temperature = 1;
    open_sampler();
    count_sentences(seen, sums);
    for (int direction = 0; direction < 6; direction++) {
        ck_assert_int_eq(sums[direction], three_pairs[direction / 2][THOR_TRAIN]);
        for (int64_t i = 0; i < sums[direction]; i++)
            ck_assert_int_eq(seen[direction][i], 1);
    }
}
END_TEST

/* Temperature 5: 60^(1/5) against 400^(1/5) makes 0.684 of 400, so the small pair is drawn with replacement. */
START_TEST(with_replacement_the_small_pair_repeats)
{
    int64_t sums[6], repeated = 0;
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("dense");
    at.config.batch.temperature = 5;
    open_sampler();
    count_sentences(seen, sums);
    for (int direction = 0; direction < 4; direction++)
        ck_assert_int_le(llabs(sums[direction] - 400), 6);
    for (int direction = 4; direction < 6; direction++) {
        ck_assert_int_le(llabs(sums[direction] - 273), 6);
        for (int64_t i = 0; i < 60; i++)
            repeated += seen[direction][i] > 1;
    }
    ck_assert_int_gt(repeated, 100);
}
END_TEST

START_TEST(limits_hold)
{
    int64_t sentences, rows, source_width, target_width;
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    at.config.batch.max_tokens = 24 + 40 * _i;
    open_sampler();
    thor_sampler_limits(at.sampler, &sentences, &rows, &source_width, &target_width);
    ck_assert_int_eq(rows, at.config.batch.max_tokens);
    ck_assert_int_eq(source_width, 23);
    ck_assert_int_eq(target_width, 22);
    thor_position position = { .epoch = 0 };
    while (position.epoch == 0) {
        const thor_batch *shards;
        int32_t count;
        must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
        for (int32_t i = 0; i < count; i++) {
            const thor_batch *batch = &shards[i];
            int64_t longest = batch->source_width > batch->target_width ? batch->source_width : batch->target_width;
            ck_assert_int_le(batch->sentences * longest, at.config.batch.max_tokens);
            ck_assert_int_le(batch->sentences, sentences);
            ck_assert_int_le(batch->source_rows, rows);
            ck_assert_int_le(batch->target_rows, rows);
            ck_assert_int_le(batch->source_width, source_width);
            ck_assert_int_le(batch->target_width, target_width);
        }
    }
}
END_TEST

/* ---- fixed order ---------------------------------------------------------------------------------------------------
 */

START_TEST(validation_shows_each_sentence_once)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    open_sampler();
    for (int32_t direction = 0; direction < 6; direction++)
        for (int split = THOR_VALID; split < THOR_SPLITS; split++) {
            int64_t wanted = three_pairs[direction / 2][split], found = 0, width = 0;
            bool known[40] = { false };
            for (int64_t index = 0;; index++) {
                const thor_batch *batch;
                const int64_t *order;
                must(thor_sampler_fixed(at.sampler, (thor_split)split, direction, index, &batch, &order, &at.error));
                if (batch->sentences == 0)
                    break;
                for (int64_t b = 0; b < batch->sentences; b++, found++) {
                    ck_assert(order[b] < wanted && !known[order[b]]);
                    known[order[b]] = true;
                    int64_t length = batch->source_offset[b + 1] - batch->source_offset[b];
                    ck_assert_int_ge(length, width);
                    width = length;
                }
            }
            ck_assert_int_eq(found, wanted);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sampler");
    TCase *tests = tcase_create("sampler");
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, ids_by_hand, 0, 2);
    tcase_add_test(tests, a_run_goes_on_anywhere);
    tcase_add_test(tests, the_order_is_known);
    tcase_add_test(tests, seed_and_epoch_change_the_order);
    tcase_add_test(tests, without_replacement_every_sentence_comes_once);
    tcase_add_test(tests, with_replacement_the_small_pair_repeats);
    tcase_add_loop_test(tests, limits_hold, 0, 5);
    tcase_add_test(tests, validation_shows_each_sentence_once);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
