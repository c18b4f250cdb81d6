#include "model/param_parts.h"

#include <string.h>

const char *thor_param_part_name(thor_param_part part)
{
    static const char *const names[THOR_PARAM_PARTS] = { "embeddings", "attention", "norms", "dense",
                                                   "experts", "routers", "tasks" };
    return names[part];
}

/* The first mark that is in the name says it. */
static thor_param_part part_of(const char *name)
{
    static const struct { const char *text; thor_param_part part;
    } marks[] = { { "norm.", THOR_PARAM_NORMS },
                  { "_attn.", THOR_PARAM_ATTENTION },
                  { ".moe.experts.", THOR_PARAM_EXPERTS },
                  { ".moe.shared.", THOR_PARAM_DENSE },
                  { ".moe.", THOR_PARAM_ROUTERS },
                  { ".ffn.", THOR_PARAM_DENSE } };
    if (strncmp(name, "embed.", 6) == 0)
        return THOR_PARAM_EMBEDDINGS;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(name, marks[i].text))
            return marks[i].part;
    return THOR_PARAM_TASKS;
}

void thor_param_parts_count(int64_t parts[THOR_PARAM_PARTS], const thor_params *params)
{
    memset(parts, 0, THOR_PARAM_PARTS * sizeof *parts);
    for (int32_t i = 0; i < params->count; i++)
        parts[part_of(params->items[i].name)] += params->items[i].count;
}

int64_t thor_param_parts_used(const int64_t parts[THOR_PARAM_PARTS], double experts, int32_t of_experts)
{
    int64_t all = 0;
    for (int i = 0; i < THOR_PARAM_PARTS; i++)
        all += parts[i];
    if (parts[THOR_PARAM_EXPERTS] == 0)
        return all;
    return all - (int64_t)((double)parts[THOR_PARAM_EXPERTS] * (1 - experts / of_experts) + 0.5);
}
