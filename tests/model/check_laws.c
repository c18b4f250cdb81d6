/* What holds for the model bit by bit whatever its numbers are: a sentence's numbers are its own, a position knows
 * nothing of what follows it, experts have no order, an expert without rows learns nothing.
 *
 * The first two hold wherever every row is computed on its own: in evaluation always; in training where nothing is
 * drawn (dropout counts in padded arrays) and no expert has a capacity (a place that one row takes another lacks). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* --- everything that a pass leaves to be seen, and the logits --- */

enum { MOST_TENSORS = 128 };

typedef struct picture {
    ref_table tensors;                      /* values and choices as doubles, exactly */
    thor_rows_of rows[MOST_TENSORS];           /* of tensor i */
    int64_t *source_offset, *target_offset; /* [B+1] */
} picture;

static void keep_tensor(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    picture *p = context;
    int64_t n = tensor->shape[0] * tensor->shape[1];
    ck_assert_int_lt(p->tensors.count, MOST_TENSORS);
    p->rows[p->tensors.count] = rows;
    double *kept = ref_put(&p->tensors, tensor->name, 2, tensor->shape);
    for (int64_t i = 0; i < n; i++)
        kept[i] = tensor->dtype == THOR_I32 ? (double)((const int32_t *)tensor->data)[i]
                                            : (double)((const float *)tensor->data)[i];
}

static int64_t *copy_offsets(const int64_t *offset, int64_t sentences)
{
    int64_t *copy = ref_alloc(sentences + 1, sizeof *copy);
    memcpy(copy, offset, (size_t)(sentences + 1) * sizeof *copy);
    return copy;
}

/* The picture of one pass over `sentences`, `more` wider than the longest. */
static picture take(bench *b, const ref_batch *sentences, int64_t more)
{
    picture p = { .tensors = { 0 } };
    const thor_batch kept = b->packed;
    b->packed = ref_batch_pack(sentences);
    b->packed.source_width += more;
    b->packed.target_width += more;
    bench_run(b);
    thor_pass_visit(b->pass, keep_tensor, &p);
    int64_t rows = b->packed.target_rows, ids = b->config.vocab.ids;
    float *logits = ref_alloc(rows * ids, sizeof *logits);
    thor_tensor tensor = { .name = "logits", .dtype = THOR_F32, .dims = 2, .shape = { rows, ids }, .data = logits };
    thor_pass_logits(b->pass, logits, 0, rows);
    keep_tensor(&p, &tensor, THOR_OF_TARGET);
    p.source_offset = copy_offsets(b->packed.source_offset, b->packed.sentences);
    p.target_offset = copy_offsets(b->packed.target_offset, b->packed.sentences);
    free(logits);
    ref_batch_unpack(&b->packed);
    b->packed = kept;
    return p;
}

static void forget(picture *p)
{
    ref_table_free(&p->tensors);
    free(p->source_offset);
    free(p->target_offset);
}

/* First row of a sentence in tensor i, and how many it has there. */
static int64_t rows_of(const picture *p, int i, int64_t sentence, int64_t *first)
{
    const int64_t *offset = p->rows[i] == THOR_OF_SOURCE ? p->source_offset : p->target_offset;
    *first = p->rows[i] == THOR_OF_SENTENCES ? sentence : offset[sentence];
    return p->rows[i] == THOR_OF_SENTENCES ? 1 : offset[sentence + 1] - offset[sentence];
}

/* Sentence s of `a` and sentence t of `b` have the same bits in every tensor: all source rows, and the first
 * `target_rows` target rows (-1: all). */
static void check_same(const bench *of, const char *law, const picture *a, int64_t s, const picture *b, int64_t t,
                       int64_t target_rows)
{
    ck_assert_int_eq(a->tensors.count, b->tensors.count);
    for (int i = 0; i < a->tensors.count; i++) {
        const ref_array *left = a->tensors.items[i], *right = b->tensors.items[i];
        int64_t at, other, width = left->shape[1], count = rows_of(a, i, s, &at);
        ck_assert_str_eq(left->name, right->name);
        if (target_rows >= 0 && a->rows[i] == THOR_OF_TARGET)
            count = target_rows;
        ck_assert_int_ge(rows_of(b, i, t, &other), count);
        ck_assert_msg(memcmp(left->data + at * width, right->data + other * width,
                             (size_t)(count * width) * sizeof(double)) == 0,
                      "%s: %s: %s of sentence %d differs; again with THOR_TEST_SEED=%llu", of->name, law, left->name,
                      (int)s, (unsigned long long)bench_seed());
    }
}

/* --- opening --- */

/* Memory for three columns more than the batch has and twice its sentences. False where the law does not hold. */
static bool open_roomy(bench *b, const ref_case *what, bool training)
{
    thor_error error;
    bench_open(b, what, training, NULL, 2);
    const thor_config *c = &b->config;
    if (training && (c->moe.capacity_factor > 0 || c->model.dropout > 0)) {
        bench_close(b);
        return false;
    }
    thor_pass_close(b->pass);
    thor_shape most = { 2 * b->packed.sentences, 2 * b->packed.source_rows, 2 * b->packed.target_rows,
                        b->packed.source_width + 3, b->packed.target_width + 3 };
    ck_assert_msg(thor_pass_open(&b->pass, &b->model, &b->compute, &most, training, &error) == THOR_OK, "%s",
                  error.text);
    return true;
}

/* Loops run over the cases twice: in evaluation, then in training. */
static const ref_case *case_of(int i, bool *training)
{
    *training = i >= ref_case_count;
    return &ref_cases[i % ref_case_count];
}

/* --- laws --- */

static void check_company(bench *b, const picture *all, const int64_t *which, int64_t count, int64_t more)
{
    ref_batch *some = ref_batch_take(b->batch, which, count, 0);
    picture other = take(b, some, more);
    for (int64_t i = 0; i < count; i++)
        check_same(b, "company", all, which[i], &other, i, -1);
    forget(&other);
    ref_batch_free(some);
}

/* In another order, with more padding, twice in one batch, in small company, alone. */
START_TEST(company_order_padding)
{
    bool training;
    const ref_case *what = case_of(_i, &training);
    bench b;
    if (!open_roomy(&b, what, training))
        return;
    picture all = take(&b, b.batch, 0);
    check_company(&b, &all, (int64_t[]){ 3, 1, 0, 2 }, 4, 0);
    check_company(&b, &all, (int64_t[]){ 0, 1, 2, 3 }, 4, 3);
    check_company(&b, &all, (int64_t[]){ 2, 1, 2 }, 3, 1);
    for (int64_t s = 0; s < 4; s++)
        check_company(&b, &all, &s, 1, 0);
    forget(&all);
    bench_close(&b);
}
END_TEST

/* The batch with every target word from position `at` on exchanged for another. */
static ref_batch *with_another_end(const bench *b, int64_t at)
{
    ref_batch *batch = ref_batch_take(b->batch, (int64_t[]){ 0, 1, 2, 3 }, 4, 0);
    for (int64_t s = 0; s < 4; s++)
        for (int64_t t = at; t < batch->target_length[s]; t++) {
            int32_t *word = &batch->target_in[s * batch->target_width + t];
            *word = *word + 1 == b->config.vocab.ids ? 4 : *word + 1;
        }
    return batch;
}

/* The batch with its targets cut before position `at`. */
static ref_batch *cut(const bench *b, int64_t at)
{
    ref_batch *batch = ref_batch_take(b->batch, (int64_t[]){ 0, 1, 2, 3 }, 4, 0);
    for (int64_t s = 0; s < 4; s++)
        batch->target_length[s] = batch->target_length[s] < at ? batch->target_length[s] : at;
    return batch;
}

static void check_later(bench *b, const picture *before, ref_batch *changed, const char *law, int64_t at)
{
    picture after = take(b, changed, 0);
    for (int64_t s = 0; s < 4; s++) {
        int64_t length = b->batch->target_length[s];
        check_same(b, law, before, s, &after, s, length < at ? length : at);
    }
    forget(&after);
    ref_batch_free(changed);
}

/* Something at position `at` of the first sentence did change: the law is not about numbers that never do. */
static void check_change(bench *b, const picture *before, int64_t at)
{
    ref_batch *changed = with_another_end(b, at);
    picture after = take(b, changed, 0);
    int64_t ids = b->config.vocab.ids;
    const double *left = ref_get((ref_table *)(uintptr_t)&before->tensors, "logits"),
                 *right = ref_get(&after.tensors, "logits");
    ck_assert(memcmp(left + at * ids, right + at * ids, (size_t)ids * sizeof *left) != 0);
    forget(&after);
    ref_batch_free(changed);
}

/* Other words from a position on, or none: no number of any tensor changes before it. */
START_TEST(causal)
{
    bool training;
    const ref_case *what = case_of(_i, &training);
    bench b;
    if (!open_roomy(&b, what, training))
        return;
    picture before = take(&b, b.batch, 0);
    for (int64_t at = 1; at < b.batch->target_width; at++) {
        check_later(&b, &before, with_another_end(&b, at), "later words", at);
        check_later(&b, &before, cut(&b, at), "no later words", at);
    }
    check_change(&b, &before, 1);
    forget(&before);
    bench_close(&b);
}
END_TEST

/* Exchanges the experts e and e ^ mask of every mixture: their matrices, biases and rows of the routers. */
static void exchange_experts(bench *b, int64_t mask)
{
    int64_t E = b->config.moe.experts;
    for (int32_t i = 0; i < b->model.params.count; i++) {
        const thor_param *param = &b->model.params.items[i];
        int64_t size = param->count / E;
        float *values = b->model.values + param->offset;
        if (!strstr(param->name, ".moe.") || strstr(param->name, "context_gate"))
            continue;
        float *moved = ref_alloc(param->count, sizeof *moved);
        for (int64_t e = 0; e < E; e++)
            memcpy(moved + (e ^ mask) * size, values + e * size, (size_t)size * sizeof *moved);
        memcpy(values, moved, (size_t)param->count * sizeof *moved);
        free(moved);
    }
}

/* Every sum over these experts has the same pairs of terms when numbers are exchanged by e ^ mask, and a + b = b + a:
 * the logits keep their bits. */
START_TEST(experts_exchanged)
{
    static const ref_case exact[] = {
        { "thor-top1", "thor top1" },
        { "thor-top2", "thor top2" },
        { "thor-topp", "thor topp" },
        { "experts fed, post-norm", "thor top2 no-task add feed post every1" },
        { "token", "token top2 first" },
    };
    bench b;
    bench_open(&b, &exact[_i / 3], false, NULL, 2);
    picture before = take(&b, b.batch, 0);
    exchange_experts(&b, _i % 3 + 1);
    picture after = take(&b, b.batch, 0);
    int last = before.tensors.count - 1;
    ck_assert_str_eq(before.tensors.items[last]->name, "logits");
    ck_assert_msg(memcmp(before.tensors.items[last]->data, after.tensors.items[last]->data,
                         (size_t)before.tensors.items[last]->count * sizeof(double)) == 0,
                  "%s: other logits with experts exchanged by %d; again with THOR_TEST_SEED=%llu", b.name, _i % 3 + 1,
                  (unsigned long long)bench_seed());
    forget(&before);
    forget(&after);
    bench_close(&b);
}
END_TEST

/* The gradient of expert e's slice of a parameter is zeros. */
static void check_zeros(const bench *b, const char *place, const char *part, int64_t e)
{
    char name[REF_NAME];
    const thor_param *param = &b->model.params.items[thor_params_find(&b->model.params, ref_join(name, place, part))];
    int64_t size = param->count / b->config.moe.experts;
    const float *d = b->gradients + param->offset + e * size;
    for (int64_t i = 0; i < size; i++)
        ck_assert_msg(d[i] == 0, "%s: no row chose expert %d, yet its gradient of %s is %g", b->name, (int)e, name,
                      (double)d[i]);
}

/* How many experts no row chose, whose gradients have to be zeros; `gates` is "<place>.gates". */
static int64_t check_idle(const bench *b, const ref_array *gates)
{
    static const char *const parts[] = { "experts.fc1.weight", "experts.fc1.bias", "experts.fc2.weight",
                                         "experts.fc2.bias" };
    char place[REF_NAME];
    int64_t E = b->config.moe.experts, idle = 0;
    snprintf(place, sizeof place, "%.*s", (int)(strlen(gates->name) - strlen(".gates")), gates->name);
    for (int64_t e = 0; e < E; e++) {
        bool used = false;
        for (int64_t i = e; i < gates->count; i += E)
            used |= gates->data[i] != 0;
        for (size_t i = 0; i < sizeof parts / sizeof *parts && !used; i++)
            check_zeros(b, place, parts[i], e);
        idle += !used;
    }
    return idle;
}

/* One sentence reaches at most 5 of 18 experts in either mixture. */
START_TEST(idle_experts)
{
    static const ref_case odd[] = { { "top-2", "thor top2 odd dropout smoothing" }, { "top-p", "thor topp odd" } };
    bench b;
    bench_open(&b, &odd[_i], true, NULL, 2);
    ref_batch *one = ref_batch_take(b.batch, (int64_t[]){ 1 }, 1, 0);
    picture p = take(&b, one, 0);
    int mixtures = 0;
    for (int i = 0; i < p.tensors.count; i++)
        if (strstr(p.tensors.items[i]->name, ".gates")) {
            ck_assert_int_ge(check_idle(&b, p.tensors.items[i]), 13);
            mixtures++;
        }
    ck_assert_int_eq(mixtures, 2);
    forget(&p);
    ref_batch_free(one);
    bench_close(&b);
}
END_TEST

/* A pass that has memory for training evaluates as one that has not: no dropout, no capacity. */
START_TEST(evaluation_between_steps)
{
    bench plain, trained;
    bench_open(&plain, &ref_cases[_i], false, NULL, 2);
    bench_open(&trained, &ref_cases[_i], true, NULL, 2);
    bench_run(&trained);
    trained.options.training = false;
    picture expected = take(&plain, plain.batch, 0), found = take(&trained, trained.batch, 0);
    for (int64_t s = 0; s < 4; s++)
        check_same(&plain, "evaluation between steps", &expected, s, &found, s, -1);
    forget(&expected);
    forget(&found);
    bench_close(&plain);
    bench_close(&trained);
}
END_TEST

/* The block of gradients is written whole, the gaps between tensors with zeros: norms, sums over shards and Adam run
 * over all of it. bench_run fills it with NaN. */
START_TEST(gradients_without_gaps)
{
    static const ref_case odd = { "odd sizes", "thor topp odd" };
    bench b;
    bench_open(&b, &odd, true, NULL, 2);
    bench_run(&b);
    int64_t gaps = 0;
    for (int32_t i = 0; i < b.model.params.count; i++) {
        const thor_param *param = &b.model.params.items[i];
        int64_t end = param->offset + param->count,
                next = i + 1 < b.model.params.count ? param[1].offset : b.model.params.floats;
        for (int64_t j = param->offset; j < end; j++)
            ck_assert_msg(b.gradients[j] - b.gradients[j] == 0, "%s is not written whole", param->name);
        for (int64_t j = end; j < next; j++, gaps++)
            ck_assert_msg(b.gradients[j] == 0, "the gap behind %s is not zero", param->name);
    }
    ck_assert_int_gt(gaps, 0);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("laws");
    TCase *laws = tcase_create("laws");
    tcase_set_timeout(laws, 120);
    tcase_add_loop_test(laws, company_order_padding, 0, 2 * ref_case_count);
    tcase_add_loop_test(laws, causal, 0, 2 * ref_case_count);
    tcase_add_loop_test(laws, experts_exchanged, 0, 15);
    tcase_add_loop_test(laws, idle_experts, 0, 2);
    tcase_add_test(laws, gradients_without_gaps);
    tcase_add_loop_test(laws, evaluation_between_steps, 0, ref_case_count);
    suite_add_tcase(suite, laws);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
