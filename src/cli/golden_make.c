/* thor golden make: computes a folder and writes it. */
#include <stdio.h>
#include <string.h>

#include "cli/golden_cli.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static thor_golden_facts facts_of(const thor_golden_subject *subject, const thor_golden *golden, int64_t steps)
{
    thor_golden_facts facts = { .seed = subject->model.config.seed, .steps = steps, .version = PACKAGE_VERSION };
    memcpy(facts.recipe, subject->model.config.recipe, sizeof facts.recipe);
    snprintf(facts.initial, sizeof facts.initial, "%s", subject->initial_from);
    snprintf(facts.batch, sizeof facts.batch, "%s", subject->batch_from);
    memcpy(facts.digest, golden->digest, sizeof facts.digest);
    return facts;
}

static thor_status write_folder(const thor_golden_options *options, const thor_golden_subject *subject,
                                const thor_golden *golden, thor_error *error)
{
    const char *names[THOR_UPDATE_COUNT];
    thor_golden_facts facts = facts_of(subject, golden, options->steps);
    thor_update_names(names);
    thor_golden_parts parts = { .config = &subject->model.config, .params = &subject->model.params, .facts = &facts,
                                .initial = golden->initial, .gradients = golden->gradients, .m = golden->m,
                                .v = golden->v, .after = subject->model.values, .batch = &golden->batch, .dropout = &golden->dropout,
                                .forward = &golden->forward, .loss_names = thor_loss_names, .losses = golden->losses,
                                .loss_count = THOR_LOSS_COUNT,
                                .updates = { names, THOR_UPDATE_COUNT, golden->updates[0], golden->update_count } };
    THOR_TRY(thor_golden_folder_write(options->output, &parts, options->overwrite, error));
    fprintf(stderr, "%s: %lld sentences, %lld parameters, %lld steps, digest %s\n", options->output,
            (long long)subject->batch.sentences, (long long)subject->model.params.elements, (long long)options->steps,
            facts.digest);
    return THOR_OK;
}

static thor_status make(const thor_golden_options *options, thor_golden_subject *subject, const thor_compute *compute,
                        thor_error *error)
{
    thor_golden golden = { .initial = NULL };
    THOR_TRY(thor_golden_subject_open(subject, options, error));
    THOR_TRY(thor_golden_check_memory(subject, compute->par.threads, error));
    thor_status status = thor_golden_compute(&golden, &subject->model, &subject->batch, options->steps, compute,
                                             error);
    if (status == THOR_OK)
        status = write_folder(options, subject, &golden, error);
    thor_golden_free(&golden);
    return status;
}

thor_status thor_golden_make(const thor_golden_options *options, thor_error *error)
{
    thor_golden_subject subject = { .batch = { .sentences = 0 } };
    thor_compute compute;
    if (!options->output)
        return thor_fail(error, THOR_E_USAGE, "no output; say where the folder goes with -o DIR");
    if (options->steps < 1)
        return thor_fail(error, THOR_E_USAGE, "--steps=0: a folder has the losses and gradients of step 1; expected 1 "
                         "or more");
    THOR_TRY(thor_golden_folder_look(options->output, options->overwrite, error));
    THOR_TRY(thor_golden_compute_open(&compute, options, error));
    thor_status status = make(options, &subject, &compute, error);
    thor_golden_subject_close(&subject);
    thor_compute_close(&compute);
    return status;
}
