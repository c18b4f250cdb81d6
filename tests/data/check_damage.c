/* Damaged files of every kind that is read: each is refused with a sentence or read, never trusted. A few in make
 * check, 5,000 of each with THOR_TEST_LONG=1; what the sanitizers say counts most (configure --enable-sanitizers). The
 * file that made a reader fail stays in scratch-damage-…. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "base/hash.h"
#include "base/rng.h"
#include "base/tensor_list.h"
#include "base/little_endian.h"
#include "data/format.h"
#include "file/config_json.h"
#include "file/golden_folder.h"
#include "file/safetensors.h"
#include "learn/learn.h"
#include "made_corpus.h"
#include "pieces/vocab.h"

enum { MOST_GROWTH = 64, MOST_KIB = 1 << 20 };

/* The address sanitizer asks for these: a size that a file claims is not to be taken on trust. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=1024:quarantine_size_mb=16";
}

static char scratch[64];
static thor_error error;

static void enter(void)
{
    snprintf(scratch, sizeof scratch, "scratch-damage-%ld", (long)getpid());
    ck_assert_msg(thor_make_folder(scratch, &error) == THOR_OK, "%s", error.text);
}

static void leave(void)
{
    ck_assert_int_eq(thor_remove_folder(scratch, &error), THOR_OK);
}

/* ---- damage ---- */

typedef struct damager {
    thor_rng rng;
    uint64_t drawn;
} damager;

static size_t draw(damager *d, size_t below)
{
    return below > 0 ? (size_t)thor_rng_below(&d->rng, d->drawn++, below) : 0;
}

static void flip_bits(damager *d, unsigned char *bytes, size_t count)
{
    for (size_t i = 1 + draw(d, 8); i > 0 && count > 0; i--)
        bytes[draw(d, count)] ^= (unsigned char)(1u << draw(d, 8));
}

/* A length, a count or an offset that stands somewhere: little-endian, of four or eight bytes. */
static void replace_length(damager *d, unsigned char *bytes, size_t count)
{
    static const uint64_t lengths[] = { 0, 1, 0x7f, 0xffff, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX, 1u << 30,
                                        UINT64_C(1) << 40, UINT64_C(1) << 62 };
    size_t width = draw(d, 2) ? 8 : 4;
    if (count < width)
        return;
    size_t at = draw(d, 4) ? draw(d, count - width + 1) : 0;
    uint64_t length = lengths[draw(d, sizeof lengths / sizeof *lengths)];
    if (width == 8)
        thor_put64(bytes + at, length);
    else
        thor_put32(bytes + at, (uint32_t)length);
}

/* The same where numbers are spelled: a digit becomes several. */
static size_t spell_length(damager *d, unsigned char *bytes, size_t count)
{
    static const char *const words[] = { "4294967296", "9223372036854775807", "18446744073709551616", "-1", "1e999", "",
                                         "0", "2147483647", "[", "\"" };
    const char *word = words[draw(d, sizeof words / sizeof *words)];
    size_t start = draw(d, count), length = strlen(word);
    for (size_t i = 0; i < count; i++) {
        size_t at = (start + i) % count;
        if (bytes[at] < '0' || bytes[at] > '9')
            continue;
        memmove(bytes + at + length, bytes + at + 1, count - at - 1);
        memcpy(bytes + at, word, length);
        return count - 1 + length;
    }
    return count;
}

/* A piece of the file stands a second time in another place. */
static size_t copy_slice(damager *d, unsigned char *bytes, size_t count)
{
    size_t length = 1 + draw(d, MOST_GROWTH - 1);
    if (count <= length)
        return count;
    size_t from = draw(d, count - length), to = draw(d, count);
    unsigned char slice[MOST_GROWTH];
    memcpy(slice, bytes + from, length);
    memmove(bytes + to + length, bytes + to, count - to);
    memcpy(bytes + to, slice, length);
    return count + length;
}

/* `bytes` has room for MOST_GROWTH more; returns the new count. */
static size_t damage(damager *d, unsigned char *bytes, size_t count)
{
    switch (draw(d, 5)) {
    case 0: flip_bits(d, bytes, count); return count;
    case 1: return draw(d, count);
    case 2: replace_length(d, bytes, count); return count;
    case 3: return count > 0 ? spell_length(d, bytes, count) : count;
    default: break;
    }
    return copy_slice(d, bytes, count);
}

/* ---- all of one kind ---- */

typedef thor_status read_one(const char *path, thor_error *failure);
/* Makes what vouches for the damaged bytes right again, so that what stands behind it is reached. NULL: nothing does.
 * Returns the new count. */
typedef size_t seal_bytes(unsigned char *bytes, size_t count);

static void write_bytes(const char *path, const unsigned char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    ck_assert_int_eq(fclose(file), 0);
}

static void try_all(const char *path, read_one *read, seal_bytes *seal, uint32_t kind)
{
    const char *wish = getenv("THOR_TEST_LONG");
    int times = wish && strcmp(wish, "1") == 0 ? 5000 : 150, refused = 0;
    char *whole;
    size_t count;
    struct rusage used;
    ck_assert_msg(thor_read_file(path, 1 << 24, &whole, &count, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(read(path, &error) == THOR_OK, "undamaged: %s", error.text);
    unsigned char *bytes = malloc(count + 4 * MOST_GROWTH + 128);
    damager d = { .rng = thor_rng_make(1, THOR_SITE_TEST, kind, 0) };
    for (int i = 0; i < times; i++) {
        memcpy(bytes, whole, count);
        size_t damaged = damage(&d, bytes, count);
        if (seal && draw(&d, 8) > 0)
            damaged = seal(bytes, damaged);
        write_bytes(path, bytes, damaged);
        thor_error failure = { .text = "" };
        thor_status status = read(path, &failure);
        refused += status != THOR_OK;
        ck_assert_msg(status == THOR_OK || failure.text[0], "%s, damage %d: no sentence for error %d", path, i, status);
        ck_assert_msg(status != THOR_E_MEMORY, "%s, damage %d: %s", path, i, failure.text);
    }
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &used), 0);
    ck_assert_msg(used.ru_maxrss < MOST_KIB, "%ld KiB for reading %s", used.ru_maxrss, path);
    ck_assert_msg(refused > times / 4, "%s: only %d of %d damaged files were refused", path, refused, times);
    write_bytes(path, (const unsigned char *)whole, count);
    free(bytes);
    free(whole);
}

/* ---- .model ---- */

static thor_status read_model(const char *path, thor_error *failure)
{
    static const char line[] = "the  house \xef\xbc\xa1 is 1234 big\xe2\x80\x8b <unk> x";
    thor_vocab *vocab;
    thor_ids ids = { .ids = NULL };
    char *text = NULL;
    THOR_TRY(thor_vocab_open(&vocab, path, failure));
    thor_status status = thor_vocab_encode(vocab, line, sizeof line - 1, &ids, failure);
    if (status == THOR_OK)
        status = thor_vocab_decode(vocab, ids.ids, ids.count, &text, failure);
    free(text);
    free(ids.ids);
    thor_vocab_close(vocab);
    return status;
}

START_TEST(models)
{
    static const char text[] = "the house is small\nthe houses are bigger\na big house is 12 m wide\n";
    static const char *const types[] = { "bpe", "unigram" };
    char path[128], text_path[128];
    const char *paths[] = { text_path };
    snprintf(text_path, sizeof text_path, "%s/text", scratch);
    write_bytes(text_path, (const unsigned char *)text, sizeof text - 1);
    thor_learn_options options = thor_learn_defaults();
    thor_bytes model = { .data = NULL };
    options.type = _i ? THOR_UNIGRAM : THOR_BPE;
    options.pieces = 330;
    options.byte_fallback = true;
    options.normalization = _i ? "nfkc" : "identity";
    ck_assert_msg(thor_learn_files(&options, paths, 1, &model, NULL, &error) == THOR_OK, "%s", error.text);
    snprintf(path, sizeof path, "%s/%s.model", scratch, types[_i]);
    write_bytes(path, (const unsigned char *)model.data, model.count);
    free(model.data);
    try_all(path, read_model, NULL, (uint32_t)_i);
}
END_TEST

/* ---- safetensors ---- */

static thor_status read_tensors(const char *path, thor_error *failure)
{
    thor_tensor_list list = { .items = NULL };
    thor_status status = thor_tensor_list_read(&list, path, failure);
    thor_tensor_list_free(&list);
    return status;
}

START_TEST(tensors)
{
    static float numbers[24];
    static int32_t places[6];
    const thor_tensor items[] = {
        { .name = "a.weight", .dtype = THOR_F32, .dims = 2, .shape = { 4, 6 }, .data = numbers },
        { .name = "b", .dtype = THOR_I32, .dims = 1, .shape = { 6 }, .data = places },
        { .name = "none", .dtype = THOR_F32, .dims = 1, .shape = { 0 }, .data = numbers },
    };
    char path[128];
    snprintf(path, sizeof path, "%s/x.safetensors", scratch);
    ck_assert_msg(thor_safetensors_write(path, items, 3, &error) == THOR_OK, "%s", error.text);
    try_all(path, read_tensors, NULL, 2);
}
END_TEST

/* ---- config.json ---- */

static thor_status read_config(const char *path, thor_error *failure)
{
    thor_config config;
    thor_status status = thor_config_read_written(&config, path, failure);
    if (status == THOR_OK)
        thor_config_free(&config);
    return status;
}

START_TEST(configurations)
{
    thor_config config;
    char path[128], *text;
    ck_assert_msg(thor_config_recipe(&config, "thor-top2", &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_config_set(&config, "languages=de,en,fr", &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_config_text(&text, &config, "0.0", &error) == THOR_OK, "%s", error.text);
    snprintf(path, sizeof path, "%s/config.json", scratch);
    write_bytes(path, (const unsigned char *)text, strlen(text));
    free(text);
    thor_config_free(&config);
    try_all(path, read_config, NULL, 3);
}
END_TEST

/* ---- corpus.index ---- */

static thor_status read_index(const char *path, thor_error *failure)
{
    char folder[128];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    thor_prepared prepared;
    thor_status status = thor_prepared_open(&prepared, folder, NULL, THOR_CHECK_CONTENT, failure);
    int64_t sum = 0;
    for (int32_t pair = 0; status == THOR_OK && pair < prepared.pair_count; pair++)
        for (int split = 0; split < THOR_SPLITS; split++)
            for (int64_t i = 0; i < prepared.pairs[pair].count[split]; i++)
                for (int side = 0; side < 2; side++) {
                    int32_t count;
                    const int32_t *ids = thor_prepared_ids(&prepared, pair, (thor_split)split, side, i, &count);
                    sum += count > 0 ? ids[count - 1] : 0;
                }
    thor_prepared_close(&prepared);
    ck_assert_int_ge(sum, 0);
    return status;
}

/* The last line anew: the checksum of what stands above it. */
static size_t seal_index(unsigned char *bytes, size_t count)
{
    char hex[65];
    thor_sha256 hash;
    size_t end = count;
    while (end > 0 && bytes[end - 1] != '\n')
        end--;
    if (end == count && end > 0)
        for (end--; end > 0 && bytes[end - 1] != '\n';)
            end--;
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, bytes, end);
    thor_sha256_hex(&hash, hex);
    return end + (size_t)sprintf((char *)bytes + end, "end\t%s\n", hex);
}

START_TEST(indices)
{
    static const int64_t counts[][THOR_SPLITS] = { { 5, 2, 1 }, { 3, 0, 2 } };
    char folder[128], path[192];
    snprintf(folder, sizeof folder, "%s/corpus", scratch);
    make_corpus(folder, 2, counts, 6, true);
    snprintf(path, sizeof path, "%s/%s", folder, THOR_DATA_INDEX);
    try_all(path, read_index, seal_index, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("damage");
    TCase *tests = tcase_create("damage");
    tcase_set_timeout(tests, 1200);
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_add_loop_test(tests, models, 0, 2);
    tcase_add_test(tests, tensors);
    tcase_add_test(tests, configurations);
    tcase_add_test(tests, indices);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
