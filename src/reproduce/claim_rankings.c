/* Claims that are not about two systems: the order of a table, the predictor, who gains most. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce/claim_tests.h"
#include "reproduce/paper.h"
#include "score/averages.h"
#include "score/multiple.h"

void thor_rank(const thor_report_source *source, const thor_paper_table *table, const double *mean,
               thor_ranking *ranking)
{
    *ranking = (thor_ranking){ .count = 0 };
    for (const thor_row_plan *row = table->rows; row->recipe; row++) {
        double paper = thor_paper_value(source->results->plan->setup, table->name, row->paper, "Avg");
        ptrdiff_t system = thor_row_system(source, row);
        if (isnan(paper))
            continue;
        ranking->known++;
        double ours = mean ? thor_weighted_mean(source->results, system, mean, false).mean : NAN;
        if (isnan(ours))
            continue;
        size_t at = ranking->count++;
        for (; at > 0 && ranking->paper[at - 1] < paper; at--) {
            ranking->recipes[at] = ranking->recipes[at - 1];
            ranking->paper[at] = ranking->paper[at - 1];
            ranking->ours[at] = ranking->ours[at - 1];
        }
        ranking->recipes[at] = row->recipe;
        ranking->paper[at] = paper;
        ranking->ours[at] = ours;
    }
}

void thor_test_order(const thor_ranking *ranking, thor_verdict_part *part)
{
    snprintf(part->text, sizeof part->text, "Kendall's tau with the paper's order");
    if (ranking->known < 2) {
        snprintf(part->reason, sizeof part->reason, "the paper's means of this table are not in paper-figures.tsv");
        return;
    }
    if (ranking->count < 2) {
        snprintf(part->reason, sizeof part->reason, "fewer than two of its systems are done");
        return;
    }
    double tau = thor_kendall_tau(ranking->paper, ranking->ours, ranking->count);
    part->verdict = tau == 1 ? THOR_HOLDS : tau == -1 ? THOR_FAILS : thor_verdict_of(tau, 1);
    thor_part_number(part, "tau", tau, 3);
    thor_part_number(part, "systems", (double)ranking->count, 0);
}

static double take_count(const thor_job_result *job, const void *what)
{
    double sentences = 0;
    (void)what;
    for (int s = 0; s < THOR_ENGLISH_SIDES; s++)
        sentences += (double)job->routing.sentences[s];
    return sentences > 0 ? sentences : NAN;
}

void thor_test_accuracy(const thor_report_source *source, const char *recipe, thor_verdict_part *part)
{
    const double z = 1.959963984540054;
    ptrdiff_t system = thor_plan_find(source->results->plan, recipe, NULL);
    double paper = thor_paper_value(source->results->plan->setup, "A", "predictor", "all");
    snprintf(part->text, sizeof part->text, "the predictor of %s is right for at least %.2f %% of sentences", recipe,
             paper);
    if (thor_why_missing(source, system, recipe, part->reason))
        return;
    thor_seed_mean share = thor_over_seeds(source->results, system, thor_take_accuracy, NULL);
    double n = thor_over_seeds(source->results, system, take_count, NULL).mean, p = share.mean / 100;
    if (isnan(p)) {
        snprintf(part->reason, sizeof part->reason, "its routing was not measured");
        return;
    }
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    part->verdict = 100 * (middle + half) >= paper ? THOR_HOLDS : THOR_FAILS;
    thor_part_number(part, "ours %", 100 * p, 2);
    thor_part_number(part, "95 % from", 100 * (middle - half), 2);
    thor_part_number(part, "to", 100 * (middle + half), 2);
    thor_part_number(part, "paper %", paper, 2);
    thor_part_number(part, "sentences", n, 0);
    thor_part_number(part, "seeds", (double)share.seeds, 0);
}

/* Weights of the mean of one group minus that of another; false where either has no direction. */
static bool oppose(const thor_job_scores *model, thor_group plus, thor_group minus, double *weights)
{
    size_t more = 0, less = 0;
    for (int round = 0; round < 2; round++)
        for (size_t t = 0; t < model->count; t++) {
            char other[64];
            thor_side_of(model->tests[t].direction, other);
            thor_group group = thor_group_of(other);
            if (round == 0) {
                more += group == plus;
                less += group == minus;
            } else if (more > 0 && less > 0) {
                weights[t] = group == plus ? 1 / (double)more : group == minus ? -1 / (double)less : 0;
            }
        }
    return more > 0 && less > 0;
}

static thor_status compare_gains(const thor_report_source *source, size_t system, size_t baseline, thor_group other,
                                 thor_verdict_part *part, thor_error *error)
{
    const thor_job_scores *model = source->samples->model;
    double *weights = calloc(model->count + 1, sizeof *weights);
    thor_comparison_of_systems found;
    if (!weights)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu test sets", model->count);
    thor_status status = THOR_OK;
    if (!oppose(model, THOR_GROUP_LOW, other, weights)) {
        snprintf(part->reason, sizeof part->reason, "the data has no direction of low, or none of %s resources",
                 thor_group_name(other));
    } else {
        status = thor_samples_compare(source->samples, system, baseline, weights, &found, error);
        if (status == THOR_OK && found.seeds > 0) {
            part->verdict = thor_verdict_of(found.difference, found.p);
            thor_part_number(part, "difference of gains", found.difference, 2);
            thor_part_number(part, "p", found.p, 4);
            thor_part_number(part, "seeds", (double)found.seeds, 0);
        } else {
            snprintf(part->reason, sizeof part->reason, "they have no seed in common");
        }
    }
    free(weights);
    return status;
}

thor_status thor_test_gain(const thor_report_source *source, const char *recipe, int group, thor_verdict_part *part,
                           thor_error *error)
{
    thor_group other = group ? THOR_GROUP_MEDIUM : THOR_GROUP_HIGH;
    ptrdiff_t system = thor_plan_find(source->results->plan, recipe, NULL), baseline = thor_best_baseline(source);
    const char *over = baseline < 0 ? "the best baseline" : source->results->plan->systems[baseline].name;
    snprintf(part->text, sizeof part->text, "%.120s gains more over %s in low-resource than in %s-resource directions",
             recipe, over, thor_group_name(other));
    if (thor_why_missing(source, system, recipe, part->reason))
        return THOR_OK;
    if (baseline < 0) {
        snprintf(part->reason, sizeof part->reason, "no baseline is done");
        return THOR_OK;
    }
    return compare_gains(source, (size_t)system, (size_t)baseline, other, part, error);
}
