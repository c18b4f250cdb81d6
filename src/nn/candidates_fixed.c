/* Two experts of its own for each language.
 *
 *   forward    candidates of a sentence = experts 2i and 2i + 1, i its source language (encoder) or its target language
 *              (decoder)
 * There is nothing to learn. */
#include <string.h>

#include "nn/stages.h"

void thor_candidates_fixed_set(thor_mixture *mixture)
{
    mixture->router.renormalize = false;    /* the two have the sum 1 */
    mixture->router.unbalanced = true;
}

static void place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room)
{
    saved->candidates = THOR_TAKE(room->arena, int32_t, room->sentences * mixture->router.E);
}

static void forward(const thor_mixture_call *call)
{
    int64_t E = call->mixture->router.E, sentences = call->packing->sentences;
    const int32_t *language = call->mixture->decoder ? call->given->target_language : call->given->source_language;
    int32_t *candidates = call->saved->candidates;
    memset(candidates, 0, (size_t)(sentences * E) * sizeof *candidates);
    for (int64_t b = 0; b < sentences; b++) {
        int32_t *own = candidates + b * E + 2 * language[b];
        own[0] = own[1] = 1;
    }
}

static void show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view)
{
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_I32, saved->candidates, mixture->router.E, "moe.candidates");
}

const thor_stage thor_candidates_fixed = { .name = "experts of a language", .place = place, .forward = forward,
                                           .show = show };
