/* A precompiled character map on its own, which inside a model a fuzzer seldom reaches: the first half of the input is
 * the map, the other half the text. */
#include "pieces/normalize.h"
#include "text/unicode.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t half = size > 1 ? 1 + (size - 1) * (1 + (size_t)(data[0] & 7)) / 9 : size;
    const char *text = (const char *)data + half;
    thor_error error;
    for (int rules = 0; rules < 16 && size > 1; rules++) {
        thor_normal_rules normal = { .add_dummy_prefix = rules & 1, .remove_extra_blanks = rules & 2,
                                     .escape_blanks = rules & 4, .blank_as_suffix = rules & 8, .charsmap = data + 1,
                                     .charsmap_bytes = half - 1 };
        thor_bytes out = { .data = NULL };
        if (thor_normal_check(&normal, "fuzz", &error) == THOR_OK)
            thor_normalize(&normal, NULL, text, thor_unicode_check(text, size - half), &out);
        thor_bytes_free(&out);
    }
    return 0;
}
