/* A prepared corpus with one file changed: opened with all checks, and with those of form alone, and read. */
#include "data/prepared.h"
#include "tests/fuzz/fuzz.h"

static int64_t read_all(const thor_prepared *corpus)
{
    int64_t sum = 0;
    for (int32_t pair = 0; pair < corpus->pair_count; pair++)
        for (int split = 0; split < THOR_SPLITS; split++)
            for (int64_t i = 0; i < 2 * corpus->pairs[pair].count[split]; i++) {
                int32_t count = 0;
                const int32_t *ids = thor_prepared_ids(corpus, pair, (thor_split)split, (int)(i % 2), i / 2, &count);
                for (int32_t k = 0; k < count; k++)
                    sum += ids[k];
            }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *folder = fuzz_folder("prepared", data, size);
    static const thor_prepared_check checks[] = { THOR_CHECK_CONTENT, THOR_CHECK_FORM };
    for (int i = 0; i < 2 && folder; i++) {
        thor_prepared corpus;
        thor_error error;
        if (thor_prepared_open(&corpus, folder, NULL, checks[i], &error) != THOR_OK)
            continue;
        volatile int64_t sum = read_all(&corpus);
        (void)sum;
        thor_prepared_close(&corpus);
    }
    return 0;
}
