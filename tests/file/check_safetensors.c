/* safetensors: the bytes written, what comes back, and files that lie. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/rng.h"
#include "base/little_endian.h"
#include "file/safetensors.h"

static const char path[] = "scratch-check_safetensors";

static float floats[6] = { 0, 1, -2.5f, 3e-40f, 1e30f, -0.0f };
static uint8_t bytes[3] = { 1, 2, 255 };
static int64_t longs[2] = { -1, INT64_C(1) << 40 };

static const thor_tensor three[] = {
    { .name = "b.masks", .dtype = THOR_U8, .dims = 1, .shape = { 3 }, .data = bytes },
    { .name = "a.weight", .dtype = THOR_F32, .dims = 2, .shape = { 2, 3 }, .data = floats },
    { .name = "c.longs", .dtype = THOR_I64, .dims = 1, .shape = { 2 }, .data = longs },
};

static void write_three(char **text, size_t *count)
{
    thor_error error;
    ck_assert_msg(thor_safetensors_write(path, three, 3, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(thor_read_file(path, 1 << 20, text, count, &error), THOR_OK);
}

START_TEST(comes_back)
{
    thor_safetensors file;
    thor_error error;
    char *text;
    size_t count;
    write_three(&text, &count);
    ck_assert_msg(thor_safetensors_open(&file, path, &error) == THOR_OK, "%s", error.text);
    ck_assert_uint_eq(file.count, 3);
    for (int i = 0; i < 3; i++) {
        unsigned char out[64];
        const thor_stored *stored = thor_safetensors_find(&file, three[i].name);
        ck_assert_ptr_nonnull(stored);
        ck_assert(stored->tensor.dtype == three[i].dtype && stored->tensor.dims == three[i].dims);
        ck_assert_int_eq(stored->count, thor_tensor_count(&three[i]));
        ck_assert_uint_eq((uintptr_t)stored->bytes % thor_dtype_size(three[i].dtype), 0);
        thor_stored_copy(stored, out);
        ck_assert_mem_eq(out, three[i].data, stored->size);
    }
    ck_assert_ptr_null(thor_safetensors_find(&file, "a"));
    thor_safetensors_close(&file);
    free(text);
    unlink(path);
}
END_TEST

/* The same bytes on every machine, little-endian and aligned. */
START_TEST(same_bytes)
{
    char *text, hex[65];
    size_t count;
    thor_sha256 hash;
    write_three(&text, &count);
    uint64_t header = thor_get64((const unsigned char *)text);
    ck_assert_uint_eq((header + 8) % 64, 0);
    ck_assert_uint_eq(count, header + 8 + 16 + 24 + 3);
    ck_assert_uint_eq(thor_get64((const unsigned char *)text + 8 + header + 8), UINT64_C(1) << 40);
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, text, count);
    thor_sha256_hex(&hash, hex);
    ck_assert_str_eq(hex, "b2931378eb84f914541b9f9cd3217329c2a0b18634701a6bcb6cebce5c9e70f6");
    free(text);
    unlink(path);
}
END_TEST

/* What opening these bytes says. */
static thor_status try_bytes(const char *text, size_t count, thor_error *error)
{
    thor_safetensors file;
    ck_assert_int_eq(thor_write_file(path, text, count, error), THOR_OK);
    thor_status status = thor_safetensors_open(&file, path, error);
    thor_safetensors_close(&file);
    return status;
}

START_TEST(truncated)
{
    char *text;
    size_t count;
    thor_error error;
    write_three(&text, &count);
    for (size_t length = 0; length < count; length++) {
        ck_assert_int_eq(try_bytes(text, length, &error), THOR_E_FORMAT);
        ck_assert_msg(strstr(error.text, path) == error.text, "%s", error.text);
    }
    free(text);
    unlink(path);
}
END_TEST

/* The name, type and shape of each tensor, as one string. */
static void describe(const thor_safetensors *file, char *text, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < file->count; i++) {
        const thor_tensor *t = &file->items[i].tensor;
        used += (size_t)snprintf(text + used, room - used, "%s %d", t->name, (int)t->dtype);
        for (int d = 0; d < t->dims; d++)
            used += (size_t)snprintf(text + used, room - used, " %lld", (long long)t->shape[d]);
        used += (size_t)snprintf(text + used, room - used, "\n");
    }
}

/* Is what differs between two headers inside one of the names? Such a file is another file, and a good one. */
static bool is_in_a_name(const char *text, size_t at)
{
    static const char *const names[] = { "b.masks", "a.weight", "c.longs" };
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(names[i]);
        for (size_t first = at < length ? 0 : at - length + 1; first <= at; first++)
            if (memcmp(text + first, names[i], length) == 0)
                return true;
    }
    return false;
}

/* Any byte of the header changed: refused, or the same tensors; a changed letter of a name is a name. */
START_TEST(corrupt)
{
    char *text, before[512], after[512];
    size_t count, refused = 0;
    thor_error error;
    thor_safetensors file;
    thor_rng rng = thor_rng_make(3, THOR_SITE_TEST, 0, 0);
    write_three(&text, &count);
    ck_assert_int_eq(thor_safetensors_open(&file, path, &error), THOR_OK);
    describe(&file, before, sizeof before);
    thor_safetensors_close(&file);
    for (size_t i = 0; i < count - 43; i++) {
        char old = text[i];
        bool name = is_in_a_name(text, i);
        text[i] = (char)thor_rng_word(&rng, i);
        ck_assert_int_eq(thor_write_file(path, text, count, &error), THOR_OK);
        thor_status status = thor_safetensors_open(&file, path, &error);
        ck_assert(status == THOR_OK || status == THOR_E_FORMAT);
        if (status == THOR_OK && !name) {
            describe(&file, after, sizeof after);
            ck_assert_msg(strcmp(before, after) == 0, "byte %zu: %d became %d: %s", i, old, text[i], after);
        }
        refused += status == THOR_E_FORMAT;
        thor_safetensors_close(&file);
        text[i] = old;
    }
    ck_assert_msg(refused > count / 2, "%zu of %zu files were refused", refused, count - 43);
    free(text);
    unlink(path);
}
END_TEST

static const struct {
    const char *header, *words;
} lies[] = {
    { "[]", "no JSON object" },
    { "{\"t\":3}", "dtype" },
    { "{\"t\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", "dtype" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "disagree" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "whole numbers" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", "whole numbers" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1],\"data_offsets\":[0,4]}}", "at most 5" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "two whole numbers" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "upwards" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", "upwards" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "truncated" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}", "disagree" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}", "disagree" },
    { "{\"t\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807],"
      "\"data_offsets\":[0,9223372036854775807]}}", "truncated" },
    { "{\"t\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", "belong to none" },
    { "{\"t\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", "does not begin" },
    { "{\"t\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
      "\"u\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
      "does not begin" },
    { "{\"t\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"t\":{}}", "duplicate" },
};

START_TEST(lies_are_seen)
{
    char text[1024] = { 0 };
    thor_error error = { .text = "" };
    size_t length = strlen(lies[_i].header);
    thor_put64((unsigned char *)text, length);
    memcpy(text + 8, lies[_i].header, length);
    ck_assert_int_eq(try_bytes(text, 8 + length + 4, &error), THOR_E_FORMAT);
    ck_assert_msg(strstr(error.text, lies[_i].words), "%s: %s", lies[_i].header, error.text);
    unlink(path);
}
END_TEST

START_TEST(refuses_to_write_twice)
{
    thor_tensor twice[] = { three[0], three[0] };
    thor_error error;
    ck_assert_int_eq(thor_safetensors_write(path, twice, 2, &error), THOR_E_FAILED);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(thor_safetensors_write("no/such/folder", three, 3, &error), THOR_E_IO);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, comes_back);
    tcase_add_test(tests, same_bytes);
    tcase_add_test(tests, truncated);
    tcase_add_test(tests, corrupt);
    tcase_add_loop_test(tests, lies_are_seen, 0, (int)(sizeof lies / sizeof *lies));
    tcase_add_test(tests, refuses_to_write_twice);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
