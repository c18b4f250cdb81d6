/* Inside the comparison: what a near tie changes, and what may be left out. */
#ifndef THOR_REPORT_COMPARE_JUDGE_H
#define THOR_REPORT_COMPARE_JUDGE_H

#include "report/compare.h"

enum { THOR_NO_TIE = INT32_MAX };

/* One stack's rows. Places in a stack are layer * 8 + phase (compare_flow.c). */
typedef struct thor_compare_stack {
    int64_t width;              /* S or T */
    int64_t *length;            /* [B] */
    int32_t *since;             /* [B * width]: the place from which on a row follows a near tie; THOR_NO_TIE */
} thor_compare_stack;

struct thor_judge {
    const thor_compare_options *options;
    thor_compare_facts facts;
    const thor_tensor_list *batch, *initial, *forward;
    int64_t sentences, tokens;  /* 0 where no batch is known */
    thor_compare_stack stacks[2];       /* encoder, decoder */
    bool *other_task;           /* [B]: r is that of another task, by a near tie */
    int64_t ties;
    char first_tie[THOR_MAX_NAME + 128];
    bool chosen;                /* a near tie of a choice: losses, gradients and all later depend on it */
    bool candidates_chosen;     /* one of candidates or of the task */
    uint64_t backward;          /* gradients of a higher order follow a unit of relu that went the other way */
    uint64_t maximum;           /* and these a row that is nearly the largest of its sentence */
    char maximum_at[128];       /* where; "" once it is counted */
};

/* What is done with an element. */
enum { THOR_JUDGED, THOR_EXCUSED, THOR_PADDING };

typedef struct thor_judged_pair {
    thor_judge *judge;
    thor_compare_kind kind;
    const thor_tensor_list *our_list, *their_list;
    const thor_tensor *ours, *theirs;
    thor_difference *difference;
    unsigned char *fate;        /* [elements] */
} thor_judged_pair;

/* Counts a near tie, and keeps where the first is. `what` stands behind the position; may be "". */
void thor_judge_add_tie(thor_judge *judge, const char *name, int dims, const int64_t *shape, int64_t at,
                        const char *what);

/* What bounds of gradients' norms are multiplied by: in a small batch one unit of relu weighs more. At least 1. */
double thor_judge_small_batch(const thor_judge *judge);
/* How far gradients may be off after near ties: the more rows of the batch took part, the further. Of a tensor's norm,
 * and of the median of a file's norms. */
double thor_judge_coarse_norm(const thor_judge *judge);
double thor_judge_coarse_median(const thor_judge *judge);

/* --- compare_pair.c --- */

/* Fills pair->difference; pair->fate is its own. */
thor_status thor_compare_pair(thor_judged_pair *pair, thor_error *error);

/* --- compare_flow.c --- */

/* Sets the fate of every element of a tensor of rows: padding, and what follows a near tie. */
void thor_flow_fates(const thor_judged_pair *pair);
/* From here on row `row` of the stack of `name` follows a near tie. */
void thor_flow_mark(thor_judge *judge, const char *name, int64_t row);
/* Is the row of that stack padding, or does it follow a near tie already, at the place of `name`? */
bool thor_flow_skips(const thor_judge *judge, const char *name, int64_t row);
/* 0 encoder, 1 decoder, -1 neither. */
int thor_flow_stack(const char *name);

/* --- compare_routing.c --- */

/* Judges `candidates` and `selected`: rows that differ become ties or wrong. The probabilities stand in our file. */
void thor_judge_choices(const thor_judged_pair *pair, const char *probabilities);
/* Before `gates` are compared: rows whose experts found a place on one side only, where a near tie explains it. */
void thor_judge_places(const thor_judged_pair *pair);
/* Before `task.mixed` is compared: sentences whose likeliest task is a near tie. */
void thor_judge_task(const thor_judged_pair *pair);

/* --- compare_relu.c --- */

/* Before gradients are compared: units of relu and of the maximum over a sentence that went the other way. */
void thor_judge_find_flips(thor_judge *judge, const thor_tensor_list *ours, const thor_tensor_list *theirs);
/* Something is excused: counts the maximum, where no other near tie explains it. */
void thor_judge_use_maximum(thor_judge *judge);
/* Excuses the row of such a unit in fc1.weight and fc1.bias. */
void thor_flip_fates(const thor_judged_pair *pair);

bool thor_name_ends(const char *name, const char *end);

#endif
