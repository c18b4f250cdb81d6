/* Routing as tables and as JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/dmath.h"
#include "cli/inspect_cli.h"
#include "cli/print_json.h"
#include "model/labels.h"
#include "report/table.h"

static const char *const side_names[THOR_ROUTING_SIDES] = { "into English", "from English", "between others" };

void thor_inspect_layer_title(const thor_routing_report *routing, const thor_routing_layer *layer, char title[128])
{
    const char *number = strrchr(layer->name, '.');
    snprintf(title, 128, "%s layer %.20s, by %s", layer->decoder ? "decoder" : "encoder", number ? number + 1 : "?",
             routing->by_domain ? "domain" : layer->decoder ? "target language" : "source language");
}

/* ---- text ---- */

static thor_status print_layer(const thor_routing_report *routing, const thor_routing_layer *layer, thor_error *error)
{
    char title[128];
    thor_table table = thor_table_make((size_t)routing->experts + 2);
    thor_inspect_layer_title(routing, layer, title);
    printf("\nExperts in %s: percent of the choices\n", title);
    thor_table_add(&table, "expert");
    for (int32_t e = 0; e < routing->experts; e++)
        thor_table_add(&table, "%d", (int)e);
    thor_table_add(&table, "a token");
    for (int32_t g = 0; g < routing->groups; g++) {
        if (layer->rows[g] <= 0)
            continue;
        thor_table_add(&table, "%s", thor_routing_group_name(routing, g));
        for (int32_t e = 0; e < routing->experts; e++)
            thor_table_add(&table, "%.0f", 100 * thor_routing_share(routing, layer, g, e));
        thor_table_add(&table, "%.2f", thor_routing_experts_per_token(routing, layer, g));
    }
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    return status;
}

/* "0 3-5 7"; "-" for none. Cut short where there is no room. */
static void list_unused(const thor_routing_report *routing, const thor_routing_layer *layer, char *text, size_t room)
{
    size_t used = 0;
    snprintf(text, room, "-");
    for (int32_t e = 0, last; e < routing->experts && used + 32 < room; e = last + 1) {
        for (last = e; last < routing->experts && thor_routing_is_unused(routing, layer, last); last++) {}
        if (last > e + 1)
            used += (size_t)snprintf(text + used, room - used, "%s%d-%d", used ? " " : "", (int)e, (int)last - 1);
        else if (last == e + 1)
            used += (size_t)snprintf(text + used, room - used, "%s%d", used ? " " : "", (int)e);
    }
}

static thor_status print_use(const thor_routing_report *routing, thor_error *error)
{
    static const char *const heads[] = { "mixture", "a token", "evenness", "candidate sets", "never candidates",
                                         "never chosen" };
    char unused[200];
    thor_table table = thor_table_make(6);
    for (int i = 0; i < 6; i++)
        thor_table_add(&table, "%s", heads[i]);
    for (int32_t i = 0; i < routing->layer_count; i++) {
        const thor_routing_layer *layer = &routing->layers[i];
        int excluded = 0;
        for (int32_t e = 0; e < routing->experts; e++)
            excluded += thor_routing_is_excluded(routing, layer, e);
        list_unused(routing, layer, unused, sizeof unused);
        thor_table_add(&table, "%s", layer->name);
        thor_table_add(&table, "%.2f", thor_routing_experts_per_token(routing, layer, -1));
        thor_table_add(&table, "%.3f", thor_routing_evenness(routing, layer));
        thor_table_add(&table, layer->set_count ? "%lld" : "-", (long long)layer->set_count);
        thor_table_add(&table, "%d", excluded);
        thor_table_add(&table, "%s", unused);
    }
    printf("\nUse of the %d experts of each mixture\n", (int)routing->experts);
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    return status;
}

static thor_status print_accuracy(const thor_routing_report *routing, thor_error *error)
{
    thor_table table = thor_table_make(3);
    printf("\nTask predictor: share of sentences whose task was found from the source alone\n");
    thor_table_add(&table, "directions");
    thor_table_add(&table, "sentences");
    thor_table_add(&table, "right");
    for (int g = 0; g < THOR_ROUTING_SIDES; g++)
        if (routing->sentences[g] > 0) {
            thor_table_add(&table, "%s", side_names[g]);
            thor_table_add(&table, "%lld", (long long)routing->sentences[g]);
            thor_table_add(&table, "%.1f %%", 100.0 * (double)routing->right[g] / (double)routing->sentences[g]);
        }
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    if (routing->config->task.label == THOR_LABEL_TARGET_LANGUAGE && routing->sentences[THOR_ROUTING_FROM_ENGLISH] > 0)
        printf("  The task is the target language. An English sentence does not show it: from English it can only be "
               "guessed.\n");
    return status;
}

static thor_status print_confusion(const thor_routing_report *routing, thor_error *error)
{
    char name[THOR_DIRECTION_NAME];
    thor_table table = thor_table_make((size_t)routing->tasks + 2);
    printf("\nTask predictor: true task (rows) and prediction (columns), sentences\n");
    thor_table_add(&table, "task");
    for (int32_t k = 0; k < routing->tasks; k++)
        thor_table_add(&table, "%s", thor_task_name(routing->config, k, name));
    thor_table_add(&table, "right");
    for (int32_t t = 0; t < routing->tasks; t++) {
        thor_table_add(&table, "%s", thor_task_name(routing->config, t, name));
        int64_t sentences = 0;
        for (int32_t k = 0; k < routing->tasks; k++) {
            sentences += routing->confusion[t * routing->tasks + k];
            thor_table_add(&table, "%lld", (long long)routing->confusion[t * routing->tasks + k]);
        }
        if (sentences > 0)
            thor_table_add(&table, "%.1f %%",
                           100.0 * (double)routing->confusion[t * routing->tasks + t] / (double)sentences);
        else
            thor_table_add(&table, "-");
    }
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    return status;
}

thor_status thor_inspect_routing_print(const thor_routing_report *routing, thor_error *error)
{
    double nll = routing->nll / (double)routing->tokens;
    printf("%lld target tokens, perplexity %.3f\n", (long long)routing->tokens, thor_exp(nll));
    if (routing->layer_count == 0)
        printf("The model has no mixtures.\n");
    for (int32_t i = 0; i < routing->layer_count; i++)
        THOR_TRY(print_layer(routing, &routing->layers[i], error));
    if (routing->layer_count > 0)
        THOR_TRY(print_use(routing, error));
    if (routing->tasks == 0)
        return THOR_OK;
    THOR_TRY(print_accuracy(routing, error));
    return print_confusion(routing, error);
}

/* ---- JSON ---- */

static json_t *layer_json(const thor_routing_report *routing, const thor_routing_layer *layer)
{
    json_t *groups = json_object(), *unused = json_array(), *excluded = json_array();
    for (int32_t g = 0; g < routing->groups; g++) {
        if (layer->rows[g] <= 0)
            continue;
        json_t *chosen = json_array();
        for (int32_t e = 0; e < routing->experts; e++)
            json_array_append_new(chosen, json_integer((json_int_t)layer->chosen[(ptrdiff_t)g * routing->experts + e]));
        json_object_set_new(groups, thor_routing_group_name(routing, g),
                            json_pack("{s:I, s:f, s:o}", "rows", (json_int_t)layer->rows[g], "experts_per_token",
                                      thor_routing_experts_per_token(routing, layer, g), "chosen", chosen));
    }
    for (int32_t e = 0; e < routing->experts; e++) {
        if (thor_routing_is_unused(routing, layer, e))
            json_array_append_new(unused, json_integer(e));
        if (thor_routing_is_excluded(routing, layer, e))
            json_array_append_new(excluded, json_integer(e));
    }
    double evenness = thor_routing_evenness(routing, layer);
    json_t *all = json_pack("{s:s, s:f, s:o, s:o, s:o, s:o, s:o}", "layer", layer->name, "experts_per_token",
                            thor_routing_experts_per_token(routing, layer, -1), "never_chosen", unused,
                            "never_candidates", excluded, "candidate_sets",
                            layer->set_count > 0 ? json_integer((json_int_t)layer->set_count) : json_null(),
                            "evenness", isfinite(evenness) ? json_real(evenness) : json_null(),
                            routing->by_domain ? "domains" : "languages", groups);
    if (!routing->by_domain)
        json_object_set_new(all, "language_of", json_string(layer->decoder ? "target" : "source"));
    return all;
}

static json_t *task_json(const thor_routing_report *routing)
{
    static const char *const keys[THOR_ROUTING_SIDES] = { "into_english", "from_english", "between_others" };
    char name[THOR_DIRECTION_NAME];
    json_t *accuracy = json_object(), *names = json_array(), *confusion = json_array();
    for (int g = 0; g < THOR_ROUTING_SIDES; g++)
        if (routing->sentences[g] > 0)
            json_object_set_new(accuracy, keys[g],
                                json_pack("{s:I, s:I}", "sentences", (json_int_t)routing->sentences[g], "right",
                                          (json_int_t)routing->right[g]));
    for (int32_t t = 0; t < routing->tasks; t++) {
        json_t *row = json_array();
        for (int32_t k = 0; k < routing->tasks; k++)
            json_array_append_new(row, json_integer((json_int_t)routing->confusion[t * routing->tasks + k]));
        json_array_append_new(confusion, row);
        json_array_append_new(names, json_string(thor_task_name(routing->config, t, name)));
    }
    return json_pack("{s:o, s:o, s:o}", "accuracy", accuracy, "names", names, "confusion", confusion);
}

thor_status thor_inspect_routing_json(const thor_routing_report *routing, thor_error *error)
{
    json_t *layers = json_array();
    for (int32_t i = 0; i < routing->layer_count; i++)
        json_array_append_new(layers, layer_json(routing, &routing->layers[i]));
    json_t *all = json_pack("{s:I, s:f, s:i, s:o}", "tokens", (json_int_t)routing->tokens, "nll",
                            routing->nll / (double)routing->tokens, "experts", (int)routing->experts, "mixtures",
                            layers);
    if (routing->tasks > 0)
        json_object_set_new(all, "task", task_json(routing));
    return thor_print_json(all, error);
}
