/* How far two files of tensors are apart, tensor by tensor, where it begins, and what a near tie excuses. Ours is the
 * first file, theirs the second. */
#ifndef THOR_REPORT_COMPARE_H
#define THOR_REPORT_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/element.h"
#include "base/tensor_list.h"

/* --- compare_limits.c: what is allowed --- */

typedef enum thor_compare_kind {
    THOR_COMPARE_FORWARD,       /* batch, parameters before, masks, what layers return */
    THOR_COMPARE_LOSSES,        /* also what golden.json tells of each update */
    THOR_COMPARE_GRADIENTS,
    THOR_COMPARE_BACKWARD,      /* gradients with respect to what layers return */
    THOR_COMPARE_MOMENTS,
    THOR_COMPARE_AFTER,         /* parameters after steps */
    THOR_COMPARE_KINDS
} thor_compare_kind;

typedef struct thor_compare_limits {
    double rtol;                /* an element is out where |ours - theirs| > atol + rtol * max |ours| of its tensor */
    double norm;                /* a tensor is out where |ours - theirs|_2 > norm * |ours|_2; 0: not asked */
    double median;              /* and the median of these in a file is above this: then the largest are */
    double suspicious;          /* a tensor is suspicious where that norm is above this; 0: never */
    bool shown_only;            /* numbers say nothing here: only shapes and what is not finite are judged */
} thor_compare_limits;

typedef struct thor_compare_options {
    double atol;
    double tie;                 /* a choice that differs is a near tie where probabilities are as close as this */
    thor_compare_limits limits[THOR_COMPARE_KINDS];
    bool strict;                /* a tensor that only ours has is out */
} thor_compare_options;

/* "f32", "tf32", "f16", "bf16" and the long names. False for another name. */
bool thor_compare_precision(thor_compare_options *options, const char *name);

/* One bound for every number of every file, instead of those of a precision. */
void thor_compare_use_rtol(thor_compare_options *options, double rtol);

/* --- compare.c: one pair of files --- */

typedef struct thor_difference {
    char name[THOR_MAX_NAME];
    uint64_t order;             /* of computation */
    thor_dtype ours_type, theirs_type;
    int dims;
    int64_t shape[THOR_MAX_DIMS];
    int64_t at;                 /* element of the largest absolute difference */
    double ours, theirs;        /* there */
    double absolute;            /* the largest |ours - theirs|; infinity where one of them is not finite */
    double relative;            /* that over max |ours|; 0 where both are equal */
    double norm;                /* |ours - theirs|_2 / |ours|_2 */
    double ulp;                 /* |ours - theirs| at that element over the spacing of the coarser type there; NaN: ours
                                   is 0 */
    double most_ulp;            /* the largest of these, mostly of numbers near 0 */
    int64_t most_ulp_at;
    double excess;              /* the worst of what was measured over what is allowed: out of tolerance above 1 */
    int64_t differing;          /* elements that are not equal */
    bool out;
    bool suspicious;
    bool judged;                /* false: shown only */
    bool other_shape;           /* nothing was compared; `why` has both shapes */
    bool missing;               /* theirs has no such tensor (with `strict`) */
    int64_t ties, wrong;        /* choices of experts: rows that differ by a near tie, and the others */
    double gap;                 /* the widest of the near ties */
    int64_t excused;            /* elements that follow a near tie: only held to a coarse bound */
    int64_t padding, dirty;     /* elements behind the end of a sentence, left out; of them, not 0 in theirs */
    char why[200];              /* a shape, a pattern that was recognised */
} thor_difference;

typedef struct thor_comparison {
    thor_difference *items;     /* worst first */
    size_t count;
    char (*only_ours)[THOR_MAX_NAME], (*only_theirs)[THOR_MAX_NAME];
    size_t ours_count, theirs_count;
    size_t out, excused, shown, suspicious;     /* tensors */
    bool too_small;             /* gradients of few bits in a small batch: only what is out is judged */
    const char *why_shown;      /* why some are not judged */
    const thor_difference *first;               /* the first that is out in the order of computation, or NULL */
    const thor_difference *first_suspicious;
} thor_comparison;

/* What is known beside the two files, and what was found in those that came before: made with thor_judge_open, and
 * used for all files of a folder in the order of computation. */
typedef struct thor_judge thor_judge;

/* Free with thor_comparison_free after any result; it does not need the lists. */
thor_status thor_compare(thor_comparison *comparison, thor_judge *judge, thor_compare_kind kind,
                         const thor_tensor_list *ours, const thor_tensor_list *theirs, thor_error *error);
void thor_comparison_free(thor_comparison *comparison);

/* --- compare_judge.c: all files of a comparison --- */

/* From the configuration. */
typedef struct thor_compare_facts {
    double p;                   /* of top-p; 0: top-k */
    bool capacity, by_priority; /* experts take a limited number of rows; by the largest P of a row */
    bool predicted;             /* r is the embedding of the likeliest task */
    bool balance_sentences;     /* balance.task_over is `sentences` */
    bool small_eps;             /* Adam makes whole steps of rounding errors */
    bool pool_max;              /* the task reads the largest of a sentence's rows */
    bool tap_embedding;         /* and those of the embedding */
} thor_compare_facts;

/* `batch`, `initial` and `forward` are ours where they are known, else empty lists; all of them, and `options`, have to
 * outlive the judge. */
thor_status thor_judge_open(thor_judge **judge, const thor_compare_options *options, const thor_compare_facts *facts,
                            const thor_tensor_list *batch, const thor_tensor_list *initial,
                            const thor_tensor_list *forward, thor_error *error);
void thor_judge_free(thor_judge *judge);

/* Near ties so far, and where the first of them is ("" before). */
int64_t thor_judge_ties(const thor_judge *judge);
const char *thor_judge_first_tie(const thor_judge *judge);

/* --- compare_pattern.c --- */

/* A mistake that `theirs` shows plainly: a factor, a sign, swapped axes, another order of experts, rows that are moved
 * by one, a sum or a padded mean in the place of a mean over `length` [shape[0]] rows (or NULL). Writes a sentence to
 * `why`, or nothing. `tokens` of the target, 0: not known. */
void thor_compare_pattern(char *why, size_t room, const thor_tensor *ours, const thor_tensor *theirs,
                          const int64_t *length, int64_t tokens);

/* --- compare_table.c --- */

/* The table, at most `rows` of it, then notes, what stands on one side only, and the file's verdict. */
#define THOR_ALL_ROWS SIZE_MAX
enum { THOR_NO_ROWS = 0 };
thor_status thor_comparison_print(const thor_comparison *comparison, const thor_compare_options *options, size_t rows,
                                  FILE *stream, thor_error *error);

#endif
