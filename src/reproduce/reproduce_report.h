/* The report of a reproduction: OUT/report.txt, report.md, report.json and report.html from what is in OUT. */
#ifndef THOR_REPRODUCE_REPRODUCE_REPORT_H
#define THOR_REPRODUCE_REPRODUCE_REPORT_H

#include "reproduce/job_plan.h"

typedef struct thor_report_options {
    const char *baseline;               /* --baseline; NULL: each table's own */
    const char *version;                /* thor's */
    size_t resamples;                   /* 0: THOR_REPRODUCE_RESAMPLES */
} thor_report_options;

/* Reads what is done and writes all four forms, each whole or not at all. It depends on nothing but the files of OUT:
 * not on who made them, nor when. Errors: THOR_E_USAGE when the baseline is not in the plan; a file that cannot be read
 * or is damaged names itself. */
thor_status thor_reproduce_report(const thor_job_plan *plan, const char *out, const thor_report_options *options,
                                  thor_error *error);

#endif
