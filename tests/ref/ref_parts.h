/* The parts of the reference, for its own files. */
#ifndef REF_PARTS_H
#define REF_PARTS_H

#include "reference.h"

/* The rows of a stack: row b*width + t is there for t < length[b]. */
typedef struct ref_rows {
    int stack;                  /* 0 encoder, 1 decoder */
    const char *name;           /* "encoder", "decoder" */
    int64_t sentences, width;
    const int64_t *length;
} ref_rows;

/* Where a part stands: its stack's rows, its layer and the name in front of its arrays. */
typedef struct ref_place {
    const ref_rows *rows;
    int layer;
    char name[REF_NAME];
} ref_place;

/* kinds of dropout (thor-numerics(7)) */
enum { REF_EMBED = 1, REF_SELF_PROBS, REF_SELF, REF_CROSS_PROBS, REF_CROSS, REF_FFN_HIDDEN, REF_FFN, REF_EXPERT_HIDDEN,
       REF_EXPERT, REF_SHARED_HIDDEN, REF_SHARED };
enum { REF_EMBED_LAYER = 255 };

/* for each row: declares b, t and row */
#define REF_EACH_ROW(rows)                                                      \
    for (int64_t b = 0; b < (rows)->sentences; b++)                             \
        for (int64_t t = 0, row = b * (rows)->width; t < (rows)->length[b]; t++, row++)

int64_t ref_row_count(const ref_rows *rows);

/* Arrays named "<place>.<suffix>". */
double *ref_param(ref_run *run, const char *place, const char *suffix);
double *ref_value(ref_run *run, const char *place, const char *suffix, int dims, const int64_t *shape);
/* The decision of that name; *fixed tells whether it is to be followed or to be written. */
double *ref_decision(ref_run *run, const char *place, const char *suffix, int dims, const int64_t *shape, bool *fixed);

/* --- ref_layers.c --- */
/* What dropout multiplies element `index` of a site by: 0 or 1/(1-p); 1 where there is no dropout. */
double ref_keep(const ref_run *run, double p, int stack, int layer, int kind, int64_t index);
void ref_drop_rows(const ref_run *run, double *x, const ref_rows *rows, int64_t width, double p, int layer, int kind);
/* y[out] = W x (+ bias) */
void ref_linear(double *y, const double *x, const double *weight, const double *bias, int64_t in, int64_t out);
void ref_softmax(double *p, const double *z, int64_t n);
void ref_layer_norm(ref_run *run, double *y, const double *x, const ref_rows *rows, const char *name);
double *ref_embed(ref_run *run, const ref_rows *rows, const int32_t *tokens);
/* `kind` is that of the dropout after relu. */
void ref_ffn(ref_run *run, const ref_place *place, double *y, const double *x, int kind);

/* --- ref_attention.c --- */
/* y = o(attention(q(x), k(memory), v(memory))); causal where `memory` is `x`'s own decoder stack. */
void ref_attention(ref_run *run, const ref_place *place, double *y, const double *x, const double *memory,
                   const ref_rows *memory_rows, bool causal, int kind);

/* --- ref_task.c --- */
/* From the tapped rows x: task.probs, task.mixed, L_task. */
void ref_task(ref_run *run, const ref_rows *rows, const double *x);
/* Candidates of every sentence in this mixture, [B,E]; adds L_tb. All ones where there is no task router. */
const double *ref_task_router(ref_run *run, const ref_place *place);

/* --- ref_select.c --- */
/* The `k` largest of p as binary32, ties to the lowest index: chosen[e] = 1. Only where allowed[e] (NULL: everywhere).
 * order[c] is the c-th choice. Returns the gap between the last chosen and the first left out. */
double ref_largest(double *chosen, int64_t *order, const double *p, const double *allowed, int64_t n, int64_t k);
/* The shortest prefix in falling order whose running binary32 sum reaches `mass`. Returns the smallest distance to
 * another outcome. */
double ref_prefix(double *chosen, const double *p, const double *allowed, int64_t n, double mass);
/* Which choices find a place: `selected` and `probs` are [B,L,E]. Returns the smallest gap in the queue. */
double ref_capacity(double *kept, const double *selected, const double *probs, const ref_rows *rows,
                    const thor_config *config);

/* --- ref_mixture.c --- */
void ref_mixture(ref_run *run, const ref_place *place, double *y, const double *x);

/* --- ref_systems.c --- */
/* fixed: the two experts of each sentence's language on this side, [B,E]. */
const double *ref_owned_experts(ref_run *run, const ref_place *place);
/* t of every language, [languages,d]. */
const double *ref_language_vectors(ref_run *run);
/* Candidates of a language that `sentence` b translates into. */
int64_t ref_group(const ref_run *run, int64_t b);
/* A number for each language, equal in one family; a language of no line has its own. */
void ref_families(int64_t *family, const thor_config *config);
/* counted[a,j] of n languages with cosines s[a,j]: 1 for a positive, -1 for a negative, 0 where a pair does not count;
 * decided on binary32 numbers. */
void ref_count_pairs(double *counted, const double *s, const int64_t *family, int64_t n);
/* L_family of this mixture from t; which pairs count is a decision. */
void ref_family(ref_run *run, const ref_place *place, const double *t);
/* residual: y [B,L,d], the mixture's, becomes its blend with the shared network; adds L_budget. */
void ref_blend(ref_run *run, const ref_place *place, double *y, const double *x);

/* --- ref_losses.c --- */
double ref_balance(const double *share, const double *mean, int64_t experts);
void ref_token_losses(ref_run *run, const ref_place *place, const double *probs, const double *selected,
                      const double *first);
void ref_output(ref_run *run, const ref_rows *rows, const double *x);

#endif
