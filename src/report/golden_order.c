#include "report/golden_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_LAYER = 0xffff, UNKNOWN_PART = 0xff };

/* What is in front of, in, and behind the layers of a stack, in the order of the forward pass. `*` stands for q, k, v,
 * which come together, or for weight and bias. */
static const char *const before_layers[] = { "embed.dropout", "embed.output" };
static const char *const in_layer[] = {
    "self_attn_norm.", "self_attn.q.", "self_attn.k.", "self_attn.v.", "self_attn.probs",
    "self_attn.probs.dropout", "self_attn.o.", "self_attn.dropout", "self_attn.output", "cross_attn_norm.",
    "cross_attn.q.", "cross_attn.k.", "cross_attn.v.", "cross_attn.probs", "cross_attn.probs.dropout", "cross_attn.o.",
    "cross_attn.dropout", "cross_attn.output", "ffn_norm.", "ffn.fc1.", "ffn.activation.dropout", "ffn.fc2.",
    "ffn.dropout", "ffn.output", "moe.task_router.", "moe.task_probs", "moe.candidates",
    "moe.context", "moe.routing_input", "moe.router.", "moe.router_probs", "moe.selected", "moe.gates",
    "moe.shared.fc1.", "moe.shared.activation.dropout", "moe.shared.fc2.", "moe.shared.dropout",
    "moe.experts.input", "moe.experts.fc1.", "moe.experts.activation.dropout", "moe.experts.fc2.",
    "moe.experts.dropout", "moe.experts.output", "moe.shared_gate.", "moe.shared_gate", "moe.output", "output",
};
static const char *const behind_layers[] = { "layer_norm.", "output" };
static const char *const batch_names[] = { "src_tokens", "tgt_in", "tgt_out", "src_language", "tgt_language",
                                           "task_label" };
static const char *const task_names[] = { "task.predictor.", "task.probs", "task.embedding.", "task.mixed" };
static const char *const language_names[] = { "language.embedding.", "language.fc1.", "language.fc2.",
                                              "language.norm." };
static const char *const loss_names[] = { "losses.nll", "losses.task", "losses.task_balance", "losses.token_balance",
                                          "losses.dynamic", "losses.budget", "losses.family", "losses.tokens",
                                          "losses.total" };

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

/* The place of `name` in a list: entries that end in a point are prefixes. -1 where it is not there. */
static int find(const char *const *list, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        size_t length = strlen(list[i]);
        bool prefix = list[i][length - 1] == '.';
        if (prefix ? strncmp(name, list[i], length) == 0 : strcmp(name, list[i]) == 0)
            return i;
    }
    return -1;
}

static uint64_t place(uint64_t stack, uint64_t layer, uint64_t part)
{
    return stack << 32 | layer << 12 | part;
}

/* moe.context_gate. is a parameter of the context: it stands with it. */
static int part_of_layer(const char *rest)
{
    if (strcmp(rest, "moe.shared_gate") == 0)
        rest = "moe.shared_gate.";
    if (strncmp(rest, "moe.context_gate.", 17) == 0)
        rest = "moe.context";
    int part = find(in_layer, COUNT(in_layer), rest);
    return part < 0 ? UNKNOWN_PART : part;
}

/* Behind "encoder." or "decoder.": layer 0 comes at 1, what stands before it at 0. */
static bool in_stack(const char *rest, uint64_t stack, uint64_t *at)
{
    int part, used = 0;
    unsigned layer;
    if (strncmp(rest, "layers.", 7) == 0 && sscanf(rest + 7, "%5u.%n", &layer, &used) == 1 && used > 0) {
        layer = layer + 1 < LAST_LAYER ? layer + 1 : LAST_LAYER - 1;
        *at = place(stack, layer, (uint64_t)part_of_layer(rest + 7 + used));
        return true;
    }
    if ((part = find(before_layers, COUNT(before_layers), rest)) >= 0)
        *at = place(stack, 0, (uint64_t)part);
    else if ((part = find(behind_layers, COUNT(behind_layers), rest)) >= 0)
        *at = place(stack, LAST_LAYER, (uint64_t)part);
    return part >= 0;
}

/* Place in the forward pass; false for a name that is not known. Stacks: 0 batch, 1 encoder, 2 decoder, 3 the rest. */
static bool forward_place(const char *name, int first_mixture, uint64_t *at)
{
    int part;
    if ((part = find(batch_names, COUNT(batch_names), name)) >= 0)
        *at = place(0, 1, (uint64_t)part);
    else if (strncmp(name, "embed.", 6) == 0)
        *at = place(0, 2, 0);
    else if ((part = find(language_names, COUNT(language_names), name)) >= 0)   /* before the first layer */
        *at = place(1, 0, 0xf00 + (uint64_t)part);
    else if ((part = find(task_names, COUNT(task_names), name)) >= 0)   /* before layer first_mixture, after the last */
        *at = place(1, (uint64_t)first_mixture, 0xf00 + (uint64_t)part);
    else if (strncmp(name, "encoder.", 8) == 0)
        return in_stack(name + 8, 1, at);
    else if (strncmp(name, "decoder.", 8) == 0)
        return in_stack(name + 8, 2, at);
    else if (strcmp(name, "logits") == 0)
        *at = place(3, 0, 0);
    else if ((part = find(loss_names, COUNT(loss_names), name)) >= 0)
        *at = place(3, 1, (uint64_t)part);
    else
        return false;
    return true;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

uint64_t thor_golden_order(const char *name, int first_mixture)
{
    uint64_t at, most = UINT64_C(1) << 40;
    bool moment = (name[0] == 'm' || name[0] == 'v') && name[1] == '.';
    name += moment ? 2 : 0;
    if (!forward_place(name, first_mixture, &at))
        return UINT64_MAX;
    bool parameter = ends_with(name, ".weight") || ends_with(name, ".bias");
    return parameter ? 2 * most - at : at;
}

bool thor_golden_inside(const char *name)
{
    return ends_with(name, ".embed.output") || ends_with(name, "_norm.output") || ends_with(name, "attn.output") ||
           ends_with(name, ".ffn.output");
}

int thor_golden_first_mixture(const thor_tensor_list *list)
{
    int first = -1, layers = 0;
    for (size_t i = 0; i < list->count; i++) {
        int used = 0;
        unsigned layer;
        if (sscanf(list->items[i].name, "encoder.layers.%5u.%n", &layer, &used) != 1 || used == 0)
            continue;
        if (strncmp(list->items[i].name + used, "moe.", 4) == 0 && (first < 0 || (int)layer < first))
            first = (int)layer;
        layers = (int)layer + 1 > layers ? (int)layer + 1 : layers;
    }
    return first < 0 ? layers : first;
}
