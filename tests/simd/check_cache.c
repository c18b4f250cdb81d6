/* Sizes of caches from a made-up /sys, and what blocks of products they give. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "simd/cache.h"
#include "simd/compute.h"
#include "simd/gemm.h"

static char root[] = "scratch-cache-XXXXXX";

static void put(int index, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/cpu0/cache/index%d", root, index);
    ck_assert_int_eq(thor_make_folder(path, NULL), THOR_OK);
    snprintf(path, sizeof path, "%s/cpu0/cache/index%d/%s", root, index, name);
    ck_assert_int_eq(thor_write_file(path, text, strlen(text), NULL), THOR_OK);
}

static void put_cache(int index, const char *level, const char *type, const char *size, const char *sharers)
{
    put(index, "level", level);
    put(index, "type", type);
    put(index, "size", size);
    put(index, "shared_cpu_list", sharers);
}

static void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(root));
    put_cache(0, "1\n", "Data\n", "32K\n", "0,64\n");
    put_cache(1, "1\n", "Instruction\n", "32K\n", "0,64\n");
    put_cache(2, "2\n", "Unified\n", "2048K\n", "0,64\n");
}

static void leave(void)
{
    ck_assert_int_eq(thor_remove_folder(root, NULL), THOR_OK);
}

static void expect(int64_t l2, int64_t share)
{
    thor_caches caches = thor_caches_read(root);
    ck_assert_int_eq(caches.l2_bytes, l2);
    ck_assert_int_eq(caches.l3_share, share);
}

START_TEST(levels_are_read)
{
    expect(2 << 20, 0);
    put_cache(3, "3\n", "Unified\n", "61440K\n", "0-31,64-95\n");
    expect(2 << 20, 960 * 1024);
    put(3, "size", "32M\n");
    put(3, "shared_cpu_list", "0-1\n");
    expect(2 << 20, 16 << 20);
    put(3, "shared_cpu_list", "0");
    expect(2 << 20, 32 << 20);
}
END_TEST

/* Nothing there is trusted. */
START_TEST(nonsense_counts_as_nothing)
{
    static const char *const lists[] = { "", "\n", "-\n", "a\n", "0-\n", "3-1\n", "0,\n", "0-99999999999\n", "0;1\n" };
    static const char *const sizes[] = { "", "\n", "K\n", "-4K\n", "0K\n", "12Q\n", "99999999999999999999K\n" };
    put_cache(3, "3\n", "Unified\n", "32M\n", "0-1\n");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        put(3, "shared_cpu_list", lists[i]);
        expect(2 << 20, 0);
    }
    put(3, "shared_cpu_list", "0-1\n");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        put(2, "size", sizes[i]);
        expect(0, 16 << 20);
    }
    thor_caches none = thor_caches_read("no/such/place");
    ck_assert(none.l2_bytes == 0 && none.l3_share == 0);
}
END_TEST

START_TEST(this_machine)
{
    thor_caches caches = thor_caches_ask();
    ck_assert_int_ge(caches.l2_bytes, 128 * 1024);
    ck_assert_int_ge(caches.l3_share, 0);
}
END_TEST

/* A takes a quarter of the second level, of which 4 MiB count; B what the thread has of the third, within bounds. */
START_TEST(blocks_fit)
{
    static const struct { int64_t l2, share, a, b; } cases[] = {
        { 512 << 10, 16 << 20, 128 << 10, 1 << 20 },    { 512 << 10, 0, 128 << 10, 1 << 20 },
        { 2 << 20, 960 << 10, 512 << 10, 1 << 20 },     { 2 << 20, 3 << 20, 512 << 10, 3 << 20 },
        { 64 << 20, 0, 1 << 20, 8 << 20 },              { 64 << 20, 1 << 20, 1 << 20, 2 << 20 },
    };
    thor_compute compute;
    thor_error error;
    ck_assert_msg(thor_compute_open(&compute, "scalar", 1, &error) == THOR_OK, "%s", error.text);
    thor_compute planned = compute;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_caches caches = { .l2_bytes = cases[i].l2, .l3_share = cases[i].share };
        thor_compute_block(&planned, &caches);
        int64_t a = planned.block_m * planned.block_k * 4, b = planned.block_n * planned.block_k * 4;
        ck_assert_msg(a <= cases[i].a && 10 * a > 9 * cases[i].a, "case %d: A has %d bytes", (int)i, (int)a);
        ck_assert_msg(b <= cases[i].b && 10 * b > 9 * cases[i].b, "case %d: B has %d bytes", (int)i, (int)b);
        ck_assert_uint_ge(planned.pack_floats, (size_t)thor_gemm_memory(&planned));
        ck_assert_uint_le(planned.pack_floats * sizeof(float), 32 << 20);
    }
    thor_compute_close(&compute);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cache");
    TCase *read = tcase_create("read"), *blocks = tcase_create("blocks");
    tcase_add_checked_fixture(read, enter, leave);
    tcase_add_test(read, levels_are_read);
    tcase_add_test(read, nonsense_counts_as_nothing);
    tcase_add_test(blocks, this_machine);
    tcase_add_test(blocks, blocks_fit);
    suite_add_tcase(suite, read);
    suite_add_tcase(suite, blocks);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
