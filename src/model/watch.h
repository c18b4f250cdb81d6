/* Where a step is: whoever wants to know is told each time the step enters another of its parts. The library itself
 * reads no clock; without a watcher a step pays one comparison a part. */
#ifndef THOR_MODEL_WATCH_H
#define THOR_MODEL_WATCH_H

#include <stddef.h>

typedef enum thor_phase { THOR_PHASE_FORWARD, THOR_PHASE_BACKWARD, THOR_PHASE_UPDATE, THOR_PHASES } thor_phase;

typedef enum thor_part {
    THOR_PART_EMBEDDING,
    THOR_PART_SELF_ATTENTION,
    THOR_PART_CROSS_ATTENTION,
    THOR_PART_FFN,
    THOR_PART_MIXTURE,
    THOR_PART_NORM,             /* layer norms, residual sums and their dropout */
    THOR_PART_TASK,             /* task predictor and representation */
    THOR_PART_LOSS,             /* logits, cross entropy, and their gradients */
    THOR_PART_SUM,              /* the tree over shards */
    THOR_PART_GRADIENT_NORM,
    THOR_PART_ADAM,
    THOR_PARTS
} thor_part;

/* `enter` is called on the thread that runs the step. What follows belongs to `part` until the next call. */
typedef struct thor_watch {
    void (*enter)(void *context, thor_phase phase, thor_part part);
    void *context;
} thor_watch;

static inline void thor_watch_enter(const thor_watch *watch, thor_phase phase, thor_part part)
{
    if (watch != NULL)
        watch->enter(watch->context, phase, part);
}

#endif
