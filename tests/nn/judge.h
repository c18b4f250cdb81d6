/* One layer on trial: its values against plain double precision, its gradients against the tape of tests/ref, the tape
 * against central differences along random directions, and its bits against every kernel table and number of threads.
 *
 * A trial's numbers are drawn from one seed; a failure prints the line that draws them again (THOR_TEST_SEED). */
#ifndef TESTS_NN_JUDGE_H
#define TESTS_NN_JUDGE_H

#include <check.h>

#include "nn/nn.h"
#include "tests/ref/ref_tape.h"

enum { JUDGE_ARRAYS = 32, JUDGE_BLOCKS = 4096 };

/* Something that the layer reads: parameters, or values of rows. */
typedef struct judge_array {
    const char *name;
    int64_t count;
    double middle, spread;      /* values are drawn from middle ± spread */
    float *x;
    float *d;                   /* the layer's gradient */
    ref_var *v;
} judge_array;

typedef struct judge_layer judge_layer;
struct judge_layer {
    const char *name;
    const void *context;        /* the test's own */
    judge_array in[JUDGE_ARRAYS];
    int inputs;
    int64_t outputs;
    float *y, *d_y;             /* [outputs]: y is the layer's, d_y is drawn */
    /* y from in[].v */
    void (*oracle)(judge_layer *layer, ref_tape *tape, ref_var *y);
    /* y, in[].d from in[].x, d_y */
    void (*run)(judge_layer *layer, const thor_compute *compute);
    double value_error, gradient_error;     /* allowed, in units of an array's largest; 0: 2e-6 and 1e-5 */
    int gradient_zero;          /* an input (never the first) whose gradient is 0 in real numbers: within 1e-5 of it */
    void *blocks[JUDGE_BLOCKS];
    int block_count;
};

/* An array that the layer reads; returns its number. */
int judge_add(judge_layer *layer, const char *name, int64_t count, double middle, double spread);
/* Memory until judge_close. */
void *judge_take(judge_layer *layer, int64_t count, size_t size);
#define JUDGE_TAKE(layer, type, count) ((type *)judge_take((layer), (count), sizeof(type)))
/* Everything at once; ends the test where something is wrong. */
void judge_try(judge_layer *layer);
void judge_close(judge_layer *layer);
/* Gives back what was taken since block_count was `mark`. */
void judge_give_back(judge_layer *layer, int mark);

/* THOR_TEST_SEED, or 1. */
uint64_t judge_seed(void);
/* Uniform in -1 … 1 from the seed; `site` tells uses apart. */
void judge_draw(float *x, int64_t count, double middle, double spread, uint32_t site);

/* Sentences of the given lengths. */
thor_packing judge_packing(judge_layer *layer, const int64_t *lengths, int64_t sentences);
/* Scratch for R rows of width d, `wide` rows of F, `assigned` rows of d, E experts; none for attention's squares. */
thor_scratch judge_scratch(judge_layer *layer, int64_t R, int64_t d, int64_t wide, int64_t F, int64_t assigned,
                           int64_t E);
/* Dropout with masks for `count` values. */
thor_dropout judge_dropout(judge_layer *layer, double rate, int64_t count);
/* What element `index` of its padded array is multiplied by: 0 or 1/(1-p); 1 without masks. */
double judge_kept(const thor_dropout *dropout, int64_t index);

thor_matrix judge_matrix(const judge_layer *layer, int which, int64_t rows, int64_t columns);
thor_linear judge_linear(const judge_layer *layer, int weight, int bias, int64_t rows, int64_t columns);

/* y[R,out] = W x (+ b) on the tape; b NULL: none. */
void judge_linear_oracle(ref_tape *tape, ref_var *y, const ref_var *x, const ref_var *W, const ref_var *b, int64_t R,
                         int64_t in, int64_t out);

/* Runs the suite of one case; EXIT_SUCCESS or EXIT_FAILURE. */
int judge_main(TCase *cases);

#endif
