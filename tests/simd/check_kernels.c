/* Every kernel: its value against binary64, the same bits from every table that can run here, nothing touched beyond
 * its operands, for lengths around every multiple of the vector. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/simd/cases.h"
#include "tests/simd/guard.h"

enum { LONGEST = 1100, ARRAYS = INPUTS + 2 * ROWS + OUTPUTS, TABLES = 8 };

/* Ordinary numbers between -4 and 4; exp, log and softmax are at home there. */
static float ordinary(uint64_t i)
{
    thor_rng rng = thor_rng_make(20, THOR_SITE_TEST, 1, 0);
    return thor_rng_uniform(&rng, i) * 8.0f - 4.0f;
}

/* Any bits at all, and more often than chance the values at the edges of the format. */
static float nasty(uint64_t i)
{
    static const float edges[] = { 0.0f,
                                   -0.0f,
                                   1.0f,
                                   -1.0f,
                                   INFINITY,
                                   -INFINITY,
                                   NAN,
                                   0x1p-149f,
                                   -0x1p-149f,
                                   0x1.fffffcp-127f,
                                   0x1p-126f,
                                   0x1.fffffep127f,
                                   -0x1.fffffep127f,
                                   88.7f,
                                   -103.9f,
                                   0x1p-24f };
    thor_rng rng = thor_rng_make(21, THOR_SITE_TEST, 2, 0);
    uint32_t bits = thor_rng_word(&rng, 2 * i), pick = thor_rng_word(&rng, 2 * i + 1);
    float x;
    memcpy(&x, &bits, sizeof x);
    return pick % 4 == 0 ? edges[pick / 4 % 16] : pick % 4 == 1 ? ordinary(i) : x;
}

typedef struct memory {
    guard array[ARRAYS], rows, keep, mask;
} memory;

static memory make_memory(void)
{
    memory m;
    for (int j = 0; j < ARRAYS; j++)
        m.array[j] = guard_make(ROWS * LONGEST * sizeof(float));
    m.rows = guard_make(LONGEST * sizeof(int32_t));
    m.keep = guard_make(LONGEST);
    m.mask = guard_make(LONGEST);
    return m;
}

static void free_memory(memory *m)
{
    for (int j = 0; j < ARRAYS; j++)
        guard_free(&m->array[j]);
    guard_free(&m->rows);
    guard_free(&m->keep);
    guard_free(&m->mask);
}

static void *place(const guard *g, int64_t count, size_t size, bool at_end)
{
    return at_end ? guard_at_end(g, (size_t)count * size) : guard_at_start(g);
}

static float *filled(const guard *g, int64_t count, bool at_end, float (*value)(uint64_t), uint64_t stream)
{
    float *p = place(g, count, sizeof *p, at_end);
    for (int64_t i = 0; i < count; i++)
        p[i] = value(stream * 100000 + (uint64_t)i);
    return p;
}

static operands make_operands(memory *m, int64_t n, bool at_end, float (*value)(uint64_t))
{
    operands o = { .n = n };
    int array = 0;
    for (int j = 0; j < INPUTS; j++, array++)
        o.in[j] = filled(&m->array[array], n, at_end, value, (uint64_t)array);
    for (int j = 0; j < 2; j++, array++)
        o.block[j] = filled(&m->array[array], ROWS * n, at_end, value, (uint64_t)array);
    for (int j = 0; j < OUTPUTS; j++, array++)
        o.out[j] = filled(&m->array[array], n, at_end, value, (uint64_t)array);
    uint8_t *keep = place(&m->keep, n, 1, at_end);
    o.rows = place(&m->rows, n, sizeof *o.rows, at_end);
    for (int64_t i = 0; i < n; i++) {
        keep[i] = ordinary((uint64_t)i) > 0.0f;
        o.rows[i] = (int32_t)i;
    }
    o.keep = keep;
    o.mask = place(&m->mask, n, 1, at_end);
    memset(o.mask, 9, (size_t)n);
    return o;
}

/* What a kernel returned, in one piece that can be compared. */
typedef struct result {
    float out[OUTPUTS][LONGEST], scalar[SCALARS];
    int32_t rows[LONGEST];
    uint8_t mask[LONGEST];
    int64_t index;
} result;

static void take(result *r, const operands *o)
{
    memset(r, 0, sizeof *r);
    for (int j = 0; j < OUTPUTS; j++)
        memcpy(r->out[j], o->out[j], (size_t)o->n * sizeof(float));
    memcpy(r->scalar, o->scalar, sizeof r->scalar);
    memcpy(r->rows, o->rows, (size_t)o->n * sizeof(int32_t));
    memcpy(r->mask, o->mask, (size_t)o->n);
    r->index = o->index;
    float *number = r->out[0];      /* NaN's payload is open */
    for (size_t i = 0; i < offsetof(result, rows) / sizeof(float); i++)
        if (isnan(number[i]))
            number[i] = NAN;
}

static void compare(const kernel_case *c, const char *table, int64_t n, const result *a, const result *b)
{
    for (int j = 0; j < OUTPUTS; j++)
        for (int64_t i = 0; i < n; i++)
            if (memcmp(&a->out[j][i], &b->out[j][i], sizeof(float)) != 0)   /* every assertion of Check's is written */
                ck_abort_msg("%s, n = %d: output %d element %d: %a (scalar) %a (%s)", c->name, (int)n, j, (int)i,
                             (double)a->out[j][i], (double)b->out[j][i], table);
    if (memcmp(a, b, sizeof *a) != 0)
        ck_abort_msg("%s, n = %d: %s differs from scalar in a number, row or mask: %a %a %a, %a %a %a", c->name, (int)n,
                     table, (double)a->scalar[0], (double)a->scalar[1], (double)a->scalar[2], (double)b->scalar[0],
                     (double)b->scalar[1], (double)b->scalar[2]);
}

static bool length_is_tested(int64_t n)
{
    return n <= 70 || ((n + 1) % 16 <= 2 && n < 150) || n == 513 || n == 1024 || n == LONGEST;
}

START_TEST(tables_agree)
{
    const kernel_case *c = &kernel_cases[_i / 2];
    float (*value)(uint64_t) = _i % 2 ? nasty : ordinary;
    const thor_kernels *tables[TABLES];
    int count = thor_kernels_list(tables, TABLES);
    static result reference, other;
    memory m = make_memory();
    for (int64_t n = c->least; n <= LONGEST; n++)
        for (int at_end = 0; at_end < 2 && length_is_tested(n); at_end++)
            for (int t = 0; t < count; t++) {
                operands o = make_operands(&m, n, at_end, value);
                c->run(tables[t], &o);
                take(t ? &other : &reference, &o);
                if (t)
                    compare(c, tables[t]->name, n, &reference, &other);
            }
    free_memory(&m);
}
END_TEST

/* An output that is the same array as an input holds what it would hold on its own. */
static void compare_in_place(const kernel_case *c, const thor_kernels *table, memory *m, int64_t n, int out, int in)
{
    static result apart, together;
    operands o = make_operands(m, n, true, nasty);
    memcpy(o.out[out], o.in[in], (size_t)n * sizeof(float));
    c->run(table, &o);
    take(&apart, &o);
    o = make_operands(m, n, true, nasty);
    memcpy(o.out[out], o.in[in], (size_t)n * sizeof(float));
    o.in[in] = o.out[out];
    c->run(table, &o);
    take(&together, &o);
    if (memcmp(&apart, &together, sizeof apart) != 0)
        ck_abort_msg("%s (%s), n = %d: output %d in place of input %d gives other numbers", c->name, table->name,
                     (int)n, out, in);
}

START_TEST(in_place_changes_nothing)
{
    const kernel_case *c = &kernel_cases[_i];
    const thor_kernels *tables[TABLES];
    int count = thor_kernels_list(tables, TABLES);
    memory m = make_memory();
    for (int t = 0; t < count; t++)
        for (int out = 0; out < c->outputs; out++)
            for (int in = 0; in < c->in_place; in++)
                for (int64_t n = c->least; n < 70; n += 11)
                    compare_in_place(c, tables[t], &m, n, out, in);
    free_memory(&m);
}
END_TEST

/* The checked table computes the same and stays silent. */
START_TEST(checked_table_agrees)
{
    const kernel_case *c = &kernel_cases[_i];
    const thor_kernels *checked, *tables[TABLES];
    ck_assert_int_eq(thor_kernels_choose(&checked, "checked", NULL), THOR_OK);
    ck_assert_int_ge(thor_kernels_list(tables, TABLES), 1);
    static result reference, other;
    memory m = make_memory();
    for (int64_t n = c->least; n < 40; n += 13) {
        operands o = make_operands(&m, n, true, nasty);
        c->run(tables[0], &o);
        take(&reference, &o);
        o = make_operands(&m, n, true, nasty);
        c->run(checked, &o);
        take(&other, &o);
        compare(c, "checked", n, &reference, &other);
    }
    free_memory(&m);
}
END_TEST

static void near(const kernel_case *c, int64_t n, const char *what, int64_t i, double exact, float found, double size)
{
    bool right = isnan(exact) ? isnan(found) != 0
                 : c->tolerance == 0.0 ? (float)exact == found
                 : isinf(exact) || isinf(found) ? exact == (double)found
                 : fabs((double)found - exact) <= c->tolerance * (fabs(exact) + size);
    if (!right)
        ck_abort_msg("%s, n = %d: %s %d is %.9g instead of %.9g", c->name, (int)n, what, (int)i, (double)found, exact);
}

START_TEST(values_are_right)
{
    const kernel_case *c = &kernel_cases[_i];
    if (!c->oracle)
        return;
    static double out[OUTPUTS][LONGEST];
    memory m = make_memory();
    const thor_kernels *table;
    ck_assert_int_eq(thor_kernels_choose(&table, "scalar", NULL), THOR_OK);
    for (int64_t n = c->least; n <= LONGEST; n += 1 + n / 3) {
        operands o = make_operands(&m, n, true, ordinary);
        expected e = { .out = { out[0], out[1], out[2] } };
        for (int j = 0; j < OUTPUTS; j++)
            for (int64_t i = 0; i < n; i++)
                out[j][i] = (double)o.out[j][i];
        c->oracle(&o, &e);
        c->run(table, &o);
        bool log_or_exp = strcmp(c->name, "exp") == 0 || strcmp(c->name, "log") == 0;
        double size = log_or_exp ? 0 : 4;
        for (int j = 0; j < OUTPUTS; j++)
            for (int64_t i = 0; i < n; i++)
                near(c, n, "element", i, out[j][i], o.out[j][i], size);
        for (int j = 0; j < SCALARS; j++)
            near(c, n, "number", j, e.scalar[j], o.scalar[j], 16 * (double)n);
        ck_assert_msg(o.index == e.index, "%s, n = %d: index %d instead of %d", c->name, (int)n, (int)o.index,
                      (int)e.index);
    }
    free_memory(&m);
}
END_TEST

START_TEST(mask_follows_the_generator)
{
    const thor_kernels *tables[TABLES];
    int count = thor_kernels_list(tables, TABLES);
    thor_dropout_rule rule = { .rng = thor_rng_make(77, 3, 4, 5), .p = 0.1f, .scale = 1.0f };
    static uint8_t keep[400];
    for (int t = 0; t < count; t++)
        for (uint64_t first = 0; first < 9; first++) {
            tables[t]->dropout_mask(keep, &rule, first, 400);
            for (uint64_t i = 0; i < 400; i++)
                ck_assert_uint_eq(keep[i], thor_rng_uniform(&rule.rng, first + i) >= rule.p);
        }
}
END_TEST

/* The last elements that the counter has room for: every start and end about a block of four, up to 2^34 itself. */
START_TEST(mask_reaches_the_edge)
{
    const uint64_t edge = UINT64_C(1) << 34;
    const thor_kernels *tables[TABLES];
    int count = thor_kernels_list(tables, TABLES);
    thor_dropout_rule rule = { .rng = thor_rng_make(77, 3, 4, 5), .p = 0.5f, .scale = 2.0f };
    static uint8_t keep[401];
    for (int t = 0; t < count; t++)
        for (int64_t n = 390; n <= 400; n++) {
            memset(keep, 9, sizeof keep);
            tables[t]->dropout_mask(keep, &rule, edge - (uint64_t)n, n);
            for (int64_t i = 0; i < n; i++)
                ck_assert_uint_eq(keep[i], thor_rng_uniform(&rule.rng, edge - (uint64_t)(n - i)) >= rule.p);
            ck_assert_uint_eq(keep[n], 9);
        }
}
END_TEST

START_TEST(ties_go_to_the_lowest)
{
    const thor_kernels *tables[TABLES];
    int count = thor_kernels_list(tables, TABLES);
    float a[100];
    for (int t = 0; t < count; t++) {
        for (int i = 0; i < 100; i++)
            a[i] = -INFINITY;
        ck_assert_int_eq(tables[t]->argmax(a, 100), 0);
        a[97] = a[33] = a[50] = 2.0f;
        ck_assert_int_eq(tables[t]->argmax(a, 100), 33);
        a[2] = NAN;
        ck_assert_int_eq(tables[t]->argmax(a, 100), 33);
        ck_assert(isnan(tables[t]->largest(a, 100)));
        ck_assert(tables[t]->largest(a, 0) == -INFINITY);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels");
    TCase *tcase = tcase_create("kernels");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, tables_agree, 0, 2 * kernel_case_count);
    tcase_add_loop_test(tcase, in_place_changes_nothing, 0, kernel_case_count);
    tcase_add_loop_test(tcase, checked_table_agrees, 0, kernel_case_count);
    tcase_add_loop_test(tcase, values_are_right, 0, kernel_case_count);
    tcase_add_test(tcase, mask_follows_the_generator);
    tcase_add_test(tcase, mask_reaches_the_edge);
    tcase_add_test(tcase, ties_go_to_the_lowest);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
