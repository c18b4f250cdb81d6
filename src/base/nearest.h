/* Which known word did somebody mean? For errors about names that do not exist. */
#ifndef THOR_BASE_NEAREST_H
#define THOR_BASE_NEAREST_H

typedef struct thor_nearest {
    const char *word;       /* what was written */
    const char *best;       /* the nearest word offered so far; NULL when none is near */
    unsigned distance;      /* edits between the two */
} thor_nearest;

/* Looks for words like `word`, which has to outlive the search, as have the words offered. */
thor_nearest thor_nearest_start(const char *word);

/* Keeps `candidate` when it is nearer than all before and near enough to be meant (a third of the letters differ). */
void thor_nearest_offer(thor_nearest *nearest, const char *candidate);

#endif
