/* A command line, a word a line, through a table with options of every kind. */
#include <stdlib.h>
#include <string.h>

#include "cli/opt.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_WORDS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool flag = false, help = false;
    const char *text = NULL;
    int64_t integer = 0;
    double number = 0;
    thor_opt_list list = { .items = NULL }, operands = { .items = NULL };
    const thor_opt options[] = {
        { "flag", 'f', THOR_OPT_FLAG, &flag, NULL, "a flag", 0, 0 },
        { "text", 't', THOR_OPT_TEXT, &text, "TEXT", "a text", 0, 0 },
        { "integer", 'i', THOR_OPT_INTEGER, &integer, "N", "a whole number", -5, 1e6 },
        { "number", 'n', THOR_OPT_NUMBER, &number, "X", "a number", 0, 1 },
        { "list", 'l', THOR_OPT_LIST, &list, "ITEM", "a list", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 } };
    char *words = malloc(size + 1), *argv[MOST_WORDS + 1] = { "fuzz" };
    int argc = 1;
    thor_error error;
    memcpy(words, data, size);
    words[size] = '\0';
    for (char *word = words; word && argc < MOST_WORDS;) {
        char *newline = strchr(word, '\n');
        if (newline)
            *newline++ = '\0';
        argv[argc++] = word;
        word = newline;
    }
    if (thor_opt_parse(options, argc, argv, &operands, &help, &error) == THOR_OK && !help &&
        (integer < -5 || integer > 1000000 || number < 0 || number > 1))
        abort();
    thor_opt_list_free(&list);
    thor_opt_list_free(&operands);
    free(words);
    return 0;
}
