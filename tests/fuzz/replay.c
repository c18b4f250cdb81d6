/* Runs a target on files, and on changed forms of them, without a fuzzer: fuzz_NAME [-runs=N] [-seed=N] FILE …
 * With N > 0 every file is also tried in N forms: bits turned, bytes set, cut off, left out, repeated, filled with
 * numbers that sizes like to be. The same seed makes the same forms. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "tests/fuzz/fuzz.h"

static uint32_t state = 1;
static const char *running;             /* what a crash names */
static long long form;

static uint32_t draw(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return n ? (state >> 8) % n : 0;
}

static void put_number(uint8_t *at, size_t room)
{
    static const uint64_t numbers[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                        0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff };
    uint64_t number = numbers[draw(sizeof numbers / sizeof *numbers)];
    size_t width = (size_t)1 << draw(4);
    for (size_t i = 0; i < width && i < room; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

/* One change; returns the new size. `data` has room for twice the bytes. */
static size_t change(uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t at = draw((uint32_t)size), length = 1 + draw((uint32_t)(size - at));
    switch (draw(8)) {
    case 0:
        data[at] ^= (uint8_t)(1u << draw(8));
        return size;
    case 1:
        data[at] = (uint8_t)draw(256);
        return size;
    case 2:
        return at;
    case 3:
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 4:
        length = length < 64 ? length : 64;
        memmove(data + at + length, data + at, size - at);
        return size + length;
    case 5:
        put_number(data + at, size - at);
        return size;
    case 6:
        memset(data + at, (int)draw(256), length < 16 ? length : 16);
        return size;
    default:
        data[at] = (uint8_t)"\"{}[]:,.-0919eE\n\t /\\"[draw(19)];
        return size;
    }
}

static void on_signal(int number)
{
    char text[512];
    int length = snprintf(text, sizeof text, "replay: signal %d in form %lld of %s\n", number, form, running);
    if (length > 0 && write(2, text, (size_t)length) < 0)
        _exit(2);
    signal(number, SIG_DFL);
    raise(number);
}

static void replay(const char *path, long long runs)
{
    char *bytes;
    size_t count;
    thor_error error;
    if (thor_read_file(path, 1 << 28, &bytes, &count, &error) != THOR_OK) {
        fprintf(stderr, "replay: %s\n", error.text);
        exit(2);
    }
    uint8_t *data = malloc(2 * count + 4096);
    if (!data)
        exit(2);
    running = path;
    for (form = 0; form <= runs; form++) {
        size_t size = count;
        memcpy(data, bytes, count);
        for (uint32_t changes = form ? 1 + draw(4) : 0; changes > 0 && size <= 2 * count + 4096 - 64; changes--)
            size = change(data, size);
        uint8_t *exact = malloc(size ? size : 1);       /* so that a sanitizer sees its end */
        if (!exact)
            exit(2);
        memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    free(data);
    free(bytes);
}

int main(int argc, char **argv)
{
    long long runs = 0, tried = 0;
    static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], on_signal);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0) {
            runs = atoll(argv[i] + 6);
        } else if (strncmp(argv[i], "-seed=", 6) == 0) {
            state = (uint32_t)atoll(argv[i] + 6);
        } else if (argv[i][0] != '-') {
            replay(argv[i], runs);
            tried += runs + 1;
        }
    }
    printf("%s: %lld inputs\n", argv[0], tried);
    return 0;
}
