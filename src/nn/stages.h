/* The stages that mixtures are put together of, and how each is set. */
#ifndef THOR_NN_STAGES_H
#define THOR_NN_STAGES_H

#include "nn/mixture.h"

/* ---- candidates ---- */

/* candidates_task.c: the C largest of softmax(W_t r); L_tb over the `table` (the tasks), or over the sentences. */
extern const thor_stage thor_candidates_task;
/* `tasks` is K for L_tb over the tasks, 0 for the sentences. */
void thor_candidates_task_set(thor_mixture *mixture, int64_t tasks);

/* candidates_fixed.c: two experts of the sentence's language, both always chosen (k and C are 2). */
extern const thor_stage thor_candidates_fixed;
/* The router neither divides its gates nor has L_lb. */
void thor_candidates_fixed_set(thor_mixture *mixture);

/* candidates_language.c: the largest of softmax(W_t t) of the target language; L_family of all languages. */
extern const thor_stage thor_candidates_language;
void thor_candidates_language_set(thor_mixture *mixture, int64_t languages);

/* ---- routing input ---- */

/* input_row.c: u = x. */
extern const thor_stage thor_input_row;

/* input_context.c: the row and its context by a gate, then + r where infused; or only the row + r. */
extern const thor_stage thor_input_context, thor_input_infused;
void thor_input_context_set(thor_mixture *mixture, thor_context_form form, bool infuse);

/* input_language.c: the vector of the sentence, one choice for all its rows. The experts read x. */
extern const thor_stage thor_input_language;

/* ---- blend ---- */

/* blend_residual.c: the experts' sum and a shared feed-forward network by a gate; L_budget with cmr. */
extern const thor_stage thor_blend_residual;
void thor_blend_residual_set(thor_mixture *mixture, thor_residual_form form, double budget);

/* ---- for stages ---- */

/* z = W_r u for saved->input. */
void thor_input_logits(const thor_mixture_call *call);
/* From d_z to the gradient of W_r and to d_u, with the experts' part where they read u. */
void thor_input_logits_backward(const thor_mixture_call *call, float *d_u, const float *d_z);

/* Scratch rows of thor_mixture_experts_backward; an input stage may use those from THOR_ROWS_INPUT to 5. */
enum { THOR_ROWS_D_EXPERTS, THOR_ROWS_D_U, THOR_ROWS_INPUT };

#endif
