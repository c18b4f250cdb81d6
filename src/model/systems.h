/* The systems: what moe.system puts a mixture together of. One line for each; whoever needs to know what a system has
 * asks the line. */
#ifndef THOR_MODEL_SYSTEMS_H
#define THOR_MODEL_SYSTEMS_H

#include "model/config.h"
#include "nn/mixture.h"

typedef struct thor_vectors thor_vectors;

typedef struct thor_system_line {
    bool mixtures;                      /* false: every layer is dense */
    bool guided;                        /* has a task predictor, where task.representation is not none */
    bool candidates;                    /* task.candidates experts of a sentence, whatever task.use says */
    bool experts_read_rows;             /* whatever context.feed_experts says */
    int32_t owned;                      /* experts of a language, which are the candidates; 0: none */
    /* The stages of a mixture; a missing function is a NULL stage. */
    const thor_stage *(*candidates_of)(const thor_config *config);
    const thor_stage *(*input_of)(const thor_config *config, bool decoder);
    const thor_stage *(*blend_of)(const thor_config *config);
    /* Who makes the vectors that the mixtures share; NULL: nobody. */
    const thor_vectors *(*vectors_of)(const thor_config *config);
    /* Hands settings to the stages, before their parameters are named; `tasks` is K. */
    void (*set)(thor_mixture *mixture, const thor_config *config, int64_t tasks);
    /* Settings that the system cannot have. */
    thor_status (*check)(const thor_config *config, thor_error *error);
} thor_system_line;

const thor_system_line *thor_system_of(const thor_config *config);

/* Fills stage[] for a mixture of the encoder or the decoder. */
void thor_system_stages(const thor_stage *stage[THOR_STAGES], const thor_config *config, bool decoder);

/* Do the experts read the routing input? */
bool thor_system_feeds_experts(const thor_config *config);

/* Do the groups of languages grow? */
bool thor_system_has_groups(const thor_config *config);

/* Do sentences have candidate experts? */
bool thor_system_has_candidates(const thor_config *config);

#endif
