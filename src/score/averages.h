/* Means over directions, as tables of multilingual translation have them (OPUS-16: 15 languages with English). */
#ifndef THOR_SCORE_AVERAGES_H
#define THOR_SCORE_AVERAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/language_group.h"

typedef struct thor_averages {
    size_t count[THOR_GROUPS], directions;
    double mean[THOR_GROUPS];   /* over the directions of a group; 0 when there are none */
    double all;                 /* over all directions, those in no group included */
    bool has_weighted;          /* every group is there */
    double weighted;            /* (8 high + 4 medium + 4 low) / 16, the average that the paper's tables print */
} thor_averages;

/* languages[i] is the side of direction i that is not English, scores[i] its score. */
thor_averages thor_averages_of(const char *const *languages, const double *scores, size_t count);

/* Takes "en-de" apart: whether English is the source (*from_english), and the other side. False for a name without a
 * dash or without English on exactly one side. */
bool thor_direction_parse(const char *direction, bool *from_english, const char **other, size_t *length);

#endif
