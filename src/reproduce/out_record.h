/* plan.json: what a folder OUT was begun with, so that nothing else is mixed into it. */
#ifndef THOR_REPRODUCE_OUT_RECORD_H
#define THOR_REPRODUCE_OUT_RECORD_H

#include "reproduce/table_list.h"

#include <stdint.h>

#include "base/status.h"

typedef struct thor_out_record {
    const char *version;                /* thor's */
    const char *data;                   /* checksum of the prepared corpus */
    thor_setup setup;
    const char *scale;                  /* "" for a recipe's own */
    const char *const *settings;        /* "KEY=VALUE" of --set, in their order, schedule.updates left out */
    size_t setting_count;
    int64_t beam;
    int64_t updates;                    /* of every job */
} thor_out_record;

/* Writes OUT/plan.json where there is none, and otherwise compares: THOR_E_USAGE names the first difference, with both
 * values. More updates than OUT has are no difference: *more is true, every job goes on, and the caller removes their
 * files `done`; the new number is recorded. */
thor_status thor_out_record_open(const thor_out_record *record, const char *out, bool *more, thor_error *error);

#endif
