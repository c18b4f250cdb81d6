/* What a run writes into metrics.jsonl. */
#include <math.h>
#include <stdio.h>

#include "base/dmath.h"
#include "file/metrics.h"
#include "model/labels.h"
#include "run/run_parts.h"

thor_status thor_run_record_update(thor_run *run, const thor_step_report *report, double seconds, thor_error *error)
{
    thor_metrics_line line = thor_metrics_begin();
    thor_metrics_whole(&line, "step", run->trainer.updates);
    thor_metrics_whole(&line, "tokens", report->tokens);
    thor_metrics_whole(&line, "source_tokens", report->source_tokens);
    thor_metrics_whole(&line, "shards", report->shards);
    thor_metrics_number(&line, "total", report->part[THOR_LOSS_TOTAL]);
    thor_metrics_number(&line, "nll", report->part[THOR_LOSS_NLL]);
    thor_metrics_number(&line, "perplexity", thor_exp(report->part[THOR_LOSS_NLL]));
    thor_metrics_number(&line, "task", report->part[THOR_LOSS_TASK]);
    thor_metrics_number(&line, "task_balance", report->part[THOR_LOSS_TASK_BALANCE]);
    thor_metrics_number(&line, "token_balance", report->part[THOR_LOSS_TOKEN_BALANCE]);
    thor_metrics_number(&line, "dynamic", report->part[THOR_LOSS_DYNAMIC]);
    thor_metrics_number(&line, "budget", report->part[THOR_LOSS_BUDGET]);
    thor_metrics_number(&line, "family", report->part[THOR_LOSS_FAMILY]);
    thor_metrics_number(&line, "task_accuracy", report->task_accuracy);
    thor_metrics_number(&line, "experts_per_token", report->experts_per_token);
    thor_metrics_number(&line, "dropped", report->dropped);
    thor_metrics_number(&line, "lr", report->lr);
    thor_metrics_number(&line, "gradient_norm", report->gradient_norm);
    thor_metrics_number(&line, "tokens_per_second", (double)report->tokens / seconds);
    thor_metrics_number(&line, "seconds", thor_run_seconds(run));
    return thor_metrics_write(&line, run->metrics, run->metrics_path, error);
}

thor_status thor_run_record_growth(thor_run *run, double nll_of_all, const double *nll, thor_error *error)
{
    thor_metrics_line line = thor_metrics_begin(), classes = thor_metrics_begin();
    for (int i = 0; i < THOR_GROUPS; i++)
        thor_metrics_number(&classes, thor_group_name((thor_group)i), thor_exp(nll[i]));
    thor_metrics_true(&line, "growth");
    thor_metrics_whole(&line, "step", run->trainer.updates);
    thor_metrics_number(&line, "perplexity", thor_exp(nll_of_all));
    thor_metrics_number(&line, "best_perplexity", thor_exp(run->state.group_best));
    thor_metrics_object(&line, "classes", &classes);
    thor_metrics_wholes(&line, "group_sizes", run->config.lingual.sizes, THOR_GROUPS);
    return thor_metrics_write(&line, run->metrics, run->metrics_path, error);
}

/* "de-en", "de-en/news". */
static void put_direction(const thor_run *run, thor_metrics_line *line, const thor_direction *direction, double nll)
{
    char pair[THOR_DIRECTION_NAME], name[THOR_DIRECTION_NAME + THOR_NAME_LETTERS + 1];
    const char *domain = direction->domain < 0 ? NULL : run->data.corpus.domains[direction->domain];
    thor_config_direction(pair, &run->config, direction->source_language, direction->target_language);
    snprintf(name, sizeof name, "%s%s%.*s", pair, domain ? "/" : "", THOR_NAME_LETTERS, domain ? domain : "");
    if (isfinite(nll))
        thor_metrics_number(line, name, nll);
}

thor_status thor_run_record_validation(thor_run *run, const thor_validation *v, const double *nll, thor_error *error)
{
    int32_t count;
    const thor_direction *directions = thor_sampler_directions(run->data.sampler, &count);
    thor_metrics_line line = thor_metrics_begin(), inner = thor_metrics_begin();
    for (int32_t i = 0; i < count; i++)
        put_direction(run, &inner, &directions[i], nll[i]);
    thor_metrics_true(&line, "validation");
    thor_metrics_whole(&line, "step", run->trainer.updates);
    thor_metrics_whole(&line, "tokens", v->tokens);
    thor_metrics_number(&line, "nll", v->nll);
    thor_metrics_number(&line, "perplexity", thor_exp(v->nll));
    if (run->options->best_by != THOR_BEST_BY_PERPLEXITY)
        thor_metrics_number(&line, thor_best_by_names[run->options->best_by], v->score);
    thor_metrics_number(&line, "task_accuracy", v->task_accuracy);
    thor_metrics_number(&line, "experts_per_token", v->experts_per_token);
    thor_metrics_number(&line, "validation_seconds", v->seconds);
    thor_metrics_number(&line, "seconds", thor_run_seconds(run));
    thor_metrics_object(&line, "directions", &inner);
    return thor_metrics_write(&line, run->metrics, run->metrics_path, error);
}
