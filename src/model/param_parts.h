/* What parameters belong to, and how many of them a token uses. */
#ifndef THOR_MODEL_PARAM_PARTS_H
#define THOR_MODEL_PARAM_PARTS_H

#include "model/params.h"

typedef enum thor_param_part {
    THOR_PARAM_EMBEDDINGS,       /* of source, target and output, which are one */
    THOR_PARAM_ATTENTION,
    THOR_PARAM_NORMS,
    THOR_PARAM_DENSE,            /* feed-forward networks, also those that stand beside a mixture */
    THOR_PARAM_EXPERTS,
    THOR_PARAM_ROUTERS,          /* and context gates */
    THOR_PARAM_TASKS,            /* and languages */
    THOR_PARAM_PARTS
} thor_param_part;

/* "embeddings", "attention", "norms", "dense", "experts", "routers", "tasks" */
const char *thor_param_part_name(thor_param_part part);

/* Elements of each part; together params->elements. */
void thor_param_parts_count(int64_t parts[THOR_PARAM_PARTS], const thor_params *params);

/* Elements that a token uses that has `experts` of `of_experts` experts, rounded: all, but of the experts' only their
 * share. */
int64_t thor_param_parts_used(const int64_t parts[THOR_PARAM_PARTS], double experts, int32_t of_experts);

#endif
