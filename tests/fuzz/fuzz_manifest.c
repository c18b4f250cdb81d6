/* A corpus's manifest. */
#include "cli/manifest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    thor_bitext corpus = { .pairs = NULL };
    thor_error error;
    thor_manifest_read(&corpus, fuzz_file("manifest.json", data, size), &error);
    thor_bitext_free(&corpus);
    return 0;
}
