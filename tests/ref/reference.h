/* The judge: the whole model in double precision, written from the specification alone with obvious loops over padded
 * arrays [B][L][...]. It shares no line with src/nn and src/model; of the program it uses the structs of
 * configuration and batch, and Philox for the dropout masks.
 *
 * Everything that a forward pass decides (selections, kept places, signs under relu, maxima of the pooling) goes
 * through a table of decisions: what stands there is followed, what does not is decided and written there. A second
 * pass with the same table is therefore a smooth function of the parameters, and its differences are the gradients
 * that training is meant to follow.
 *
 * Misuse (a missing array, no memory) ends the test with a sentence: this code never meets a user's input. */
#ifndef REF_REFERENCE_H
#define REF_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/batch.h"
#include "model/config.h"

enum { REF_NAME = 96, REF_DIMS = 5 };

/* --- named arrays (ref_table.c) --- */

typedef struct ref_array {
    char name[REF_NAME];
    int dims;
    int64_t shape[REF_DIMS], count;
    double *data;
} ref_array;

typedef struct ref_table {
    ref_array **items;
    int count, room;
    int next;               /* where the following look-up starts: passes ask in the same order again and again */
} ref_table;

/* The array, or NULL. */
ref_array *ref_find(ref_table *table, const char *name);
/* The array's elements; ends the test where the name is unknown. */
double *ref_get(ref_table *table, const char *name);
/* The array of this name and shape with all elements 0; made when it is not there. `shape` has `dims` sizes. */
double *ref_put(ref_table *table, const char *name, int dims, const int64_t *shape);
/* "place.suffix" in `name`. */
const char *ref_join(char name[REF_NAME], const char *place, const char *suffix);
void ref_table_free(ref_table *table);
/* Ends the test with a sentence. */
_Noreturn void ref_die(const char *format, ...) THOR_PRINTF(1, 2);
void *ref_alloc(int64_t count, size_t size);

#define REF_SHAPE(...) (const int64_t[]){ __VA_ARGS__ }

/* --- batch and options --- */

typedef struct ref_batch {
    int64_t sentences, source_width, target_width;          /* B, S, T: padded on the right */
    int64_t *source_length, *target_length;                 /* [B] */
    int32_t *source, *target_in, *target_out;               /* [B,S], [B,T], [B,T]; padding is id 1 */
    int32_t *source_language, *target_language, *task_label;/* [B] */
} ref_batch;

typedef struct ref_options {
    bool training;
    uint64_t seed;
    uint32_t step, shard;       /* for the masks */
    int32_t shards;             /* S */
    int64_t step_tokens;        /* target tokens of all shards; 0: this batch is the whole step */
    int64_t group[3];           /* candidates of a target language of the class high, medium, low; 0: task.candidates */
} ref_options;

typedef struct ref_losses {
    int64_t tokens, task_right, routed_rows, chosen_experts, dropped;
    double nll_sum, smooth_sum;
    double task, task_balance, token_balance, dynamic, budget, family;  /* before their weights, summed over mixtures */
    double total;
} ref_losses;

/* One forward pass. `params` has the names and shapes of thor-model(7). */
typedef struct ref_run {
    const thor_config *config;
    const ref_batch *batch;
    ref_options options;
    ref_table *params;
    ref_table decisions;        /* followed where present, written where not */
    ref_table values;           /* every activation, under golden folders' names where they have one; zero at padding */
    ref_losses losses;
} ref_run;

void ref_forward(ref_run *run);
void ref_run_free(ref_run *run);

/* --- what follows from a configuration (ref_parameters.c) --- */

bool ref_is_mixture(const thor_config *config, int layer);
bool ref_has_predictor(const thor_config *config);
bool ref_has_task_router(const thor_config *config);
bool ref_has_context(const thor_config *config);
bool ref_has_languages(const thor_config *config);              /* language.embedding */
/* Whether this stack's routers read the target language's row of it and not the rows. */
bool ref_reads_language(const thor_config *config, int stack);
int64_t ref_tasks(const thor_config *config);
int64_t ref_candidates(const thor_config *config);             /* E' of the capacity: E where there are none */

/* Every parameter of a configuration with zeros, in the order of thor-model(7). */
void ref_parameters_list(ref_table *params, const thor_config *config);
/* Values that leave nothing at a special point: norms around 1, biases off 0, lively routers; each exactly a
 * binary32. */
void ref_parameters_invent(ref_table *params, uint64_t seed);

/* --- central differences (ref_difference.c) --- */

/* dL/d element by (L(p+h) - L(p-h)) / 2h with the run's decisions held. */
double ref_difference(ref_run *run, double *element, double h);

typedef struct ref_verdict {
    int64_t compared;
    double worst;               /* |ours - expected| / (allowed error) of the worst element */
    char text[512];             /* tensor, index, ours, expected */
} ref_verdict;

/* Compares `gradient` (shape of the parameter) with differences at up to `most` elements (0: all), chosen by `seed`.
 * Allowed is relative * (largest |expected| of the compared) + absolute. Keeps the worst in `verdict`. */
void ref_compare_gradient(ref_run *run, ref_array *param, const float *gradient, int64_t most, uint64_t seed,
                          double relative, double absolute, ref_verdict *verdict);

#endif
