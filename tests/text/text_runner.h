/* What every test program of text, pieces and learn starts with. */
#ifndef TESTS_TEXT_RUNNER_H
#define TESTS_TEXT_RUNNER_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/rng.h"
#include "pieces/vocab_text.h"

/* Runs one case of tests and returns main's exit code. */
int text_run(TCase *tests, const char *name);

/* SEED from the environment, or 1. */
uint64_t text_seed(void);

/* The next number below n of a test's own stream. */
uint64_t text_below(uint64_t *draw, uint64_t n);

/* A vocabulary of these pieces behind <unk>, <s>, </s>; scores[i] belongs to pieces[i], NULL: 0, -1, -2 … */
thor_vocab *text_vocab(thor_model_type type, const char *const *pieces, const float *scores, size_t count);

/* The pieces of a text, joined by blanks; unknown ones as their text. The caller frees it. */
char *text_pieces(const thor_vocab *vocab, const char *text);

#endif
