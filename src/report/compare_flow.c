/* What follows a near tie, row by row, through the forward pass.
 *
 * A row that chose other experts goes its own way from `gates` on. Self-attention and the context of the next layers
 * carry that to the other rows of its sentence (in the decoder to later rows), cross-attention from the encoder to all
 * of a sentence's rows in the decoder. Places in a stack are counted as layer * 8 + phase. */
#include <stdlib.h>
#include <string.h>

#include "report/compare_judge.h"

enum { INPUT, MIXED, CROSSED, ROUTED, CHOSEN, PHASES = 8, BEHIND_LAYERS = 1 << 20 };

bool thor_name_ends(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

int thor_flow_stack(const char *name)
{
    if (strncmp(name, "encoder.", 8) == 0)
        return 0;
    return strncmp(name, "decoder.", 8) == 0 || strcmp(name, "logits") == 0 ? 1 : -1;
}

/* ---- places ---------------------------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Of what stands behind "layers.N.". */
static int phase_of(const char *rest, int stack)
{
    if (begins(rest, "self_attn_norm."))
        return INPUT;
    if (begins(rest, "self_attn.") || begins(rest, "cross_attn_norm.") || begins(rest, "cross_attn.q."))
        return MIXED;
    if (begins(rest, "moe.router_probs") || begins(rest, "moe.selected") || begins(rest, "moe.candidates"))
        return ROUTED;
    if (begins(rest, "moe.gates") || begins(rest, "moe.experts.") || begins(rest, "moe.output") ||
        begins(rest, "output"))
        return CHOSEN;
    return stack == 1 ? CROSSED : MIXED;
}

static int32_t place_of(const char *name)
{
    int used = 0;
    unsigned layer;
    if (strncmp(name + 1, "ncoder.layers.", 14) != 0 && strncmp(name + 1, "ecoder.layers.", 14) != 0)
        return strstr(name, ".embed.") ? 0 : BEHIND_LAYERS;
    if (sscanf(name + 15, "%5u.%n", &layer, &used) != 1 || used == 0)
        return BEHIND_LAYERS;
    return (int32_t)layer * PHASES + phase_of(name + 15 + used, thor_flow_stack(name));
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

void thor_flow_mark(thor_judge *judge, const char *name, int64_t row)
{
    thor_compare_stack *stack = &judge->stacks[thor_flow_stack(name)];
    int32_t place = place_of(name);
    place += thor_name_ends(name, ".selected") ? CHOSEN - ROUTED : 0;
    if (place < stack->since[row])
        stack->since[row] = place;
}

static bool any_since(const thor_compare_stack *stack, int64_t first, int64_t count, int32_t before)
{
    for (int64_t row = first; row < first + count; row++)
        if (stack->since[row] < before)
            return true;
    return false;
}

static bool follows(const thor_judge *judge, int stack, int32_t place, int64_t row)
{
    const thor_compare_stack *s = &judge->stacks[stack];
    int64_t sentence = row / s->width, first = sentence * s->width;
    if (s->since[row] <= place)
        return true;
    if (stack == 1 && place >= CROSSED &&
        any_since(&judge->stacks[0], sentence * judge->stacks[0].width, judge->stacks[0].width, THOR_NO_TIE))
        return true;
    int32_t layer = place / PHASES * PHASES;
    if (place == BEHIND_LAYERS || place - layer < MIXED)
        return false;
    return any_since(s, first, stack == 1 ? row - first + 1 : s->width, layer);
}

static bool is_padding(const thor_compare_stack *stack, int64_t row)
{
    return row % stack->width >= stack->length[row / stack->width];
}

bool thor_flow_skips(const thor_judge *judge, const char *name, int64_t row)
{
    int stack = thor_flow_stack(name);
    return is_padding(&judge->stacks[stack], row) || follows(judge, stack, place_of(name), row);
}

/* ---- tensors --------------------------------------------------------------------------------------------------- */

/* The keys and values of cross-attention are rows of the encoder. */
static bool is_memory(const char *name)
{
    return strstr(name, ".cross_attn.k.") || strstr(name, ".cross_attn.v.");
}

/* Elements between one row and the next, and how many rows there are before the sentence changes: [B,L,...], or
 * [B,H,L,M] for probabilities of attention. */
static int64_t row_of(const thor_tensor *t, bool heads, int64_t width, int64_t i)
{
    int64_t sentence = i / (thor_tensor_count(t) / t->shape[0]);
    int64_t inner = heads ? t->shape[3] : thor_tensor_count(t) / (t->shape[0] * width);
    return sentence * width + i / inner % width;
}

static unsigned char fate_of_row(const thor_judge *judge, int stack, int32_t place, int64_t row)
{
    if (is_padding(&judge->stacks[stack], row))
        return THOR_PADDING;
    return follows(judge, stack, place, row) ? THOR_EXCUSED : THOR_JUDGED;
}

static void fates_of_rows(const thor_judged_pair *pair, int stack, int32_t place)
{
    const thor_tensor *t = pair->ours;
    int64_t width = pair->judge->stacks[stack].width, count = thor_tensor_count(t), last = -1;
    bool heads = t->dims == 4 && strstr(t->name, "attn.probs");
    unsigned char fate = THOR_JUDGED;
    if (t->dims < 2 || t->shape[heads ? 2 : 1] != width)
        return;
    for (int64_t i = 0; i < count; i++) {
        int64_t row = row_of(t, heads, width, i);
        if (row != last)
            fate = fate_of_row(pair->judge, stack, place, row);
        last = row;
        pair->fate[i] = fate;
    }
}

/* [B,...]: r, and what is computed of it. */
static void fates_of_sentences(const thor_judged_pair *pair)
{
    int64_t count = thor_tensor_count(pair->ours), each = count / pair->ours->shape[0];
    for (int64_t i = 0; i < count; i++)
        pair->fate[i] = pair->judge->other_task[i / each] ? THOR_EXCUSED : THOR_JUDGED;
}

void thor_flow_fates(const thor_judged_pair *pair)
{
    const thor_tensor *t = pair->ours;
    const thor_judge *judge = pair->judge;
    int stack = thor_flow_stack(t->name);
    if (judge->sentences == 0 || thor_tensor_count(t) < 1 || t->dims < 1 || t->shape[0] != judge->sentences)
        return;
    if (thor_name_ends(t->name, ".task_probs") || thor_name_ends(t->name, ".candidates") ||
        strcmp(t->name, "task.mixed") == 0)
        fates_of_sentences(pair);
    else if (stack >= 0 && is_memory(t->name))
        fates_of_rows(pair, 0, BEHIND_LAYERS);
    else if (stack >= 0)
        fates_of_rows(pair, stack, place_of(t->name));
}
