/* Which of the paper's claims hold. Each part has the numbers that decide it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce/claim_tests.h"
#include "reproduce/report_parts.h"

typedef struct judgement {
    const thor_report_source *source;
    const double *mean;                 /* weights of the mean over all test sets; NULL when no job is done */
    thor_judged_claim *claim;
    thor_error *error;
} judgement;

/* One comparison of two systems named by their recipes. */
static thor_status judge_pair(const judgement *j, thor_claim_kind kind, const char *left, const char *right)
{
    const thor_job_plan *plan = j->source->results->plan;
    const thor_pair_claim pair = { j->source, j->mean, left, right, thor_plan_find(plan, left, NULL),
                                   thor_plan_find(plan, right, NULL) };
    thor_verdict_part part = { .verdict = THOR_UNTOLD };
    THOR_TRY(thor_test_pair(kind, &pair, &part, j->error));
    return thor_claim_part_add(j->claim, &part, j->error);
}

/* Against every baseline of the plan. */
static thor_status judge_baselines(const judgement *j, const char *left)
{
    const thor_job_plan *plan = j->source->results->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->system_count; i++)
        if (thor_recipe_is_baseline(plan->systems[i].recipe)) {
            THOR_TRY(judge_pair(j, THOR_CLAIM_BETTER, left, plan->systems[i].name));
            count++;
        }
    if (count > 0)
        return THOR_OK;
    thor_verdict_part part = { .verdict = THOR_UNTOLD, .reason = "no baseline is among the systems asked for" };
    snprintf(part.text, sizeof part.text, "%s above every baseline", left);
    return thor_claim_part_add(j->claim, &part, j->error);
}

static thor_status judge_order(const judgement *j, const char *table)
{
    thor_ranking ranking;
    thor_verdict_part part = { .verdict = THOR_UNTOLD };
    thor_rank(j->source, thor_paper_table_find(table), j->mean, &ranking);
    thor_test_order(&ranking, &part);
    THOR_TRY(thor_claim_part_add(j->claim, &part, j->error));
    for (size_t i = 0; i + 1 < ranking.count; i++)
        THOR_TRY(judge_pair(j, THOR_CLAIM_BETTER, ranking.recipes[i], ranking.recipes[i + 1]));
    return THOR_OK;
}

static thor_status judge_single(const judgement *j, const thor_claim_part *planned)
{
    thor_verdict_part part = { .verdict = THOR_UNTOLD };
    if (planned->kind == THOR_CLAIM_ACCURACY) {
        thor_test_accuracy(j->source, planned->left, &part);
        return thor_claim_part_add(j->claim, &part, j->error);
    }
    for (int group = 0; group < 2; group++) {           /* low above high, low above medium */
        part = (thor_verdict_part){ .verdict = THOR_UNTOLD };
        THOR_TRY(thor_test_gain(j->source, planned->left, group, &part, j->error));
        THOR_TRY(thor_claim_part_add(j->claim, &part, j->error));
    }
    return THOR_OK;
}

static thor_status judge_part(const judgement *j, const thor_claim_part *planned)
{
    switch (planned->kind) {
    case THOR_CLAIM_ORDER:
        return judge_order(j, planned->left);
    case THOR_CLAIM_ACCURACY:
    case THOR_CLAIM_GAIN:
        return judge_single(j, planned);
    default:
        return planned->right ? judge_pair(j, planned->kind, planned->left, planned->right)
                              : judge_baselines(j, planned->left);
    }
}

thor_status thor_judge_claims(const thor_report_source *source, thor_document *document, thor_error *error)
{
    size_t count;
    const thor_paper_claim *claims = thor_paper_claims(&count);
    double *mean = source->samples->model ? thor_mean_weights(source->samples->model) : NULL;
    thor_status status = THOR_OK;
    for (size_t i = 0; status == THOR_OK && i < count; i++) {
        judgement j = { source, mean, NULL, error };
        if (!claims[i].setups[source->results->plan->setup])
            continue;
        status = thor_document_claim(document, claims[i].number, claims[i].text, &j.claim, error);
        for (size_t p = 0; status == THOR_OK && p < claims[i].count; p++)
            status = judge_part(&j, &claims[i].parts[p]);
        for (size_t p = 0; status == THOR_OK && p < j.claim->count; p++)        /* as good as its worst part */
            j.claim->verdict = j.claim->parts[p].verdict > j.claim->verdict ? j.claim->parts[p].verdict
                                                                            : j.claim->verdict;
    }
    free(mean);
    return status;
}
