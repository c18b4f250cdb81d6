/* What a training wrote: metrics.jsonl and state.json. */
#include <stdio.h>
#include <string.h>

#include "file/metrics.h"
#include "file/state.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[1024];
    thor_metrics_history history;
    thor_state state;
    thor_error error;
    snprintf(folder, sizeof folder, "%s", fuzz_file("metrics.jsonl", data, size));
    *strrchr(folder, '/') = '\0';
    thor_metrics_read(&history, folder, &error);
    thor_metrics_free(&history);
    thor_state_read(&state, fuzz_file("state.json", data, size), &error);
    return 0;
}
