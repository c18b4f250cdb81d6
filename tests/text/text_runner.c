#include "tests/text/text_runner.h"

#include <stdio.h>
#include <string.h>

int text_run(TCase *tests, const char *name)
{
    Suite *suite = suite_create(name);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (failed)
        printf("again: SEED=%llu tests/text/check_%s\n", (unsigned long long)text_seed(), name);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

uint64_t text_seed(void)
{
    const char *seed = getenv("SEED");
    return seed ? strtoull(seed, NULL, 10) : 1;
}

uint64_t text_below(uint64_t *draw, uint64_t n)
{
    thor_rng rng = thor_rng_make(text_seed(), THOR_SITE_TEST, 0, 0);
    return thor_rng_below(&rng, (*draw)++, n);
}

thor_vocab *text_vocab(thor_model_type type, const char *const *pieces, const float *scores, size_t count)
{
    thor_bytes model = { .data = NULL };
    thor_spm_header header = { .type = type,
                               .vocab_size = (int32_t)count + 3,
                               .character_coverage = 1,
                               .longest_line = 4192,
                               .longest_piece = 16,
                               .split_by_script = true,
                               .split_by_number = true,
                               .split_by_blank = true };
    thor_spm_put_piece(&model, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_spm_put_piece(&model, "<s>", 3, 0, THOR_PIECE_CONTROL);
    thor_spm_put_piece(&model, "</s>", 4, 0, THOR_PIECE_CONTROL);
    for (size_t i = 0; i < count; i++)
        thor_spm_put_piece(&model, pieces[i], strlen(pieces[i]), scores ? scores[i] : -(float)i, THOR_PIECE_NORMAL);
    thor_spm_put_header(&model, &header);
    thor_vocab *vocab;
    thor_error error = { .text = "" };
    thor_status status = thor_vocab_parse(&vocab, model.data, model.count, "test.model", &error);
    ck_assert_msg(status == THOR_OK, "%s", error.text);
    free(model.data);
    return vocab;
}

char *text_pieces(const thor_vocab *vocab, const char *text)
{
    thor_bytes normal = { .data = NULL }, line = { .data = NULL };
    thor_segments segments = { .items = NULL };
    thor_error error = { .text = "" };
    thor_status status = thor_vocab_cut(vocab, text, strlen(text), &normal, &segments, &error);
    ck_assert_msg(status == THOR_OK, "%s", error.text);
    for (size_t i = 0; i < segments.count; i++) {
        const thor_segment *segment = &segments.items[i];
        if (i > 0)
            thor_bytes_add_byte(&line, ' ');
        thor_bytes_add(&line, normal.data + segment->start, segment->bytes);
        const thor_piece *piece = &thor_vocab_model(vocab)->pieces[segment->piece];
        if (piece->type == THOR_PIECE_NORMAL) {
            ck_assert_uint_eq(piece->bytes, segment->bytes);
            ck_assert_mem_eq(piece->text, normal.data + segment->start, segment->bytes);
        }
    }
    thor_bytes_add_byte(&line, 0);
    free(normal.data);
    free(segments.items);
    return line.data;
}
