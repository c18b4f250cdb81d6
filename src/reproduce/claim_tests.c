#include "reproduce/claim_tests.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/bootstrap.h"
#include "score/permutation.h"

static const double significant = 0.05, small_loss = 0.2;

thor_verdict thor_verdict_of(double difference, double p)
{
    if (isnan(difference) || difference == 0)
        return THOR_UNTOLD;
    if (difference > 0)
        return p < significant ? THOR_HOLDS : THOR_TENDS_TO;
    return p < significant ? THOR_FAILS : THOR_TENDS_AGAINST;
}

void thor_part_number(thor_verdict_part *part, const char *name, double value, int digits)
{
    if (!isnan(value) && part->count < THOR_MOST_NUMBERS)
        part->numbers[part->count++] = (thor_verdict_number){ name, value, digits };
}

static double mean_bleu(const thor_pair_claim *pair, ptrdiff_t system)
{
    return thor_weighted_mean(pair->source->results, system, pair->mean, false).mean;
}

static thor_status test_bleu(const thor_pair_claim *pair, bool not_worse, thor_verdict_part *part, thor_error *error)
{
    thor_comparison_of_systems found;
    THOR_TRY(thor_samples_compare(pair->source->samples, (size_t)pair->left, (size_t)pair->right, pair->mean, &found,
                                  error));
    if (found.seeds == 0) {
        snprintf(part->reason, sizeof part->reason, "they have no seed in common");
        return THOR_OK;
    }
    part->verdict = thor_verdict_of(found.difference, found.p);
    if (not_worse && (found.difference >= 0 || (found.p >= significant && -found.difference < small_loss)))
        part->verdict = THOR_HOLDS;
    else if (found.difference == 0)
        snprintf(part->reason, sizeof part->reason, "their scores are equal");
    thor_part_number(part, "left BLEU", mean_bleu(pair, pair->left), 2);
    thor_part_number(part, "right BLEU", mean_bleu(pair, pair->right), 2);
    thor_part_number(part, "difference", found.difference, 2);
    thor_part_number(part, "p", found.p, 4);
    thor_part_number(part, "p by permutation", found.permutation_p, 4);
    thor_part_number(part, "seeds", (double)found.seeds, 0);
    thor_part_number(part, "pairs", (double)found.pairs, 0);
    return THOR_OK;
}

/* Paired numbers of experts a token. */
typedef struct expert_pairs {
    double left, right;                 /* sums */
    double *differences;                /* right - left */
    size_t count, room;
} expert_pairs;

static void add_pair(expert_pairs *pairs, double left, double right)
{
    if (isnan(left) || isnan(right) || pairs->count == pairs->room)
        return;
    pairs->left += left;
    pairs->right += right;
    pairs->differences[pairs->count++] = right - left;
}

/* Languages or domains of one seed. */
static void add_groups(expert_pairs *pairs, const thor_job_routing *left, const thor_job_routing *right)
{
    for (size_t a = 0; a < left->group_count; a++)
        for (size_t b = 0; b < right->group_count; b++)
            if (strcmp(left->groups[a].name, right->groups[b].name) == 0)
                add_pair(pairs, left->groups[a].value, right->groups[b].value);
}

/* Points of the first quarter of one seed's updates. */
static void add_early(expert_pairs *pairs, const thor_job_routing *left, const thor_job_routing *right, double updates)
{
    for (size_t a = 0; a < left->curve_count; a++)
        for (size_t b = 0; b < right->curve_count && left->updates[a] <= updates / 4; b++)
            if (left->updates[a] == right->updates[b])
                add_pair(pairs, left->experts[a], right->experts[b]);
}

static void collect(const thor_pair_claim *pair, bool early, expert_pairs *pairs)
{
    const thor_results *results = pair->source->results;
    for (size_t s = 0; s < results->plan->seed_count; s++) {
        const thor_job_result *left = &results->jobs[thor_job_of(results->plan, (size_t)pair->left, s)];
        const thor_job_result *right = &results->jobs[thor_job_of(results->plan, (size_t)pair->right, s)];
        if (!left->done || !right->done)
            continue;
        if (early)
            add_early(pairs, &left->routing, &right->routing, (double)left->scores.updates);
        else
            add_groups(pairs, &left->routing, &right->routing);
    }
}

/* The most pairs that there can be. */
static size_t room_for(const thor_results *results)
{
    size_t room = 1;
    for (size_t job = 0; job < thor_job_count(results->plan); job++)
        room += results->jobs[job].routing.group_count + results->jobs[job].routing.curve_count;
    return room;
}

static thor_status test_experts(const thor_pair_claim *pair, bool early, thor_verdict_part *part, thor_error *error)
{
    expert_pairs pairs = { .room = room_for(pair->source->results) };
    pairs.differences = calloc(pairs.room, sizeof *pairs.differences);
    if (!pairs.differences)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu pairs", pairs.room);
    collect(pair, early, &pairs);
    if (pairs.count == 0) {
        snprintf(part->reason, sizeof part->reason, "%s", early ? "no point of the first quarter was measured in both"
                                                                : "the routing of both was not measured for one seed");
    } else {
        double count = (double)pairs.count, difference = (pairs.right - pairs.left) / count;
        double p = thor_permutation_p(pairs.differences, pairs.count, THOR_BOOTSTRAP_SEED);
        part->verdict = thor_verdict_of(difference, p);
        if (difference == 0)
            snprintf(part->reason, sizeof part->reason, "they are equal");
        thor_part_number(part, "left experts", pairs.left / count, 3);
        thor_part_number(part, "right experts", pairs.right / count, 3);
        thor_part_number(part, "p by permutation", p, 4);
        thor_part_number(part, "pairs", count, 0);
    }
    free(pairs.differences);
    return THOR_OK;
}

static void name_pair(thor_claim_kind kind, const thor_pair_claim *pair, thor_verdict_part *part)
{
    switch (kind) {
    case THOR_CLAIM_FEWER:
        snprintf(part->text, sizeof part->text, "%.180s chooses fewer experts a token than %.180s", pair->left_name,
                 pair->right_name);
        break;
    case THOR_CLAIM_NOT_WORSE:
        snprintf(part->text, sizeof part->text, "%.180s not worse than %.180s", pair->left_name, pair->right_name);
        break;
    case THOR_CLAIM_EARLY:
        snprintf(part->text, sizeof part->text, "%.180s chooses fewer experts than %.180s in the first quarter",
                 pair->left_name, pair->right_name);
        break;
    default:
        snprintf(part->text, sizeof part->text, "%.180s above %.180s", pair->left_name, pair->right_name);
        break;
    }
}

thor_status thor_test_pair(thor_claim_kind kind, const thor_pair_claim *pair, thor_verdict_part *part,
                           thor_error *error)
{
    name_pair(kind, pair, part);
    if (thor_why_missing(pair->source, pair->left, pair->left_name, part->reason) ||
        thor_why_missing(pair->source, pair->right, pair->right_name, part->reason))
        return THOR_OK;
    if (kind == THOR_CLAIM_FEWER || kind == THOR_CLAIM_EARLY)
        return test_experts(pair, kind == THOR_CLAIM_EARLY, part, error);
    return test_bleu(pair, kind == THOR_CLAIM_NOT_WORSE, part, error);
}
