/* Vectors that mixtures share, and what they hand back to them. */
#ifndef THOR_NN_SHARED_H
#define THOR_NN_SHARED_H

#include <stdint.h>

/* What the mixtures of a pass are given besides their rows. */
typedef struct thor_given {
    const int32_t *source_language, *target_language;   /* [B] */
    const float *vectors;               /* [B,d] one vector a sentence: r, the task representation; NULL: not used */
    const float *table;                 /* [table_rows,d] what the vectors are made of: U, or the languages' vectors */
    int64_t table_rows;
    const int32_t *group;               /* [table_rows] of a language: candidate experts of a sentence into it */
    const int32_t *family;              /* [table_rows] equal where two languages are related; NULL: no family loss */
} thor_given;

/* The gradients of one mixture for `vectors` and `table`; NULL: none. They stay in the mixture's memory until every
 * mixture has had its backward pass; then they are added in the order of the forward pass: encoder before decoder,
 * layers ascending. The first one is stored where nothing stands yet. No two stages of a mixture hand to the same of
 * the two. */
typedef struct thor_handed {
    float *vectors, *table;
} thor_handed;

#endif
