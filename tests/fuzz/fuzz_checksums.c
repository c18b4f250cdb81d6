/* A list of checksums. */
#include <stdio.h>
#include <string.h>

#include "file/checksums.h"
#include "tests/fuzz/fuzz.h"

static void visit(void *context, const char *name, const char *what)
{
    *(size_t *)context += name[0] != what[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[1024];
    size_t wrong = 0, seen = 0;
    thor_error error;
    thor_checksums sums;
    fuzz_file("a", "a", 1);
    fuzz_file("b", "bb", 2);
    const char *path = fuzz_file("SHA256SUMS", data, size);
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    thor_checksums_check(folder, visit, &seen, &wrong, &error);
    if (thor_checksums_open(&sums, folder, &error) == THOR_OK)
        thor_checksums_compare(&sums, "a", &error);
    thor_checksums_close(&sums);
    return 0;
}
