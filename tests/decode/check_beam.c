/* The decoder with caches against the whole forward pass, bit for bit; beam search against the same search written
 * plainly, which runs the whole forward pass anew for every hypothesis. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decode/beam.h"
#include "model/decoder.h"
#include "model/sequence.h"
#include "tests/model/bench.h"

enum { PAD = 1, EOS = 2, MOST_WORDS = 3, MOST_IDS = 64, MOST_LIVE = 8 };

static void need(thor_status status, const thor_error *error)
{
    ck_assert_msg(status == THOR_OK, "%s", error->text);
}

/* ---- the decoder
 * ------------------------------------------------------------------------------------------------------ */

/* Steps every sentence along its reference; at each position the slot changes to a copy, as in a search. */
static void step_along(const bench *b, thor_decoder *decoder, int64_t beam, const float *expected)
{
    const thor_batch *batch = &b->packed;
    int64_t V = b->config.vocab.ids;
    for (int64_t step = 0; step < batch->target_width; step++) {
        int32_t ids[8], slots[8];
        int64_t rows = 0, target[8];
        thor_error error;
        float *logits;
        for (int64_t s = 0; s < batch->sentences; s++) {
            int64_t row = batch->target_offset[s] + step;
            if (row >= batch->target_offset[s + 1])
                continue;
            ids[rows] = batch->target_in[row];
            slots[rows] = (int32_t)(s * beam + step % beam);
            target[rows++] = row;
        }
        need(thor_decoder_step(decoder, &logits, ids, slots, rows, step, &error), &error);
        for (int64_t r = 0; r < rows; r++) {
            ck_assert_msg(memcmp(logits + r * V, expected + target[r] * V, (size_t)V * sizeof *logits) == 0,
                          "%s: position %d, row %d differs from the whole pass; seed %llu", b->name, (int)step, (int)r,
                          (unsigned long long)bench_seed());
            int32_t next = (int32_t)(slots[r] / beam * beam + (step + 1) % beam);
            if (next != slots[r])
                thor_decoder_copy(decoder, next, slots[r], step);
        }
    }
}

START_TEST(cached_positions)
{
    bench b;
    thor_error error;
    thor_decoder *decoder;
    bench_open(&b, &ref_cases[_i], false, NULL, 2);
    bench_run(&b);
    int64_t rows = b.packed.target_rows;
    float *expected = ref_alloc(rows * b.config.vocab.ids, sizeof *expected);
    thor_pass_logits(b.pass, expected, 0, rows);
    for (int64_t beam = 1; beam <= 2; beam++) {
        need(thor_pass_encode(b.pass, &b.packed, &error), &error);
        need(thor_decoder_open(&decoder, b.pass, beam, &error), &error);
        step_along(&b, decoder, beam, expected);
        thor_decoder_close(decoder);
    }
    free(expected);
    bench_close(&b);
}
END_TEST

/* A size that no machine has is an error with a sentence, and no memory is used that is not there. */
START_TEST(too_large)
{
    bench b;
    thor_error error;
    thor_decoder *decoder;
    const ref_case dense = { "dense", "dense" };
    bench_open(&b, &dense, false, NULL, 1);
    need(thor_pass_encode(b.pass, &b.packed, &error), &error);
    int64_t beam = (INT64_C(1) << 62) / (b.packed.sentences * b.config.vocab.ids) + 1;    /* 2^64 bytes of logits */
    ck_assert_int_eq(thor_decoder_open(&decoder, b.pass, beam, &error), THOR_E_MEMORY);
    ck_assert_ptr_null(decoder);
    ck_assert_msg(strstr(error.text, "a step of translation") != NULL, "%s", error.text);
    bench_close(&b);
}
END_TEST

/* ---- the search
 * ------------------------------------------------------------------------------------------------------- */

typedef struct plain {
    int32_t ids[MOST_IDS];              /* tag, words */
    int count;
    double sum, score;
} plain;

typedef struct plain_search {
    bench *b;
    thor_batch source;                  /* one sentence */
    int32_t tag;
    int beam;
    double penalty;
    plain live[MOST_LIVE], done[MOST_LIVE];
    int live_count, done_count;
} plain_search;

typedef struct choice {
    double sum;
    int from, id;
} choice;

/* log p of the token after `prefix`, by the whole pass. */
static void next_log_p(plain_search *s, const plain *prefix, double *log_p)
{
    thor_error error;
    int64_t V = s->b->config.vocab.ids, offset[2] = { 0, prefix->count + 1 };
    int32_t in[MOST_IDS] = { EOS }, out[MOST_IDS] = { 0 };
    float *logits = ref_alloc(V, sizeof *logits);
    memcpy(in + 1, prefix->ids, (size_t)prefix->count * sizeof *in);
    thor_batch batch = s->source;
    batch.target_rows = batch.target_width = offset[1];
    batch.target_offset = offset;
    batch.target_in = in;
    batch.target_out = out;
    thor_pass_options options = { .shards = 1, .step_tokens = offset[1], .seed = bench_seed() };
    need(thor_pass_forward(s->b->pass, &batch, &options, &s->b->losses, &error), &error);
    thor_pass_logits(s->b->pass, logits, prefix->count, 1);
    double largest = -INFINITY, sum = 0;
    for (int64_t v = 0; v < V; v++)
        largest = fmax(largest, (double)logits[v]);
    for (int64_t v = 0; v < V; v++)
        sum += exp((double)logits[v] - largest);
    for (int64_t v = 0; v < V; v++)
        log_p[v] = (double)logits[v] - largest - log(sum);
    free(logits);
}

static int fall(const void *left, const void *right)
{
    const choice *a = left, *b = right;
    return a->sum > b->sum ? -1 : a->sum < b->sum ? 1 : a->from != b->from ? a->from - b->from : a->id - b->id;
}

/* All possible continuations, best first. */
static int list_choices(plain_search *s, int step, choice *choices)
{
    double log_p[MOST_IDS];
    int count = 0;
    for (int h = 0; h < s->live_count; h++) {
        next_log_p(s, &s->live[h], log_p);
        for (int v = 0; v < s->b->config.vocab.ids; v++)
            if (v != PAD && (step > 0 || v == s->tag) && (step <= MOST_WORDS || v == EOS))
                choices[count++] = (choice){ s->live[h].sum + log_p[v], h, v };
    }
    qsort(choices, (size_t)count, sizeof *choices, fall);
    return count;
}

static void plain_run(plain_search *s)
{
    choice *choices = ref_alloc(MOST_LIVE * MOST_IDS, sizeof *choices);
    s->live_count = 1;
    s->live[0] = (plain){ .count = 0 };
    for (int step = 0; s->live_count > 0 && s->done_count < s->beam; step++) {
        plain next[MOST_LIVE];
        int count = list_choices(s, step, choices), kept = 0;
        for (int i = 0; i < count && i < 2 * s->beam; i++) {
            plain h = s->live[choices[i].from];
            h.sum = choices[i].sum;
            if (choices[i].id != EOS && kept < s->beam) {
                h.ids[h.count++] = choices[i].id;
                next[kept++] = h;
            } else if (choices[i].id == EOS && i < s->beam && s->done_count < s->beam) {
                h.score = h.sum / pow(h.count + 1, s->penalty);
                s->done[s->done_count++] = h;
            }
        }
        memcpy(s->live, next, (size_t)kept * sizeof *next);
        s->live_count = kept;
    }
    free(choices);
}

/* Same words and scores; the plain list is unsorted, so each time its best is taken out. */
static void compare(plain_search *s, const thor_translation *translation, const char *name)
{
    ck_assert_msg(translation->count == s->done_count, "%s: %d hypotheses, expected %d", name, (int)translation->count,
                  s->done_count);
    for (int i = 0; i < s->done_count; i++) {
        int best = i;
        for (int k = i + 1; k < s->done_count; k++)
            best = s->done[k].score > s->done[best].score ? k : best;
        plain h = s->done[best];
        memmove(&s->done[i + 1], &s->done[i], (size_t)(best - i) * sizeof h);
        const thor_hypothesis *found = &translation->items[i];
        ck_assert_msg(found->count == h.count - 1 &&
                          memcmp(found->ids, h.ids + 1, (size_t)found->count * sizeof *found->ids) == 0,
                      "%s: hypothesis %d has other words; seed %llu", name, i, (unsigned long long)bench_seed());
        ck_assert_msg(fabs(found->score - h.score) < 1e-4, "%s: hypothesis %d scores %.7f, expected %.7f", name, i,
                      found->score, h.score);
    }
}

static void search_batch(bench *b, const thor_search *search, thor_translation *translations, int32_t *tags)
{
    thor_error error;
    for (int64_t s = 0; s < b->packed.sentences; s++)
        tags[s] = thor_config_language_token(&b->config, b->packed.target_language[s]);
    need(thor_pass_encode(b->pass, &b->packed, &error), &error);
    need(thor_beam_search(b->pass, tags, search, translations, &error), &error);
}

START_TEST(plain_search_agrees)
{
    static const int beams[] = { 1, 2, 5 };
    bench b;
    int32_t tags[8];
    thor_translation translations[8];
    bench_open(&b, &ref_cases[_i], false, NULL, 2);
    for (size_t k = 0; k < sizeof beams / sizeof *beams; k++) {
        thor_search search = { .beam = beams[k], .length_penalty = 0.5 + (double)k, .max_length_b = MOST_WORDS };
        search_batch(&b, &search, translations, tags);
        for (int64_t s = 0; s < b.packed.sentences; s++) {
            ref_batch *one = ref_batch_take(b.batch, &s, 1, 0);
            plain_search judge = { .b = &b, .source = ref_batch_pack(one), .tag = tags[s], .beam = beams[k],
                                   .penalty = search.length_penalty };
            plain_run(&judge);
            compare(&judge, &translations[s], b.name);
            thor_translation_free(&translations[s]);
            ref_batch_unpack(&judge.source);
            ref_batch_free(one);
        }
    }
    bench_close(&b);
}
END_TEST

/* A sentence alone has the translation that it has among others. */
START_TEST(company)
{
    bench b;
    int32_t tags[8];
    thor_translation together[8], alone;
    thor_search search = { .beam = 4, .length_penalty = 1, .max_length_b = 40 };
    bench_open(&b, &ref_cases[_i], false, NULL, 2);
    search_batch(&b, &search, together, tags);
    thor_batch all = b.packed;
    for (int64_t s = 0; s < all.sentences; s++) {
        ref_batch *one = ref_batch_take(b.batch, &s, 1, 0);
        b.packed = ref_batch_pack(one);
        search_batch(&b, &search, &alone, tags);
        ck_assert_int_eq(alone.count, together[s].count);
        for (int32_t i = 0; i < alone.count; i++) {
            const thor_hypothesis *x = &alone.items[i], *y = &together[s].items[i];
            ck_assert_int_eq(x->count, y->count);
            ck_assert_mem_eq(x->ids, y->ids, (size_t)x->count * sizeof *x->ids);
            ck_assert_msg(x->score == y->score, "%s: sentence %d: %.9g alone, %.9g among others", b.name, (int)s,
                          x->score, y->score);
        }
        thor_translation_free(&alone);
        thor_translation_free(&together[s]);
        ref_batch_unpack(&b.packed);
        ref_batch_free(one);
    }
    b.packed = all;
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("beam");
    TCase *beam = tcase_create("beam");
    tcase_set_timeout(beam, 120);
    tcase_add_loop_test(beam, cached_positions, 0, ref_case_count);
    tcase_add_test(beam, too_large);
    tcase_add_loop_test(beam, plain_search_agrees, 0, ref_case_count);
    tcase_add_loop_test(beam, company, 0, ref_case_count);
    suite_add_tcase(suite, beam);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
