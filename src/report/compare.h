/* How far two files of tensors are apart, tensor by tensor, and where it begins. Ours is the first file, theirs the
 * second. */
#ifndef THOR_REPORT_COMPARE_H
#define THOR_REPORT_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/element.h"
#include "base/tensor_list.h"

typedef struct thor_compare_options {
    double atol, rtol;          /* an element is out where |ours - theirs| > atol + rtol * max |ours| of its tensor */
    double tie;                 /* a choice of experts that differs is a near tie where the gap is at most this */
    double p;                   /* of top-p; 0: the choices are top-k's */
    bool skip_key_bias;         /* *.k.bias is shown but not judged: parameters after steps with a small eps */
    bool only_show;             /* nothing is judged */
} thor_compare_options;

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
    double ulp;                 /* |ours - theirs| at that element over the spacing of the coarser type there */
    double most_ulp;            /* the largest of these, mostly of numbers near 0 */
    int64_t most_ulp_at;
    double excess;              /* absolute over what is allowed: out of tolerance above 1 */
    int64_t differing;          /* elements that are not equal */
    bool out;
    bool judged;                /* false: shown only */
    bool other_shape;           /* nothing was compared; `why` has both shapes */
    int64_t ties, wrong;        /* choices of experts: rows that differ by a near tie, and the others */
    double gap;                 /* the widest of the near ties */
    int64_t tainted;            /* elements left out, because a near tie before them chose other experts */
    char why[160];
} thor_difference;

typedef struct thor_comparison {
    thor_difference *items;     /* worst first */
    size_t count;
    const char **only_ours, **only_theirs;      /* names, pointing into the lists */
    size_t ours_count, theirs_count;
    size_t out;                 /* how many are out of tolerance or have another shape */
    const thor_difference *first;               /* the first of those in the order of computation, or NULL */
} thor_comparison;

/* Free with thor_comparison_free after any result; the lists have to outlive it. */
thor_status thor_compare(thor_comparison *comparison, const thor_tensor_list *ours, const thor_tensor_list *theirs,
                         const thor_compare_options *options, thor_error *error);
void thor_comparison_free(thor_comparison *comparison);

/* "[0, 3, 17]" of an element; "" for a scalar. Returns `text`. */
const char *thor_position_text(char text[96], int dims, const int64_t *shape, int64_t at);

/* The table, at most `rows` of it (0: all), what stands on one side only, and the verdict. */
thor_status thor_comparison_print(const thor_comparison *comparison, const thor_compare_options *options, size_t rows,
                                  FILE *stream, thor_error *error);

/* --- compare_routing.c --- */

/* Sentences whose later numbers follow another, equally good choice of experts. */
typedef struct thor_taint {
    bool *sentences;            /* [B] */
    int64_t count;              /* B; 0 before the first near tie */
} thor_taint;

/* Judges `selected` or `candidates` (0 or 1 for each expert) of both sides: rows that differ become ties or wrong in
 * `difference`, and their sentences are tainted. The probabilities they were chosen by are NULL where a file has not
 * got them: then nothing is a tie. */
thor_status thor_compare_choices(thor_difference *difference, thor_taint *taint, const thor_tensor *ours,
                                 const thor_tensor *theirs, const thor_tensor *our_probs,
                                 const thor_tensor *their_probs, const thor_compare_options *options,
                                 thor_error *error);

#endif
