/* thor reproduce --list. */
#include <stdio.h>

#include "base/units.h"
#include "cli/reproduce_cli.h"

bool thor_share_has(thor_job_share share, size_t job)
{
    return share.of == 0 || (int64_t)(job % (size_t)share.of) == share.first - 1;
}

/* What a system takes does not depend on the seed. */
typedef struct sizes {
    double memory, work, seconds;
} sizes;

static thor_status measure(const thor_reproduction *reproduction, size_t job, sizes *found, thor_error *error)
{
    thor_run run = { .target = 0 };
    double seconds = 0;
    thor_status status = thor_reproduce_plan_job(reproduction, job, &run, &seconds, error);
    double updates = (double)run.target;
    *found = (sizes){ run.memory.total, run.work.operations * 1e-9 * updates, seconds * updates };
    thor_run_close(&run);
    return status;
}

static void print_job(const thor_reproduction *reproduction, size_t job, const sizes *s)
{
    char memory[32], time[32];
    printf("%4zu  %-40s seed %-6llu %10s %12.0f GFLOP  %s%s\n", job + 1, thor_job_system(reproduction->plan, job)->name,
           (unsigned long long)thor_job_seed(reproduction->plan, job), thor_bytes_text(memory, s->memory), s->work,
           thor_duration_text(time, s->seconds), thor_job_is_done(reproduction, job) ? "  done" : "");
}

thor_status thor_reproduce_list(const thor_reproduction *reproduction, thor_job_share share, thor_error *error)
{
    const thor_job_plan *plan = reproduction->plan;
    for (size_t i = 0; i < plan->system_count; i++) {
        sizes s;
        if (plan->systems[i].left_out[0]) {
            printf("   -  %-40s left out: %s\n", plan->systems[i].name, plan->systems[i].left_out);
            continue;
        }
        THOR_TRY(measure(reproduction, thor_job_of(plan, i, 0), &s, error));
        for (size_t seed = 0; seed < plan->seed_count; seed++)
            if (thor_share_has(share, thor_job_of(plan, i, seed)))
                print_job(reproduction, thor_job_of(plan, i, seed), &s);
        fflush(stdout);
    }
    return THOR_OK;
}
