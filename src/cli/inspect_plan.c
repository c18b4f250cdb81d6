/* Parameters, memory and work of a configuration, before or after its training. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/inspect_cli.h"
#include "cli/print_json.h"
#include "file/config_json.h"
#include "model/param_parts.h"
#include "model/sequence.h"
#include "model/work.h"
#include "report/table.h"
#include "train/trainer.h"

typedef struct plan {
    const thor_inspect_options *options;
    thor_model model;                   /* without values */
    int64_t parts[THOR_PARAM_PARTS];          /* parameters */
    int64_t used;                       /* by one token */
    double experts;                     /* of a token */
    thor_shape shape;                   /* of a shard */
    double weights, training, translating;      /* bytes; the last two with the weights */
    thor_work work;                     /* forward, of a shard */
    double update;                      /* operations of an update */
} plan;

static const char *const part_titles[THOR_PARAM_PARTS] = {
    "embeddings (source, target, output)", "attention",          "layer norms", "feed-forward networks", "experts",
    "routers and context gates",           "tasks and languages"
};

/* "x0", "x1" … where there are no names yet. */
static thor_status invent_names(thor_names *names, int64_t count, thor_error *error)
{
    for (int32_t i = 0; i < count && names->count == i; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", (int)i);
        THOR_TRY(thor_names_add(names, name, error));
    }
    return THOR_OK;
}

/* A recipe names neither languages nor domains nor vocabulary: they come with data. */
static thor_status complete(thor_config *config, const thor_inspect_options *options, thor_error *error)
{
    thor_setup setup;
    THOR_TRY(thor_setup_find(&setup, options->setup, error));
    int64_t languages = options->languages > 0 ? options->languages : setup == THOR_SETUP_MULTIDOMAIN ? 2 : 16;
    THOR_TRY(invent_names(&config->languages, languages, error));
    if (config->task.label == THOR_LABEL_DOMAIN)
        THOR_TRY(invent_names(&config->domains, options->domains, error));
    if (config->vocab.ids == 0)
        config->vocab.ids = (int32_t)thor_sequence_ids(config->vocab.size, config->languages.count);
    if (thor_config_tasks(config) == 0)
        config->task.count = 2 * (config->languages.count - 1);         /* of pairs: English and all others */
    return thor_config_check(config, error);
}

static thor_status read_recipe(thor_config *config, const thor_inspect_options *options, thor_error *error)
{
    thor_setup setup;
    THOR_TRY(thor_setup_find(&setup, options->setup, error));
    THOR_TRY(thor_config_load(config, options->recipe, error));
    THOR_TRY(thor_config_adjust(config, setup, options->scale, options->set.items, options->set.count, error));
    return thor_config_check(config, error);
}

static thor_status read_model(thor_config *config, const thor_inspect_options *options, thor_error *error)
{
    char *folder;
    THOR_TRY(thor_checkpoint_find(&folder, options->model, error));
    thor_status status = thor_checkpoint_config(config, folder, error);
    free(folder);
    return status;
}

static thor_status open_model(plan *p, thor_error *error)
{
    thor_config config = { .seed = 0 };
    thor_status status = p->options->recipe ? read_recipe(&config, p->options, error)
                                            : read_model(&config, p->options, error);
    if (status == THOR_OK)
        status = complete(&config, p->options, error);
    if (status == THOR_OK)
        status = thor_model_plan(&p->model, &config, error);
    thor_config_free(&config);
    return status;
}

static void count_parameters(plan *p)
{
    const thor_config *config = &p->model.config;
    thor_param_parts_count(p->parts, &p->model.params);
    p->experts = thor_likely_experts(config);
    p->used = thor_param_parts_used(p->parts, p->experts, config->moe.experts);
}

/* Shards full of sentences of one length, as many pieces on both sides. */
static void measure(plan *p)
{
    const thor_config *config = &p->model.config;
    int64_t width = p->options->length + 2 + thor_config_has_predictor(config),
            sentences = config->batch.max_tokens / width;
    sentences = sentences < 1 ? 1 : sentences;
    double rows = (double)(sentences * width), length = (double)width;
    int threads = thor_par_make((int)p->options->threads).threads;
    thor_lengths lengths = { rows, rows, rows * length, rows * (length + 1) / 2, rows * length };
    p->shape = (thor_shape){ sentences, sentences * width, sentences * width, width, width };
    p->weights = (double)p->model.params.floats * sizeof(float);
    p->training = p->weights + (double)thor_trainer_bytes(&p->model, &p->shape, config->batch.shards, threads);
    p->translating = p->weights +
                     (double)thor_pass_bytes(&p->model, &(thor_shape){ 32, 32 * width, 0, width, 0 }, false, threads);
    p->work = thor_work_forward(config, &lengths, p->experts);
    p->update = 3 * p->work.total * config->batch.shards;
}

static void add_share(thor_table *table, const char *name, double value, double whole, int digits)
{
    thor_table_add(table, "%s", name);
    thor_table_add(table, "%.*f", digits, value);
    thor_table_add(table, "%.1f %%", 100 * value / whole);
}

static thor_status print_parameters(const plan *p, thor_error *error)
{
    thor_table table = thor_table_make(3);
    double whole = (double)p->model.params.elements;
    thor_table_add(&table, "Parameters");
    thor_table_add(&table, "count");
    thor_table_add(&table, "share");
    for (int i = 0; i < THOR_PARAM_PARTS; i++)
        if (p->parts[i] > 0)
            add_share(&table, part_titles[i], (double)p->parts[i], whole, 0);
    add_share(&table, "together", whole, whole, 0);
    add_share(&table, "used by a token", (double)p->used, whole, 0);
    thor_status status = thor_table_print(&table, stdout, 0, error);
    thor_table_free(&table);
    return status;
}

static void print_memory(const plan *p)
{
    char text[32];
    const thor_config *config = &p->model.config;
    printf("\nMemory, for sentences of %d pieces\n", (int)p->options->length);
    printf("  weights                                    %12s\n", thor_bytes_text(text, p->weights));
    printf("  translating, 32 sentences, before the beam %12s\n", thor_bytes_text(text, p->translating));
    printf("  training, shards of %-6lld tokens          %12s\n", (long long)config->batch.max_tokens,
           thor_bytes_text(text, p->training));
}

static thor_status print_work(const plan *p, thor_error *error)
{
    double rows = (double)p->shape.target_rows;
    const thor_work *w = &p->work;
    const struct { const char *name; double value; } parts[] = {
        { "attention", w->attention }, { "feed-forward networks", w->dense }, { "experts", w->experts },
        { "routers and context gates", w->routing }, { "output", w->output }, { "together", w->total } };
    thor_table table = thor_table_make(3);
    thor_table_add(&table, "Work, a target token and its source");
    thor_table_add(&table, "MFLOP");
    thor_table_add(&table, "share");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].value > 0)
            add_share(&table, parts[i].name, parts[i].value / rows * 1e-6, w->total / rows * 1e-6, 3);
    printf("\n");
    thor_status status = thor_table_print(&table, stdout, 0, error);
    thor_table_free(&table);
    printf("\nForward and backward are three times as much: %.1f GFLOP an update of %d shards.\n", p->update * 1e-9,
           (int)p->model.config.batch.shards);
    return status;
}

static void print_heading(const plan *p)
{
    const thor_config *c = &p->model.config;
    printf("%s: %d+%d layers, width %d, feed-forward %d, %d heads, %d ids, %d languages",
           c->recipe[0] ? c->recipe : "configuration", (int)c->model.encoder_layers, (int)c->model.decoder_layers,
           (int)c->model.width, (int)c->model.ffn_width, (int)c->model.heads, (int)c->vocab.ids,
           (int)c->languages.count);
    if (c->task.label == THOR_LABEL_DOMAIN)
        printf(", %d domains", (int)c->domains.count);
    if (thor_config_has_mixtures(c))
        printf("; %d experts, %d of them candidates, %s%.3g a token", (int)c->moe.experts,
               (int)thor_config_candidates(c), c->router.policy == THOR_TOP_P ? "about " : "", p->experts);
    printf("\n\n");
}

static thor_status print_json(const plan *p, thor_error *error)
{
    json_t *parts = json_object();
    for (int i = 0; i < THOR_PARAM_PARTS; i++)
        json_object_set_new(parts, thor_param_part_name((thor_param_part)i), json_integer((json_int_t)p->parts[i]));
    double rows = (double)p->shape.target_rows;
    return thor_print_json(
        json_pack("{s:{s:I,s:I,s:o}, s:{s:I,s:f,s:f,s:f}, s:{s:f,s:f,s:f,s:f,s:f,s:f,s:f}, s:f}", "parameters",
                  "together", (json_int_t)p->model.params.elements, "used_by_a_token", (json_int_t)p->used, "parts",
                  parts, "bytes", "sentence_pieces", (json_int_t)p->options->length, "weights", p->weights,
                  "translating", p->translating, "training", p->training, "flop_per_target_token", "attention",
                  p->work.attention / rows, "dense", p->work.dense / rows, "experts", p->work.experts / rows, "routing",
                  p->work.routing / rows, "output", p->work.output / rows, "together", p->work.total / rows, "update",
                  p->update, "experts_per_token", p->experts),
        error);
}

thor_status thor_inspect_plan(const thor_inspect_options *options, thor_error *error)
{
    plan p = { .options = options };
    thor_status status = open_model(&p, error);
    if (status == THOR_OK) {
        count_parameters(&p);
        measure(&p);
    }
    if (status == THOR_OK && options->json) {
        status = print_json(&p, error);
    } else if (status == THOR_OK) {
        print_heading(&p);
        status = print_parameters(&p, error);
        print_memory(&p);
        if (status == THOR_OK)
            status = print_work(&p, error);
    }
    thor_model_close(&p.model);
    return status;
}
