#include "report/compare_judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAD = 1 };

static bool is_matrix(const thor_tensor *t, int64_t rows)
{
    return t && t->dims == 2 && (rows == 0 || t->shape[0] == rows) && thor_tensor_count(t) > 0 &&
           (t->dtype == THOR_I32 || t->dtype == THOR_I64);
}

static bool open_stack(thor_compare_stack *stack, const thor_tensor *tokens)
{
    int64_t B = tokens->shape[0], width = tokens->shape[1];
    stack->width = width;
    stack->length = calloc((size_t)B, sizeof *stack->length);
    stack->since = malloc((size_t)(B * width) * sizeof *stack->since);
    if (!stack->length || !stack->since)
        return false;
    for (int64_t row = 0; row < B * width; row++) {
        stack->since[row] = THOR_NO_TIE;
        stack->length[row / width] += thor_element(tokens, row) != PAD;
    }
    return true;
}

/* Without a batch, or with one that makes no sense, rows cannot be followed. */
static bool open_rows(thor_judge *judge)
{
    const thor_tensor *source = thor_tensor_list_find(judge->batch, "src_tokens");
    const thor_tensor *target = thor_tensor_list_find(judge->batch, "tgt_in");
    if (!is_matrix(source, 0) || !is_matrix(target, source->shape[0]))
        return true;
    judge->sentences = source->shape[0];
    judge->other_task = calloc((size_t)judge->sentences, sizeof *judge->other_task);
    if (!judge->other_task || !open_stack(&judge->stacks[0], source) || !open_stack(&judge->stacks[1], target))
        return false;
    for (int64_t b = 0; b < judge->sentences; b++)
        judge->tokens += judge->stacks[1].length[b];
    return true;
}

thor_status thor_judge_open(thor_judge **judge, const thor_compare_options *options, const thor_compare_facts *facts,
                            const thor_tensor_list *batch, const thor_tensor_list *initial,
                            const thor_tensor_list *forward, thor_error *error)
{
    thor_judge *j = calloc(1, sizeof *j);
    *judge = j;
    if (j) {
        j->options = options;
        j->facts = *facts;
        j->batch = batch;
        j->initial = initial;
        j->forward = forward;
        j->backward = j->maximum = UINT64_MAX;
    }
    if (j && open_rows(j))
        return THOR_OK;
    return thor_fail(error, THOR_E_MEMORY, "no memory to follow the rows of a batch");
}

void thor_judge_free(thor_judge *judge)
{
    if (!judge)
        return;
    for (int s = 0; s < 2; s++) {
        free(judge->stacks[s].length);
        free(judge->stacks[s].since);
    }
    free(judge->other_task);
    free(judge);
}

void thor_judge_add_tie(thor_judge *judge, const char *name, int dims, const int64_t *shape, int64_t at,
                        const char *what)
{
    char position[96];
    if (judge->ties++ == 0)
        snprintf(judge->first_tie, sizeof judge->first_tie, "%s %s%s", name,
                 thor_position_text(position, dims, shape, at), what);
}

/* The bounds were measured on batches of 50 target tokens and more. */
double thor_judge_small_batch(const thor_judge *judge)
{
    return judge->tokens == 0 ? 1 : fmax(1, sqrt(50 / (double)judge->tokens));
}

/* Between bounds that were measured (thor-gpu-check(7)): one row of n moves a gradient by about 1 / sqrt(n). */
static double coarse(const thor_judge *judge, double factor, double least, double most)
{
    if (judge->tokens == 0)
        return most;
    return fmin(most, fmax(least, factor * sqrt((double)judge->ties / (double)judge->tokens)));
}

double thor_judge_coarse_norm(const thor_judge *judge)
{
    return coarse(judge, 2, 0.4, 1);
}

double thor_judge_coarse_median(const thor_judge *judge)
{
    return coarse(judge, 0.5, 0.06, 0.25);
}

int64_t thor_judge_ties(const thor_judge *judge)
{
    return judge->ties;
}

const char *thor_judge_first_tie(const thor_judge *judge)
{
    return judge->first_tie;
}
