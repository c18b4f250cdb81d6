/* What fuzz targets share. A target is a file fuzz_NAME.c with LLVMFuzzerTestOneInput: it reads one input as the
 * program would read a file, must neither crash nor leak, and may refuse it with an error. The programs are linked
 * with libFuzzer (configure --enable-fuzzing), with AFL++'s stand-in for it, or with tests/fuzz/replay.c, which
 * changes the inputs it is given in plain ways and so needs no fuzzer. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the bytes to a file of that name in a folder of this process's own, which goes when the process ends, and
 * returns its path, good until the process ends. */
const char *fuzz_file(const char *name, const void *data, size_t size);

/* A copy of the template folder `name` (THOR_FUZZ_SEEDS/templates/NAME, made by seeds.sh) in which one file has other
 * bytes: the first byte of the input says which, the others are its content. SHA256SUMS is made to fit, unless it is
 * the file itself. NULL: the input is too short. */
const char *fuzz_folder(const char *name, const uint8_t *data, size_t size);

/* A file of the templates, read once: bytes and their number. */
const void *fuzz_template(const char *name, size_t *size);

#endif
