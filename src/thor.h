/* thor: load a model, translate, run a batch forward and backward, read any tensor.
 *
 * Every function that can fail returns 0 on success, and otherwise one of the codes below with one sentence in *message
 * (which may be NULL). There is no global state: two sessions may be used from two threads at once, one session from
 * one thread at a time.
 *
 *     thor_session *session;
 *     thor_message message;
 *     char *text;
 *     if (thor_session_open(&session, "run", NULL, &message) != 0) {
 *         puts(message.text);
 *         return 1;
 *     }
 *     if (thor_session_translate(session, "en", "de", NULL, "Good morning!", &text, &message) == 0) {
 *         puts(text);
 *         thor_text_free(text);
 *     }
 *     thor_session_close(session);
 *
 * Compile and link with `pkg-config --cflags --libs thor`. */
#ifndef THOR_THOR_H
#define THOR_THOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The functions that the shared library exports: those declared here and no others. */
#if defined(__GNUC__)
#define THOR_PUBLIC __attribute__((visibility("default")))
#else
#define THOR_PUBLIC
#endif

enum {
    THOR_SUCCESS = 0,
    THOR_FAILURE = 1,           /* the work failed */
    THOR_WRONG_USE = 2,         /* an argument is wrong */
    THOR_SYSTEM_REFUSED = 3,    /* a file or the disk */
    THOR_WRONG_FORMAT = 4,      /* a file is truncated, corrupt or of another kind; text that is not UTF-8 */
    THOR_NO_MEMORY = 5,
    THOR_NOT_FINITE = 6
};

typedef struct thor_message {
    char text[1024];            /* what was found, what was expected, what to try; one line */
} thor_message;

/* A loaded model with its vocabulary, kernels and threads. */
typedef struct thor_session thor_session;

typedef struct thor_settings {
    const char *isa;            /* "scalar", "avx2", "avx512", "neon", "checked"; NULL: THOR_ISA, or the best here */
    const char *backend;        /* "reference" (NULL) or "openblas", whose last bits differ from machine to machine */
    int threads;                /* 0: as many as the machine has; the numbers do not depend on it */
} thor_settings;

/* Opens a checkpoint folder or a run (its best checkpoint). settings NULL: the defaults. A file that is damaged, or a
 * vocabulary that is not the model's, is THOR_WRONG_FORMAT. */
THOR_PUBLIC int thor_session_open(thor_session **session, const char *path, const thor_settings *settings,
                                  thor_message *message);
THOR_PUBLIC void thor_session_close(thor_session *session);

/* The model's languages and domains in the order of their numbers; NULL beyond the last. The text is the session's. */
THOR_PUBLIC const char *thor_session_language(const thor_session *session, int number);
THOR_PUBLIC const char *thor_session_domain(const thor_session *session, int number);

/* One line of UTF-8 to its best translation, which the caller frees with thor_text_free. `domain` is one of the model's
 * domains, or NULL: that is THOR_WRONG_USE with a model that has to be told the domain (task.representation=golden and
 * task.label=domain, thor-config(5)); all other models translate without looking at it. A blank line gives "". Lines
 * longer than the model's limit are translated in parts. */
THOR_PUBLIC int thor_session_translate(thor_session *session, const char *from, const char *to, const char *domain,
                                       const char *line, char **translation, thor_message *message);
THOR_PUBLIC void thor_text_free(char *text);

/* A batch as in a golden folder (thor-golden(5)): padded on the right with id 1, row-major. */
typedef struct thor_padded_batch {
    int64_t sentences, source_width, target_width;              /* B, S, T */
    const int32_t *src_tokens;                                  /* [B,S] */
    const int32_t *tgt_in, *tgt_out;                            /* [B,T] */
    const int32_t *src_language, *tgt_language, *task_label;    /* [B] */
} thor_padded_batch;

typedef struct thor_batch_losses {
    double nll;                 /* a target token */
    /* before their weights, all but `task` summed over mixtures; 0 where the system has none */
    double task, task_balance, token_balance, dynamic, budget, family;
    int64_t tokens;             /* of the target side */
} thor_batch_losses;

/* Forward; with backward != 0 also the gradients of the total loss, in training mode: dropout masks of (seed, step,
 * shard 0) and capacity. Tensors can then be read until the next call. */
THOR_PUBLIC int thor_session_run(thor_session *session, const thor_padded_batch *batch, int backward, uint64_t seed,
                                 uint32_t step, thor_batch_losses *losses, thor_message *message);

/* A tensor by name: a parameter ("embed.weight"), its gradient ("gradient:embed.weight") or an activation of the last
 * run under its golden name ("encoder.layers.1.moe.gates"); rows of activations are packed, without padding. */
typedef struct thor_view {
    const void *data;           /* the session's */
    int is_integer;             /* 0: float, 1: int32_t */
    int dims;
    int64_t shape[5];
} thor_view;
THOR_PUBLIC int thor_session_tensor(const thor_session *session, const char *name, thor_view *view,
                                    thor_message *message);

#ifdef __cplusplus
}
#endif

#endif
