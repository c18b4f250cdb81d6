/* Experts that were chosen differently: a near tie, or a wrong choice?
 *
 *   gap of a row    by how much our probabilities would have to be off for their choice to be the right one: the
 *                   largest that was left out over the smallest that was taken; under top-k their number has to be k,
 *                   under top-p the sum misses p, or reaches it without the smallest
 *   of a place      with a capacity, the priorities of a row that found a place and of one that lost it */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare_judge.h"
#include "report/golden_order.h"

typedef struct {
    const thor_tensor *ours, *theirs, *probs;
    int64_t E;
    double p;                   /* 0: as many as ours */
} choices;

static bool chosen(const thor_tensor *selected, int64_t at)
{
    return thor_element(selected, at) != 0;
}

static bool row_differs(const choices *c, int64_t row)
{
    for (int64_t e = row * c->E; e < (row + 1) * c->E; e++)
        if (chosen(c->ours, e) != chosen(c->theirs, e))
            return true;
    return false;
}

/* What their choice of a row is in our probabilities. */
typedef struct {
    int64_t ours, theirs;       /* how many */
    double sum, least, left;    /* of the taken: sum and smallest; the largest left out */
    bool forbidden;             /* one whose probability is 0, which is no candidate */
} choice;

static choice look_at_row(const choices *c, int64_t row)
{
    choice found = { .least = INFINITY };
    for (int64_t e = row * c->E; e < (row + 1) * c->E; e++) {
        double value = thor_element(c->probs, e);
        found.ours += chosen(c->ours, e);
        if (!chosen(c->theirs, e)) {
            found.left = fmax(found.left, value);
            continue;
        }
        found.theirs++;
        found.sum += value;
        found.least = fmin(found.least, value);
        found.forbidden |= value == 0;
    }
    return found;
}

/* Infinity where no tie can explain the row. */
static double gap_of_row(const choices *c, int64_t row)
{
    choice found = look_at_row(c, row);
    if (found.theirs == 0 || found.forbidden || (c->p == 0 && found.ours != found.theirs))
        return INFINITY;
    double gap = fmax(0, found.left - found.least);
    if (c->p > 0 && found.left > 0)
        gap = fmax(gap, c->p - found.sum);
    if (c->p > 0 && found.theirs > 1)
        gap = fmax(gap, found.sum - found.least - c->p);
    return gap;
}

static bool fits(const thor_tensor *probs, const thor_tensor *selected)
{
    return probs && thor_dtype_is_float(probs->dtype) && thor_tensor_count(probs) == thor_tensor_count(selected);
}

/* ---- candidates and selected ----------------------------------------------------------------------------------- */

/* Their later numbers are as good as ours. Without a batch only the row itself is known. */
static void follow(const thor_judged_pair *pair, int64_t row, bool sentences)
{
    thor_judge *judge = pair->judge;
    const thor_tensor *t = pair->ours;
    int stack = thor_flow_stack(t->name);
    judge->chosen = true;
    judge->candidates_chosen |= sentences;
    if (judge->sentences == 0 || stack < 0 || t->shape[0] != judge->sentences)
        return;
    int64_t width = judge->stacks[stack].width;
    if (sentences && t->dims == 2)
        for (int64_t l = 0; l < width; l++)
            thor_flow_mark(judge, t->name, row * width + l);
    else if (!sentences && t->dims == 3 && t->shape[1] == width)
        thor_flow_mark(judge, t->name, row);
}

void thor_judge_choices(const thor_judged_pair *pair, const char *probabilities)
{
    const thor_tensor *ours = pair->ours;
    thor_difference *d = pair->difference;
    bool sentences = thor_name_ends(probabilities, "task_probs");
    choices c = { ours, pair->theirs, thor_tensor_list_find(pair->our_list, probabilities), 0,
                  sentences ? 0 : pair->judge->facts.p };
    if (ours->dims < 2 || thor_tensor_count(ours) < 1)
        return;
    c.E = ours->shape[ours->dims - 1];
    for (int64_t row = 0; row < thor_tensor_count(ours) / c.E; row++) {
        if (pair->fate[row * c.E] != THOR_JUDGED || !row_differs(&c, row))
            continue;
        double gap = fits(c.probs, ours) ? gap_of_row(&c, row) : INFINITY;
        if (!(gap <= pair->judge->options->tie)) {
            d->wrong++;
            continue;
        }
        d->ties++;
        d->gap = fmax(d->gap, gap);
        thor_judge_add_tie(pair->judge, d->name, d->dims - 1, d->shape, row, "");
        follow(pair, row, sentences);
        memset(pair->fate + row * c.E, THOR_EXCUSED, (size_t)c.E);
    }
}

/* ---- the likeliest task ---------------------------------------------------------------------------------------- */

static double gap_of_task(const thor_tensor *probs, int64_t sentence)
{
    double most = -INFINITY, next = -INFINITY;
    int64_t K = probs->shape[1];
    for (int64_t k = sentence * K; k < (sentence + 1) * K; k++) {
        double value = thor_element(probs, k);
        next = value > most ? most : fmax(next, value);
        most = fmax(most, value);
    }
    return most - next;
}

static bool sentence_differs(const thor_judged_pair *pair, int64_t sentence)
{
    int64_t d = pair->ours->shape[1];
    double most = 0, apart = 0;
    for (int64_t i = sentence * d; i < (sentence + 1) * d; i++) {
        most = fmax(most, fabs(thor_element(pair->ours, i)));
        apart = fmax(apart, fabs(thor_element(pair->ours, i) - thor_element(pair->theirs, i)));
    }
    return apart > 0.1 * most;
}

/* All rows of the sentence, from the first mixture on. */
static void follow_task(const thor_judged_pair *pair, int64_t sentence)
{
    static const char *const stacks[] = { "encoder", "decoder" };
    char name[64];
    thor_judge *judge = pair->judge;
    judge->chosen = judge->candidates_chosen = judge->other_task[sentence] = true;
    for (int s = 0; s < 2; s++) {
        int64_t width = judge->stacks[s].width;
        snprintf(name, sizeof name, "%s.layers.%d.moe.context", stacks[s], thor_golden_first_mixture(pair->our_list));
        for (int64_t l = 0; l < width; l++)
            thor_flow_mark(judge, name, sentence * width + l);
    }
}

void thor_judge_task(const thor_judged_pair *pair)
{
    const thor_tensor *probs = thor_tensor_list_find(pair->our_list, "task.probs"), *r = pair->ours;
    thor_judge *judge = pair->judge;
    if (!judge->facts.predicted || !probs || probs->dims != 2 || r->dims != 2 || r->shape[0] != judge->sentences ||
        probs->shape[0] != r->shape[0])
        return;
    for (int64_t b = 0; b < r->shape[0]; b++)
        if (sentence_differs(pair, b) && gap_of_task(probs, b) <= judge->options->tie) {
            thor_judge_add_tie(judge, "task.probs", 1, probs->shape, b, "");
            follow_task(pair, b);
        }
}

/* ---- places in an expert --------------------------------------------------------------------------------------- */

typedef struct {
    const thor_judged_pair *pair;
    const thor_tensor *probs, *selected, *their_selected;
    int64_t E, rows;
    bool *shifted;              /* [E]: a near tie before changed who queues there */
} queue;

static double priority(const queue *q, int64_t row)
{
    double most = 0;
    for (int64_t e = row * q->E; e < (row + 1) * q->E; e++)
        most = fmax(most, thor_element(q->probs, e));
    return most;
}

/* How many of the row's experts are likelier than e: first choices are served first. */
static int64_t rank_of(const queue *q, int64_t row, int64_t e)
{
    int64_t rank = 0;
    double value = thor_element(q->probs, row * q->E + e);
    for (int64_t other = 0; other < q->E; other++) {
        double likelier = thor_element(q->probs, row * q->E + other);
        rank += chosen(q->selected, row * q->E + other) && (likelier > value || (likelier == value && other < e));
    }
    return rank;
}

/* 1: only ours has a place there, -1: only theirs, 0: both or none. */
static int side_of(const queue *q, int64_t row, int64_t e)
{
    int64_t at = row * q->E + e;
    return (thor_element(q->pair->ours, at) != 0) - (thor_element(q->pair->theirs, at) != 0);
}

static bool near_in_queue(const queue *q, int64_t a, int64_t b, int64_t e)
{
    double tie = q->pair->judge->options->tie;
    bool same_turn = rank_of(q, a, e) == rank_of(q, b, e);
    return same_turn && q->pair->judge->facts.by_priority && fabs(priority(q, a) - priority(q, b)) <= tie;
}

/* Two of a row's experts that are nearly as likely may take turns. */
static bool turns_tie(const queue *q, int64_t row, int64_t e)
{
    double value = thor_element(q->probs, row * q->E + e);
    for (int64_t other = 0; other < q->E; other++)
        if (other != e && chosen(q->selected, row * q->E + other) &&
            fabs(thor_element(q->probs, row * q->E + other) - value) <= q->pair->judge->options->tie)
            return true;
    return false;
}

static bool explained(const queue *q, int64_t row, int64_t e, bool *follows)
{
    *follows = q->shifted[e];
    bool tie = *follows || turns_tie(q, row, e);
    for (int64_t other = 0; other < q->rows && !tie; other++)
        tie = side_of(q, other, e) == -side_of(q, row, e) &&
              (near_in_queue(q, row, other, e) || turns_tie(q, other, e));
    return tie;
}

/* Experts that a row asked for which follows a near tie. */
static void find_shifted(const queue *q)
{
    for (int64_t row = 0; row < q->rows; row++)
        for (int64_t e = 0; e < q->E && q->pair->fate[row * q->E] == THOR_EXCUSED; e++)
            q->shifted[e] |= chosen(q->selected, row * q->E + e) || chosen(q->their_selected, row * q->E + e);
}

static void judge_row(const queue *q, int64_t row)
{
    const thor_judged_pair *pair = q->pair;
    bool differs = false, all = true, follows, own = false;
    for (int64_t e = 0; e < q->E && all; e++)
        if (side_of(q, row, e) != 0) {
            differs = true;
            all = explained(q, row, e, &follows);
            own |= !follows;
        }
    if (!differs || !all)
        return;
    if (own)
        thor_judge_add_tie(pair->judge, pair->difference->name, pair->ours->dims - 1, pair->ours->shape, row,
                           " (a place in an expert)");
    pair->judge->chosen = true;
    thor_flow_mark(pair->judge, pair->ours->name, row);
    memset(pair->fate + row * q->E, THOR_EXCUSED, (size_t)q->E);
}

static const thor_tensor *beside(const thor_tensor_list *list, const char *gates, const char *what)
{
    char name[THOR_MAX_NAME];
    snprintf(name, sizeof name, "%.*s%s", (int)(strlen(gates) - strlen("gates")), gates, what);
    return thor_tensor_list_find(list, name);
}

void thor_judge_places(const thor_judged_pair *pair)
{
    const thor_tensor *gates = pair->ours;
    const thor_judge *judge = pair->judge;
    int stack = thor_flow_stack(gates->name);
    queue q = { pair, beside(pair->our_list, gates->name, "router_probs"),
                beside(pair->our_list, gates->name, "selected"), beside(pair->their_list, gates->name, "selected"),
                gates->shape[2], 0, NULL };
    if (!judge->facts.capacity || judge->sentences == 0 || stack < 0 || gates->dims != 3 ||
        gates->shape[0] != judge->sentences || gates->shape[1] != judge->stacks[stack].width || q.E < 1 ||
        !fits(q.probs, gates) || !q.selected || !q.their_selected ||
        thor_tensor_count(q.selected) != thor_tensor_count(gates) ||
        thor_tensor_count(q.their_selected) != thor_tensor_count(gates))
        return;
    q.rows = thor_tensor_count(gates) / q.E;
    q.shifted = calloc((size_t)q.E, sizeof *q.shifted);
    if (!q.shifted)
        return;
    find_shifted(&q);
    for (int64_t row = 0; row < q.rows; row++)
        if (pair->fate[row * q.E] == THOR_JUDGED)
            judge_row(&q, row);
    free(q.shifted);
}
