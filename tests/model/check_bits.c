/* The same bits whatever computes them: kernel tables, threads, other sentences of the batch. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const ref_case cases[] = {
    { "dense", "dense dropout smoothing" },
    { "thor-top1", "thor top1 odd dropout" },
    { "thor-top2", "thor top2 three tight dropout" },
    { "thor-topp", "thor topp odd smoothing" },
    { "capacity", "thor top2 no-task no-context capacity first" },
    { "infuse", "thor topp infuse feed post" },
    { "sentences", "thor top2 sentences every1 mean" },
    { "ls-moe", "fixed tight dropout" },
    { "residual-moe", "residual odd tight first dropout" },
    { "residual-moe, softmax", "residual softmax top1 every1 post" },
    { "hybrid-moe", "hybrid capacity first dropout every1" },
    { "lingual-moe", "lingual three tight first dropout every1" },
};
enum { CASES = sizeof cases / sizeof *cases };

static bool same(const void *a, const void *b, int64_t count, size_t size)
{
    return memcmp(a, b, (size_t)count * size) == 0;
}

/* Losses without padding between fields: number by number. */
static bool same_losses(const thor_losses *a, const thor_losses *b)
{
    return a->nll_sum == b->nll_sum && a->smooth_sum == b->smooth_sum &&
           memcmp(a->part, b->part, sizeof a->part) == 0 && a->chosen_experts == b->chosen_experts &&
           a->dropped == b->dropped;
}

static void compare(const bench *expected, const char *isa, int threads, int which)
{
    bench other;
    bench_open(&other, &cases[which], true, isa, threads);
    bench_run(&other);
    ck_assert_msg(same_losses(&expected->losses, &other.losses), "%s: losses, %s, %d threads", cases[which].name,
                  isa ? isa : "auto", threads);
    for (int32_t i = 0; i < other.model.params.count; i++)
        ck_assert_msg(same(bench_gradient(expected, i), bench_gradient(&other, i), other.model.params.items[i].count,
                           sizeof(float)),
                      "%s: gradient of %s, %s, %d threads", cases[which].name, other.model.params.items[i].name,
                      isa ? isa : "auto", threads);
    bench_close(&other);
}

START_TEST(tables_and_threads)
{
    const thor_kernels *list[16];
    int tables = thor_kernels_list(list, 16);
    bench b;
    bench_open(&b, &cases[_i], true, "scalar", 1);
    bench_run(&b);
    for (int t = 0; t < tables; t++)
        for (int threads = 1; threads <= 3; threads++)
            compare(&b, list[t]->name, threads, _i);
    bench_close(&b);
}
END_TEST

/* A pass that has seen another batch gives what a fresh one gives: nothing is left over from step to step. */
START_TEST(nothing_left_over)
{
    bench b;
    bench_open(&b, &ref_cases[_i], true, NULL, 1);
    bench_run(&b);
    float *first = ref_alloc(b.model.params.floats, sizeof *first);
    memcpy(first, b.gradients, (size_t)b.model.params.floats * sizeof *first);
    thor_losses losses = b.losses;
    thor_batch all = b.packed;
    ref_batch *two = ref_batch_take(b.batch, (int64_t[]){ 2, 0 }, 2, 0);
    b.packed = ref_batch_pack(two);
    bench_run(&b);
    ref_batch_unpack(&b.packed);
    b.packed = all;
    bench_run(&b);
    ck_assert_msg(same_losses(&losses, &b.losses), "%s: losses", ref_cases[_i].name);
    for (int32_t i = 0; i < b.model.params.count; i++)
        ck_assert_msg(same(first + b.model.params.items[i].offset, bench_gradient(&b, i),
                           b.model.params.items[i].count, sizeof *first),
                      "%s: gradient of %s", ref_cases[_i].name, b.model.params.items[i].name);
    ref_batch_free(two);
    free(first);
    bench_close(&b);
}
END_TEST

/* In evaluation a sentence has the same logits alone as among others. */
START_TEST(company)
{
    bench b;
    bench_open(&b, &ref_cases[_i], false, NULL, 1);
    bench_run(&b);
    int64_t ids = b.config.vocab.ids, rows = b.packed.target_rows;
    float *together = ref_alloc(rows * ids, sizeof *together), *alone = ref_alloc(rows * ids, sizeof *alone);
    thor_pass_logits(b.pass, together, 0, rows);
    thor_batch all = b.packed;
    for (int64_t s = 0; s < all.sentences; s++) {
        ref_batch *one = ref_batch_take(b.batch, &s, 1, 0);
        b.packed = ref_batch_pack(one);
        bench_run(&b);
        int64_t count = b.packed.target_rows;
        thor_pass_logits(b.pass, alone, 0, count);
        ck_assert_msg(same(alone, together + all.target_offset[s] * ids, count * ids, sizeof *alone), "%s: sentence %d",
                      ref_cases[_i].name, (int)s);
        ref_batch_unpack(&b.packed);
        ref_batch_free(one);
    }
    b.packed = all;
    free(together);
    free(alone);
    bench_close(&b);
}
END_TEST

/* More threads than the machine has cores. */
START_TEST(many_threads)
{
    static const int which[] = { 2, 4 }, threads[] = { 17, 64, 300 };
    bench one;
    bench_open(&one, &cases[which[_i / 3]], true, NULL, 1);
    bench_run(&one);
    compare(&one, NULL, threads[_i % 3], which[_i / 3]);
    bench_close(&one);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bits");
    TCase *bits = tcase_create("bits");
    tcase_set_timeout(bits, 120);
    tcase_add_loop_test(bits, tables_and_threads, 0, CASES);
    tcase_add_loop_test(bits, many_threads, 0, 6);
    tcase_add_loop_test(bits, nothing_left_over, 0, ref_case_count);
    tcase_add_loop_test(bits, company, 0, ref_case_count);
    suite_add_tcase(suite, bits);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
