/* The whole model against the judge of tests/ref: losses, every activation, every decision, every gradient. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* Largest error of an activation, in units of its tensor's largest value; and a gap that binary32 cannot be trusted
 * to see. */
static const double activation_error = 2e-6, tie = 1e-6;
/* Gradients: in units of the tensor's largest, and in units of the largest gradient of all. */
static const double gradient_error = 1e-5, gradient_floor = 1e-7;

static void rerun_line(const bench *b)
{
    printf("rerun: THOR_TEST_SEED=%llu THOR_TEST_CASE='%s' tests/model/check_model\n",
           (unsigned long long)bench_seed(), b->name);
}

#define MODEL_CHECK(b, holds, ...)                  \
    do {                                            \
        if (!(holds)) {                             \
            rerun_line(b);                          \
            ck_abort_msg(__VA_ARGS__);              \
        }                                           \
    } while (0)

/* --- activations --- */

/* The padded row of packed row r. */
static int64_t padded(const bench *b, thor_rows_of rows, int64_t r)
{
    const int64_t *offset = rows == THOR_OF_SOURCE ? b->packed.source_offset : b->packed.target_offset;
    int64_t width = rows == THOR_OF_SOURCE ? b->batch->source_width : b->batch->target_width, sentence = 0;
    if (rows == THOR_OF_SENTENCES)
        return r;
    while (r >= offset[sentence + 1])
        sentence++;
    return sentence * width + r - offset[sentence];
}

static int64_t row_count(const bench *b, thor_rows_of rows)
{
    return rows == THOR_OF_SENTENCES ? b->packed.sentences
           : rows == THOR_OF_SOURCE  ? b->packed.source_rows
                                       : b->packed.target_rows;
}

/* A tensor of choices: equal, or close enough to a tie that binary32 may see it otherwise. */
static void compare_choices(bench *b, const thor_tensor *tensor, thor_rows_of rows, const ref_array *expected)
{
    char name[REF_NAME + 8];
    int64_t width = tensor->shape[tensor->dims - 1];
    const int32_t *ours = tensor->data;
    snprintf(name, sizeof name, "%s_gap", tensor->name);
    const double *gap = ref_get(&b->run.values, name);
    for (int64_t r = 0; r < row_count(b, rows); r++)
        for (int64_t i = 0; i < width; i++) {
            int64_t row = padded(b, rows, r);
            MODEL_CHECK(b, ours[r * width + i] == (int32_t)expected->data[row * width + i],
                        "%s: %s[%lld][%lld] is %d; %s (gap %.3g)", b->name, tensor->name, (long long)r, (long long)i,
                        (int)ours[r * width + i], gap[row] < tie ? "a tie: take another seed" : "no tie", gap[row]);
        }
}

/* A number, or a choice that nothing but the language decides. */
static double value_at(const thor_tensor *tensor, int64_t i)
{
    return tensor->dtype == THOR_I32 ? (double)((const int32_t *)tensor->data)[i]
                                     : (double)((const float *)tensor->data)[i];
}

static void compare_numbers(bench *b, const thor_tensor *tensor, thor_rows_of rows, const ref_array *expected)
{
    int64_t width = tensor->shape[tensor->dims - 1], worst_row = 0, worst_column = 0;
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < expected->count; i++)
        largest = fmax(largest, fabs(expected->data[i]));
    for (int64_t r = 0; r < row_count(b, rows); r++)
        for (int64_t i = 0; i < width; i++) {
            double error = fabs(value_at(tensor, r * width + i) - expected->data[padded(b, rows, r) * width + i]);
            if (error > worst || isnan(error)) {
                worst = isnan(error) ? INFINITY : error;
                worst_row = r;
                worst_column = i;
            }
        }
    MODEL_CHECK(b, worst <= activation_error * largest,
                "%s: %s[%lld][%lld] is %.9g, expected %.9g (largest value %.3g)", b->name, tensor->name,
                (long long)worst_row, (long long)worst_column, value_at(tensor, worst_row * width + worst_column),
                expected->data[padded(b, rows, worst_row) * width + worst_column], largest);
}

typedef struct visit {
    bench *b;
    ref_table seen;             /* names */
} visit;

static void compare_tensor(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    visit *v = context;
    bench *b = v->b;
    ref_array *number = ref_find(&b->run.values, tensor->name), *choice = ref_find(&b->run.decisions, tensor->name);
    const ref_array *expected = choice ? choice : number;
    MODEL_CHECK(b, expected, "%s: the judge knows no %s", b->name, tensor->name);
    int64_t width = expected->shape[expected->dims - 1];
    MODEL_CHECK(b, tensor->dims == 2 && tensor->shape[0] == row_count(b, rows) && tensor->shape[1] == width,
                "%s: %s is [%lld, %lld], expected [%lld, %lld]", b->name, tensor->name, (long long)tensor->shape[0],
                (long long)tensor->shape[1], (long long)row_count(b, rows), (long long)width);
    ref_put(&v->seen, tensor->name, 1, REF_SHAPE(1));
    if (choice)
        compare_choices(b, tensor, rows, choice);
    else
        compare_numbers(b, tensor, rows, number);
}

/* Every name that golden folders have, as far as the case has it, was visited. */
static void check_visited(bench *b, ref_table *seen)
{
    static const char *whole[] = { "encoder.output", "decoder.output", "task.probs", "task.mixed" };
    static const char *parts[] = { ".task_probs", ".candidates", ".context", ".router_probs", ".selected", ".gates",
                                   ".shared_gate", ".output" };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (ref_find(&b->run.values, whole[i]))
            MODEL_CHECK(b, ref_find(seen, whole[i]), "%s: %s is not visited", b->name, whole[i]);
    ref_table *tables[] = { &b->run.values, &b->run.decisions };
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < tables[t]->count; i++) {
            const char *name = tables[t]->items[i]->name, *part = strstr(name, ".moe.");
            for (size_t j = 0; part && j < sizeof parts / sizeof *parts; j++)
                if (strcmp(part + strlen(".moe"), parts[j]) == 0)
                    MODEL_CHECK(b, ref_find(seen, name), "%s: %s is not visited", b->name, name);
        }
}

static void compare_logits(bench *b)
{
    int64_t rows = b->packed.target_rows, ids = b->config.vocab.ids;
    float *logits = ref_alloc(rows * ids, sizeof *logits);
    thor_tensor tensor = { .name = "logits", .dtype = THOR_F32, .dims = 2, .shape = { rows, ids }, .data = logits };
    thor_pass_logits(b->pass, logits, 0, rows / 2);
    thor_pass_logits(b->pass, logits + rows / 2 * ids, rows / 2, rows - rows / 2);
    compare_numbers(b, &tensor, THOR_OF_TARGET, ref_find(&b->run.values, "logits"));
    free(logits);
}

/* --- losses --- */

static void compare_loss(const bench *b, const char *name, double ours, double expected)
{
    MODEL_CHECK(b, fabs(ours - expected) <= 2e-6 * fmax(1, fabs(expected)), "%s: %s is %.9g, expected %.9g", b->name,
                name, ours, expected);
}

static void compare_losses(const bench *b)
{
    const thor_losses *ours = &b->losses;
    const ref_losses *expected = &b->run.losses;
    compare_loss(b, "tokens", (double)ours->tokens, (double)expected->tokens);
    compare_loss(b, "nll_sum", ours->nll_sum, expected->nll_sum);
    compare_loss(b, "smooth_sum", ours->smooth_sum, expected->smooth_sum);
    compare_loss(b, "task", ours->part[THOR_LOSS_TASK], expected->task);
    compare_loss(b, "task_balance", ours->part[THOR_LOSS_TASK_BALANCE], expected->task_balance);
    compare_loss(b, "token_balance", ours->part[THOR_LOSS_TOKEN_BALANCE], expected->token_balance);
    compare_loss(b, "dynamic", ours->part[THOR_LOSS_DYNAMIC], expected->dynamic);
    compare_loss(b, "budget", ours->part[THOR_LOSS_BUDGET], expected->budget);
    compare_loss(b, "family", ours->part[THOR_LOSS_FAMILY], expected->family);
    compare_loss(b, "routed_rows", (double)ours->routed_rows, (double)expected->routed_rows);
    compare_loss(b, "chosen_experts", (double)ours->chosen_experts, (double)expected->chosen_experts);
    compare_loss(b, "dropped", (double)ours->dropped, (double)expected->dropped);
    if (ref_has_predictor(&b->config)) {
        compare_loss(b, "task_right", (double)ours->task_right, (double)expected->task_right);
        compare_loss(b, "task_sentences", (double)ours->task_sentences, (double)b->packed.sentences);
    }
}

/* --- gradients --- */

static double largest_gradient(const bench *b)
{
    double largest = 0;
    for (int64_t i = 0; i < b->model.params.floats; i++)
        largest = fmax(largest, fabs((double)b->gradients[i]));
    return largest;
}

static void compare_gradients(bench *b, int64_t most)
{
    ref_verdict worst = { 0 };
    double floor_of_all = gradient_floor * largest_gradient(b);
    for (int32_t i = 0; i < b->model.params.count; i++) {
        ref_array *param = ref_find(&b->params, b->model.params.items[i].name);
        ref_verdict verdict = { 0 };
        ref_compare_gradient(&b->run, param, bench_gradient(b, i), most, bench_seed(), gradient_error, floor_of_all,
                             &verdict);
        if (verdict.worst > 1)
            printf("%s: %s\n", b->name, verdict.text);
        if (verdict.worst > worst.worst)
            worst = verdict;
    }
    if (getenv("THOR_TEST_VERBOSE"))
        printf("%-36s worst gradient: %.3f of the allowed error: %s\n", b->name, worst.worst, worst.text);
    MODEL_CHECK(b, worst.worst <= 1, "%s: gradient of %s", b->name, worst.text);
}

/* --- cases --- */

static void compare_forward(bench *b)
{
    visit v = { .b = b };
    bench_run(b);
    ref_forward(&b->run);
    thor_pass_visit(b->pass, compare_tensor, &v);
    check_visited(b, &v.seen);
    compare_logits(b);
    compare_losses(b);
    ref_table_free(&v.seen);
}

START_TEST(training)
{
    /* systems in full; of the variants a sample of each tensor, unless there is time */
    const int systems = 11;
    bench b;
    bench_open(&b, &ref_cases[_i], true, NULL, 1);
    compare_forward(&b);
    compare_gradients(&b, _i < systems || bench_long() ? 0 : 12);
    bench_close(&b);
}
END_TEST

/* Without dropout and capacity, whatever the configuration says about them. */
START_TEST(evaluation)
{
    bench b;
    bench_open(&b, &ref_cases[_i], false, NULL, 1);
    compare_forward(&b);
    bench_close(&b);
}
END_TEST

/* The case that THOR_TEST_CASE names, or all. */
static void chosen_cases(int *first, int *end)
{
    const char *name = getenv("THOR_TEST_CASE");
    *first = 0;
    *end = ref_case_count;
    for (int i = 0; i < ref_case_count; i++)
        if (name && strcmp(name, ref_cases[i].name) == 0) {
            *first = i;
            *end = i + 1;
        }
}

int main(void)
{
    int first, end;
    chosen_cases(&first, &end);
    Suite *suite = suite_create("model");
    TCase *model = tcase_create("model");
    tcase_set_timeout(model, 300);
    tcase_add_loop_test(model, evaluation, first, end);
    tcase_add_loop_test(model, training, first, end);
    suite_add_tcase(suite, model);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
