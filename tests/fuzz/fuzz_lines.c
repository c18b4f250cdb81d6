/* A text file, plain or compressed, as prepare and vocab train read it, and as translate reads it. */
#include "decode/line_input.h"
#include "tests/fuzz/fuzz.h"
#include "text/lines.h"

static thor_status take(void *context, const thor_lines *lines, const char *text, size_t count, thor_error *error)
{
    (void)error;
    for (size_t i = 0; i < count; i++)
        *(size_t *)context += (unsigned char)text[i];
    *(size_t *)context += (size_t)lines->number;
    return THOR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("lines", data, size);
    size_t sum = 0;
    thor_error error;
    thor_lines_each(path, take, &sum, &error);
    for (int replace = 0; replace < 2; replace++) {
        thor_line_input input;
        thor_line_chunk chunk = { .lines = NULL };
        if (thor_line_input_open(&input, path, replace, &error) == THOR_OK)
            while (thor_line_input_read(&input, &chunk, 7, &error) == THOR_OK && chunk.count > 0)
                sum += chunk.count;
        thor_line_input_close(&input);
        thor_line_chunk_free(&chunk);
    }
    return 0;
}
