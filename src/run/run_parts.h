/* What the files of a run share. */
#ifndef THOR_RUN_RUN_PARTS_H
#define THOR_RUN_RUN_PARTS_H

#include "run/run.h"

/* --- run_listener.c --- */
void thor_run_say(const thor_run *run, const char *format, ...) THOR_PRINTF(2, 3);
void thor_run_warn(const thor_run *run, const char *format, ...) THOR_PRINTF(2, 3);
bool thor_run_should_stop(const thor_run *run);

/* The same asked together: true where it is so on any process. */
bool thor_run_agree_to_stop(const thor_run *run);

/* --- run_together.c: where there are several processes; alone they do nothing --- */

bool thor_run_is_first(const thor_run *run);
/* thor_cluster_agree. */
thor_status thor_run_agree(const thor_run *run, thor_status status, thor_error *error);
/* After rank 0 has its configuration (with that status): everybody's is the same. */
thor_status thor_run_share_config(thor_run *run, thor_status status, thor_error *error);
/* Options, configuration and data are everybody's, or THOR_E_USAGE names what differs and where. */
thor_status thor_run_compare(const thor_run *run, thor_error *error);
/* After rank 0 has entered the folder (with that status): place, state and parameters are everybody's. */
thor_status thor_run_share_start(thor_run *run, thor_status status, thor_error *error);
/* Rank 0 reads the moments of `last`; their owners get them. */
thor_status thor_run_share_moments(thor_run *run, thor_error *error);
/* Rank 0 writes a checkpoint with moments, which it asks the others for. */
thor_status thor_run_save_together(thor_run *run, thor_checkpoint *checkpoint, const char *path, thor_error *error);
/* THOR_E_FAILED where a process has other parameters. */
thor_status thor_run_compare_values(const thor_run *run, thor_error *error);

/* --- run_folder.c --- */

/* Names the files of the run; looks whether there is something to go on from; refuses to overwrite. */
thor_status thor_run_look(thor_run *run, thor_error *error);
/* Takes the folder for this process, then starts in it or reads weights and state; the moments too, where this process
 * has them all. */
thor_status thor_run_enter(thor_run *run, thor_error *error);

/* --- run_translate.c --- */

/* BLEU or chrF, as options.best_by says, of the validation split's translations: the mean over directions, NaN where
 * there is none. *done false: should_stop, and *score means nothing. */
thor_status thor_run_score_validation(thor_run *run, double *score, bool *done, thor_error *error);

/* --- run_validate.c --- */

/* Sums over batches of the validation split. */
typedef struct thor_run_sums {
    double nll;
    int64_t tokens, right, sentences, routed, chosen;
} thor_run_sums;

void thor_run_add_sums(thor_run_sums *to, const thor_run_sums *from);
/* Adds the first `most` batches (0: all) of a direction. Ends early, with *done false, when the run should stop. */
thor_status thor_run_sum_direction(thor_run *run, int32_t direction, int64_t most, thor_run_sums *to, bool *done,
                                   thor_error *error);

/* --- run_grow.c --- */

/* Whether groups of experts may grow now: after every lingual.grow_every-th update, wherever the run stopped on its way
 * there. */
bool thor_run_owes_growth(const thor_run *run);
/* Validates the whole set; a class of languages whose perplexity is above the lowest that the set has had in these
 * validations gets one candidate expert more. *done false: should_stop, and nothing has changed. */
thor_status thor_run_grow(thor_run *run, bool *done, thor_error *error);

/* --- run_record.c: metrics.jsonl --- */

/* Groups that may have grown; nll[i] is that of class i, a token, NaN where it has no sentences. */
thor_status thor_run_record_growth(thor_run *run, double nll_of_all, const double *nll, thor_error *error);

/* One update, which took `seconds`. */
thor_status thor_run_record_update(thor_run *run, const thor_step_report *report, double seconds, thor_error *error);
/* One validation; nll[i] is that of the sampler's direction i, a token, NaN where it has no sentences. */
thor_status thor_run_record_validation(thor_run *run, const thor_validation *validation, const double *nll,
                                       thor_error *error);

#endif
