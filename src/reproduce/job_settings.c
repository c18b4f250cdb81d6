/* What a job is trained with. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce/reproduction.h"

enum { SETTING = 256, OWN_SETTINGS = 3 };

static thor_status add(thor_job_settings *settings, const char *text, thor_error *error)
{
    char *copy = malloc(strlen(text) + 1);
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the settings of a job");
    strcpy(copy, text);
    settings->items[settings->count++] = copy;
    return THOR_OK;
}

thor_status thor_job_settings_make(thor_job_settings *settings, const thor_reproduction *reproduction, size_t job,
                                   thor_error *error)
{
    char text[SETTING];
    const thor_reproduce_options *options = reproduction->options;
    const thor_planned_system *system = thor_job_system(reproduction->plan, job);
    *settings = (thor_job_settings){ .items = calloc(options->set_count + OWN_SETTINGS, sizeof *settings->items) };
    if (!settings->items)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the settings of a job");
    for (size_t i = 0; i < options->set_count; i++)
        THOR_TRY(add(settings, options->set[i], error));
    if (options->updates > 0) {
        snprintf(text, sizeof text, "schedule.updates=%lld", (long long)options->updates);
        THOR_TRY(add(settings, text, error));
    }
    snprintf(text, sizeof text, "seed=%" PRIu64, thor_job_seed(reproduction->plan, job));
    THOR_TRY(add(settings, text, error));
    return system->change[0] ? add(settings, system->change, error) : THOR_OK;
}

void thor_job_settings_free(thor_job_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        free(settings->items[i]);
    free(settings->items);
    *settings = (thor_job_settings){ .items = NULL };
}

thor_run_options thor_job_run_options(const thor_reproduction *reproduction, size_t job,
                                      const thor_job_settings *settings, const char *folder)
{
    const thor_reproduce_options *options = reproduction->options;
    return (thor_run_options){
        .recipe = thor_job_system(reproduction->plan, job)->recipe, .setup = options->setup, .scale = options->scale,
        .set = (const char *const *)settings->items, .set_count = settings->count, .data = options->data,
        .output = folder, .isa = options->isa, .threads = options->threads,
        .validate_every = THOR_REPRODUCE_EVERY, .save_every = THOR_REPRODUCE_EVERY, .resume = folder != NULL,
    };
}
