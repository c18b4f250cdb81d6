#include "reproduce/table_list.h"

#include <string.h>

#define BOTH { true, true }
#define LANGUAGES { true, false }
#define DOMAINS { false, true }

static const char no_row_note[] =
    "The paper contradicts itself: the row without any task representation has 32.12 in tables 5 and 6, which is table "
    "4's row without context; table 4's row without task has 31.57. Both readings are shown: the recipe of the row's "
    "name, and the one whose figure the paper prints there. Tables 5 and 6 also share 40.95 and 32.44 for different "
    "systems.";
static const char four_note[] =
    "The paper's row without task routing (31.57) lies below the row that its tables 5 and 6 call the baseline "
    "(32.12), which is this table's row without context.";
static const char one_note[] =
    "The paper's figures in this table come from another architecture, a decoder-only language model: compare the "
    "order, not the numbers. Its row Trim-MoE (Top-p) repeats three cells of table 9's Qwen1.5-MoE row.";
static const char ten_note[] =
    "The paper clusters BERT vectors with k = 5. Here the rows are k-means clusters (k = the number of tasks) of the "
    "mean of the encoder's output, each matched to a task by the best assignment; columns are the summed soft labels; "
    "a row adds up to 1.";
static const char readings_note[] =
    "Each row changes one setting of the first row's recipe. task.candidates has a quarter of the experts by default.";

static const thor_paper_table tables[] = {
    { "1", "Multi-domain translation", THOR_TABLE_QUALITY, DOMAINS, NULL, one_note,
      { { "dense", NULL, "dense", false }, { "st-moe", NULL, "st-moe", false }, { "gs-moe", NULL, "gs-moe", false },
        { "thor-top1", NULL, "thor-top1", false }, { "thor-top2", NULL, "thor-top2", false },
        { "thor-topp", NULL, "thor-topp", false } } },
    { "2", "Multilingual translation", THOR_TABLE_QUALITY, LANGUAGES, NULL, NULL,
      { { "dense", NULL, "dense", false }, { "st-moe", NULL, "st-moe", false }, { "gs-moe", NULL, "gs-moe", false },
        { "ls-moe", NULL, "ls-moe", false }, { "hybrid-moe", NULL, "hybrid-moe", false },
        { "residual-moe", NULL, "residual-moe", false }, { "lingual-moe", NULL, "lingual-moe", false },
        { "thor-top1", NULL, "thor-top1", false }, { "thor-top2", NULL, "thor-top2", false },
        { "thor-topp", NULL, "thor-topp", false } } },
    { "4", "Without a component", THOR_TABLE_QUALITY, BOTH, "thor-topp", four_note,
      { { "thor-topp", NULL, "full", false }, { "thor-topp-no-task", NULL, "no task", false },
        { "thor-topp-no-context", NULL, "no context", false } } },
    { "5", "Task representation", THOR_TABLE_QUALITY, BOTH, "thor-topp", no_row_note,
      { { "thor-topp", NULL, "mixed", false }, { "thor-topp-golden", NULL, "golden", false },
        { "thor-topp-predicted", NULL, "predicted", false }, { "thor-topp-no-task", NULL, "none", false },
        { "thor-topp-no-context", NULL, "none", true } } },
    { "6", "Use of the task representation", THOR_TABLE_QUALITY, BOTH, "thor-topp", no_row_note,
      { { "thor-topp", NULL, "hierarchical", false }, { "thor-topp-infuse", NULL, "infuse", false },
        { "thor-topp-no-task", NULL, "none", false }, { "thor-topp-no-context", NULL, "none", true } } },
    { "7", "Experts a token at test time", THOR_TABLE_EXPERTS, BOTH, "thor-topp", NULL,
      { { "thor-topp", NULL, "full", false }, { "thor-topp-no-context", NULL, "no context", false },
        { "thor-topp-no-task", NULL, "no task", false } } },
    { "8", "The data", THOR_TABLE_DATA, BOTH, NULL, NULL, { { NULL, NULL, NULL, false } } },
    { "10", "Similarity of sentences and tasks", THOR_TABLE_SIMILARITY, BOTH, NULL, ten_note,
      { { "thor-topp", NULL, NULL, false }, { "thor-top2", NULL, NULL, false } } },
    { "fig2", "Experts a token over training", THOR_TABLE_CURVE, BOTH, "thor-topp", NULL,
      { { "thor-topp", NULL, NULL, false }, { "thor-topp-no-context", NULL, NULL, false },
        { "thor-topp-no-task", NULL, NULL, false } } },
    { "A", "Accuracy of the task predictor", THOR_TABLE_ACCURACY, BOTH, NULL, NULL,
      { { "thor-topp", NULL, "predictor", false }, { "thor-top2", NULL, NULL, false },
        { "thor-top1", NULL, NULL, false } } },
    { "resources", "What it costs", THOR_TABLE_RESOURCES, LANGUAGES, "dense", NULL,
      { { "dense", NULL, NULL, false }, { "st-moe", NULL, NULL, false }, { "gs-moe", NULL, NULL, false },
        { "ls-moe", NULL, NULL, false }, { "hybrid-moe", NULL, NULL, false }, { "residual-moe", NULL, NULL, false },
        { "lingual-moe", NULL, NULL, false }, { "thor-top1", NULL, NULL, false }, { "thor-top2", NULL, NULL, false },
        { "thor-topp", NULL, NULL, false } } },
    { "readings", "What the paper leaves open", THOR_TABLE_READINGS, LANGUAGES, "thor-top2", readings_note,
      { { "thor-top2", NULL, NULL, false }, { "thor-top2", "task.label=source_language", NULL, false },
        { "thor-top2", "task.label=pair", NULL, false }, { "thor-top2", "task.tap=embedding", NULL, false },
        { "thor-top2", "task.pool=mean", NULL, false }, { "thor-top2", "task.pool=cls", NULL, false },
        { "thor-top2", "balance.task_over=sentences", NULL, false },
        { "thor-top2", "task.candidates=E/2", NULL, false },
        { "thor-top2", "context.form=add", NULL, false }, { "thor-top2", "context.feed_experts=true", NULL, false },
        { "thor-top1", NULL, NULL, false }, { "thor-top1", "router.renormalize=true", NULL, false } } },
};

static const thor_paper_claim claims[] = {
    { 1, "The systems of table 2 have the paper's order.", LANGUAGES, { { THOR_CLAIM_ORDER, "2", NULL } }, 1 },
    { 2, "thor-top2 is above thor-topp, thor-topp above thor-top1, thor-top1 above every baseline.", LANGUAGES,
      { { THOR_CLAIM_BETTER, "thor-top2", "thor-topp" }, { THOR_CLAIM_BETTER, "thor-topp", "thor-top1" },
        { THOR_CLAIM_BETTER, "thor-top1", NULL } }, 3 },
    { 3, "Both components help, task more than context.", BOTH,
      { { THOR_CLAIM_BETTER, "thor-topp", "thor-topp-no-task" },
        { THOR_CLAIM_BETTER, "thor-topp", "thor-topp-no-context" },
        { THOR_CLAIM_BETTER, "thor-topp-no-context", "thor-topp-no-task" } }, 3 },
    { 4, "A mixed task representation is better than a golden one, that than a predicted one, that than none.", BOTH,
      { { THOR_CLAIM_BETTER, "thor-topp", "thor-topp-golden" },
        { THOR_CLAIM_BETTER, "thor-topp-golden", "thor-topp-predicted" },
        { THOR_CLAIM_BETTER, "thor-topp-predicted", "thor-topp-no-task" } }, 3 },
    { 5, "Choosing candidate experts is better than infusing the task into the input, that than neither.", BOTH,
      { { THOR_CLAIM_BETTER, "thor-topp", "thor-topp-infuse" },
        { THOR_CLAIM_BETTER, "thor-topp-infuse", "thor-topp-no-task" } }, 2 },
    { 6, "Context lowers the number of experts and not the quality.", BOTH,
      { { THOR_CLAIM_FEWER, "thor-topp", "thor-topp-no-context" },
        { THOR_CLAIM_NOT_WORSE, "thor-topp", "thor-topp-no-context" } }, 2 },
    { 7, "It does so early in training, in the first quarter of the updates.", BOTH,
      { { THOR_CLAIM_EARLY, "thor-topp", "thor-topp-no-context" } }, 1 },
    { 8, "The task predictor is right as often as the paper says.", BOTH,
      { { THOR_CLAIM_ACCURACY, "thor-topp", NULL } }, 1 },
    { 9, "Low-resource directions gain most.", LANGUAGES, { { THOR_CLAIM_GAIN, "thor-top2", NULL } }, 1 },
};

const thor_paper_table *thor_paper_tables(size_t *count)
{
    *count = sizeof tables / sizeof *tables;
    return tables;
}

const thor_paper_table *thor_paper_table_find(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    return NULL;
}

bool thor_recipe_is_baseline(const char *recipe)
{
    return strncmp(recipe, "thor-", 5) != 0;
}

const thor_paper_claim *thor_paper_claims(size_t *count)
{
    *count = sizeof claims / sizeof *claims;
    return claims;
}
