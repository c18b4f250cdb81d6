/* A table of directions; the files that it may name are the input itself. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/score_table.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    thor_score_job job = { .metric_count = 1 };
    thor_score_table table = { .job = &job };
    thor_averages averages;
    thor_error error;
    job.metrics[0] = (thor_metric){ .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    fuzz_file("h", "a b c\n", 6);
    fuzz_file("r", "a b d\n", 6);
    char folder[1024];
    const char *path = fuzz_file("table", data, size);
    snprintf(folder, sizeof folder, "%.*s", (int)(size_t)(strlen(path) - 5), path);
    int back = open(".", O_RDONLY);
    if (back < 0 || chdir(folder) != 0)
        exit(2);
    if (thor_score_table_read(&table, "table", &error) == THOR_OK)
        for (int side = 0; side <= THOR_SCORE_ALL; side++)
            thor_score_table_means(&table, 0, (thor_score_side)side, &averages, &error);
    thor_score_table_free(&table);
    if (fchdir(back) != 0)
        exit(2);
    close(back);
    return 0;
}
