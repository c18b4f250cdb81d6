/* thor golden make: computes a folder and writes it. */
#include <math.h>
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
                                .v = golden->v, .after = subject->model.values, .batch = &golden->batch,
                                .dropout = &golden->dropout, .forward = &golden->forward,
                                .loss_names = thor_loss_names, .losses = golden->losses, .loss_count = THOR_LOSS_COUNT,
                                .updates = { names, THOR_UPDATE_COUNT, golden->updates[0], golden->update_count } };
    THOR_TRY(thor_golden_folder_write(options->output, &parts, options->overwrite, error));
    fprintf(stderr, "%s: %lld sentences, %lld parameters, %lld steps, digest %s\n", options->output,
            (long long)subject->batch.sentences, (long long)subject->model.params.elements, (long long)options->steps,
            facts.digest);
    return THOR_OK;
}

/* ---- what the folder exercises --------------------------------------------------------------------------------- */

static void say_nearest(const char *what, const thor_golden_nearest *nearest)
{
    fprintf(stderr, "%s %.3g, %s [%lld", what, nearest->distance, nearest->name, (long long)nearest->sentence);
    if (nearest->position >= 0)
        fprintf(stderr, ",%lld", (long long)nearest->position);
    fprintf(stderr, "]");
}

static void say_margin(const thor_golden_margin *margin)
{
    if (isfinite(margin->gap.distance)) {
        say_nearest("routing: smallest gap", &margin->gap);
        fprintf(stderr, "\n");
    }
    if (margin->rows > 0)
        fprintf(stderr, "routing: %lld to %lld experts a row, %lld of %lld rows renormalised, %lld choices dropped\n",
                (long long)margin->fewest, (long long)margin->most, (long long)margin->renormalized,
                (long long)margin->rows, (long long)margin->dropped);
    if (isfinite(margin->relu.distance)) {
        say_nearest("relu: smallest |input|", &margin->relu);
        fprintf(stderr, "\n");
    }
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

enum { MOST_SEEDS = 1000 };

/* Opens the subject of the options, computes its folder, and how near its choices are to being others. */
static thor_status compute_folder(thor_golden_subject *subject, thor_golden *golden, thor_golden_margin *margin,
                                  const thor_golden_options *options, int64_t steps, const thor_compute *compute,
                                  thor_error *error)
{
    THOR_TRY(thor_golden_subject_open(subject, options, error));
    THOR_TRY(thor_golden_check_memory(subject, compute->par.threads, error));
    THOR_TRY(thor_golden_compute(golden, &subject->model, &subject->batch, steps, compute, error));
    thor_golden_measure(margin, golden, &subject->model, &subject->batch);
    return THOR_OK;
}

/* One step with the options' seed. */
static thor_status gap_of(double *gap, uint64_t *seed, const thor_golden_options *options, const thor_compute *compute,
                          thor_error *error)
{
    thor_golden_subject subject = { .batch = { .sentences = 0 } };
    thor_golden golden = { .initial = NULL };
    thor_golden_margin margin;
    thor_status status = compute_folder(&subject, &golden, &margin, options, 1, compute, error);
    if (status == THOR_OK) {
        *gap = margin.gap.distance;
        *seed = subject.model.config.seed;
    }
    thor_golden_free(&golden);
    thor_golden_subject_close(&subject);
    return status;
}

/* The first seed, from the options' on, that leaves the margin. */
static thor_status find_seed(thor_golden_options *options, const thor_compute *compute, thor_error *error)
{
    double gap, widest = 0;
    uint64_t seed, first = 0;
    if (options->from)
        return thor_fail(error, THOR_E_USAGE, "--margin=%g looks for another seed, but --from gives parameters and "
                         "batch; leave one of them out", options->margin);
    for (int i = 0; i < MOST_SEEDS; i++) {
        THOR_TRY(gap_of(&gap, &seed, options, compute, error));
        if (gap >= options->margin) {
            options->seed = (int64_t)seed;
            return THOR_OK;
        }
        first = i == 0 ? seed : first;
        widest = fmax(widest, gap);
        if (seed == INT64_MAX)
            break;
        options->seed = (int64_t)(seed + 1);
    }
    return thor_fail(error, THOR_E_FAILED, "--margin=%g: no such seed from %llu to %llu; the widest gap was %.3g; try "
                     "a smaller margin or a smaller batch", options->margin, (unsigned long long)first,
                     (unsigned long long)seed, widest);
}

static thor_status make(const thor_golden_options *options, const thor_compute *compute, thor_error *error)
{
    thor_golden_subject subject = { .batch = { .sentences = 0 } };
    thor_golden golden = { .initial = NULL };
    thor_golden_margin margin;
    thor_status status = compute_folder(&subject, &golden, &margin, options, options->steps, compute, error);
    if (status == THOR_OK)
        status = write_folder(options, &subject, &golden, error);
    if (status == THOR_OK)
        say_margin(&margin);
    thor_golden_free(&golden);
    thor_golden_subject_close(&subject);
    return status;
}

thor_status thor_golden_make(const thor_golden_options *options, thor_error *error)
{
    thor_compute compute;
    if (!options->output)
        return thor_fail(error, THOR_E_USAGE, "no output; say where the folder goes with -o DIR");
    if (options->steps < 1)
        return thor_fail(error, THOR_E_USAGE, "--steps=0: a folder has the losses and gradients of step 1; expected 1 "
                         "or more");
    THOR_TRY(thor_golden_folder_look(options->output, options->overwrite, error));
    THOR_TRY(thor_golden_compute_open(&compute, options, error));
    thor_golden_options chosen = *options;
    thor_status status = options->margin > 0 ? find_seed(&chosen, &compute, error) : THOR_OK;
    if (status == THOR_OK)
        status = make(&chosen, &compute, error);
    thor_compute_close(&compute);
    return status;
}
