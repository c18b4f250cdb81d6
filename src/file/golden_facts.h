/* The two small JSON files of a golden folder: golden.json and losses.json (thor-golden(5)). */
#ifndef THOR_FILE_GOLDEN_FACTS_H
#define THOR_FILE_GOLDEN_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct thor_golden_facts {
    char recipe[64];            /* "" where there is none */
    uint64_t seed;
    int64_t steps;              /* from 1 */
    char initial[16], batch[16];    /* where they come from: "seed" or "given"; "seed", "data" or "given" */
    char digest[65];            /* after the last step */
    char version[64];           /* of the program that wrote it */
} thor_golden_facts;

/* What golden.json tells of each update: values[i * names + k] under names[k]. */
typedef struct thor_golden_updates {
    const char *const *names;
    size_t name_count;
    const double *values;
    int64_t count;              /* updates */
} thor_golden_updates;

thor_status thor_golden_facts_write(const char *path, const thor_golden_facts *facts,
                                    const thor_golden_updates *updates, thor_error *error);
/* Every field has to be there and of its type. */
thor_status thor_golden_facts_read(thor_golden_facts *facts, const char *path, thor_error *error);

/* Numbers by name, with all their digits; whole ones without a point. */
thor_status thor_losses_write(const char *path, const char *const *names, const double *values, size_t count,
                              thor_error *error);
/* values[i] of each name: one that is missing, or is no number, is THOR_E_FORMAT, or NaN where `partial`. Other keys
 * are left alone. */
thor_status thor_losses_read(const char *path, const char *const *names, double *values, size_t count, bool partial,
                             thor_error *error);

/* What golden.json tells of each update: `take` gets every number of the list `updates`, updates counted from 1; its
 * error ends the reading. Nothing where there is no such list. */
typedef thor_status thor_take_update(void *context, int64_t update, const char *key, double value);
thor_status thor_golden_updates_read(const char *path, thor_take_update *take, void *context, thor_error *error);

#endif
