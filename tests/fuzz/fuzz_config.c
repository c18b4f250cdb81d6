/* A configuration: what is accepted can be written, and read again to the same text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/config_json.h"
#include "tests/fuzz/fuzz.h"

static void read_again(const thor_config *config)
{
    char *first = NULL, *second = NULL;
    thor_config again;
    thor_error error;
    if (thor_config_text(&first, config, NULL, &error) != THOR_OK)
        return;
    if (thor_config_parse(&again, first, strlen(first), "again", &error) != THOR_OK ||
        thor_config_text(&second, &again, NULL, &error) != THOR_OK || strcmp(first, second) != 0) {
        fprintf(stderr, "what was written is not read again: %s\n", first);
        abort();
    }
    thor_config_free(&again);
    free(first);
    free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    thor_config config;
    thor_error error;
    if (thor_config_parse(&config, (const char *)data, size, "fuzz", &error) != THOR_OK)
        return 0;
    read_again(&config);
    thor_config_free(&config);
    return 0;
}
