/* thor inspect: looks into configurations, models and runs. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/inspect_cli.h"

static thor_status read_command_line(thor_inspect_options *o, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt table[] = {
        { "recipe", 0, THOR_OPT_TEXT, &o->recipe, "NAME",
          "parameters, memory and work of a recipe or configuration file", 0, 0 },
        { "setup", 0, THOR_OPT_TEXT, &o->setup, "NAME",
          "tasks for --recipe: multilingual or multidomain [multilingual]", 0, 0 },
        { "scale", 0, THOR_OPT_TEXT, &o->scale, "NAME", "sizes for --recipe: tiny, small, base or paper [paper]", 0,
          0 },
        { "set", 0, THOR_OPT_LIST, &o->set, "KEY=VALUE", "a key of thor-config(5) for --recipe; any number of times", 0,
          0 },
        { "languages", 0, THOR_OPT_INTEGER, &o->languages, "N",
          "with --recipe: so many, where the recipe names none [16; multidomain: 2]", 2, 4096 },
        { "domains", 0, THOR_OPT_INTEGER, &o->domains, "N",
          "with --recipe: so many, where they are the tasks and the recipe names none [5]", 1, 4096 },
        { "length", 0, THOR_OPT_INTEGER, &o->length, "N", "memory and work are for sentences of N pieces [30]", 1,
          100000 },
        { "model", 'm', THOR_OPT_TEXT, &o->model, "RUN",
          "the same of a trained model; with --data: what its routers did", 0, 0 },
        { "data", 0, THOR_OPT_TEXT, &o->data, "DIR", "what 'thor prepare' wrote", 0, 0 },
        { "split", 0, THOR_OPT_TEXT, &o->split, "NAME", "train, valid or test of the data [test]", 0, 0 },
        { "losses", 0, THOR_OPT_TEXT, &o->losses, "RUN", "the course of a training, from RUN/metrics.jsonl", 0, 0 },
        { "json", 0, THOR_OPT_FLAG, &o->json, NULL, "JSON instead of text", 0, 0 },
        { "svg", 0, THOR_OPT_TEXT, &o->svg, "FILE", "draw the routers' heat map, or the losses' curves", 0, 0 },
        { "threads", 'j', THOR_OPT_INTEGER, &o->threads, "N", "threads; the numbers do not depend on it [all]", 0,
          4096 },
        { "isa", 0, THOR_OPT_TEXT, &o->isa, "NAME", "instruction set: auto, scalar, avx2, avx512, neon [auto]", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 }
    };
    THOR_TRY(thor_opt_parse(table, argc, argv, &o->operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find("inspect"), table);
    return THOR_OK;
}

static thor_status check_options(const thor_inspect_options *o, thor_error *error)
{
    int subjects = (o->recipe != NULL) + (o->model != NULL) + (o->losses != NULL);
    if (o->operands.count > 0)
        return thor_fail(error, THOR_E_USAGE, "'%s' is not an option; a run is named with -m or --losses",
                         o->operands.items[0]);
    if (subjects != 1)
        return thor_fail(error, THOR_E_USAGE, "%s; name one of --recipe NAME, -m RUN, --losses RUN",
                         subjects ? "more than one thing to look at" : "nothing to look at");
    if (!o->recipe && (o->setup || o->scale || o->set.count > 0))
        return thor_fail(error, THOR_E_USAGE, "%s belongs to --recipe; a trained model has its configuration",
                         o->setup ? "--setup" : o->scale ? "--scale" : "--set");
    if (o->data && !o->model)
        return thor_fail(error, THOR_E_USAGE,
                         "--data shows what a trained model's routers do; name the model with -m RUN");
    if (o->svg && !o->losses && !o->data)
        return thor_fail(error, THOR_E_USAGE,
                         "--svg draws routers (-m RUN --data DIR) or losses (--losses RUN); there are no pictures "
                         "of the rest");
    if (o->json && o->losses)
        return thor_fail(error, THOR_E_USAGE, "--losses has no JSON of its own: RUN/metrics.jsonl is JSON already");
    return THOR_OK;
}

static thor_status choose_split(const char *name, thor_split *split, thor_error *error)
{
    static const char *const names[THOR_SPLITS] = { "train", "valid", "test" };
    for (int i = 0; i < THOR_SPLITS; i++)
        if (strcmp(name, names[i]) == 0) {
            *split = (thor_split)i;
            return THOR_OK;
        }
    return thor_fail(error, THOR_E_USAGE, "--split=%.40s: expected train, valid or test", name);
}

static thor_status open_corpus(thor_prepared *corpus, const char *folder, const thor_opened_model *opened,
                               thor_error *error)
{
    THOR_TRY(thor_prepared_open(corpus, folder, &opened->compute.par, THOR_CHECK_CONTENT, error));
    if (strcmp(corpus->vocabulary_checksum, thor_vocab_checksum(opened->vocab)) != 0)
        return thor_fail(error, THOR_E_USAGE, "%s was prepared with another vocabulary than that of %s", folder,
                         opened->folder);
    return THOR_OK;
}

static thor_status show_routing(const thor_inspect_options *o, thor_error *error)
{
    thor_split split = THOR_TEST;
    thor_opened_model opened = { .folder = NULL };
    thor_prepared corpus = { .files = NULL };
    thor_routing_report routing = { .config = NULL };
    THOR_TRY(choose_split(o->split, &split, error));
    thor_status status = thor_opened_model_open(&opened, o->model, o->isa, NULL, (int)o->threads, error);
    if (status == THOR_OK)
        status = open_corpus(&corpus, o->data, &opened, error);
    if (status == THOR_OK)
        status = thor_routing_run(&routing, &opened.model, &opened.compute, &corpus, o->data, split, error);
    if (status == THOR_OK)
        status = o->json ? thor_inspect_routing_json(&routing, error) : thor_inspect_routing_print(&routing, error);
    if (status == THOR_OK && o->svg)
        status = thor_inspect_routing_svg(&routing, o->svg, error);
    thor_routing_free(&routing);
    thor_prepared_close(&corpus);
    thor_opened_model_close(&opened);
    return status;
}

static thor_status run(const thor_inspect_options *o, thor_error *error)
{
    THOR_TRY(check_options(o, error));
    if (o->losses)
        return thor_inspect_losses(o, error);
    return o->data ? show_routing(o, error) : thor_inspect_plan(o, error);
}

int thor_cmd_inspect(int argc, char **argv)
{
    thor_inspect_options options = { .split = "test", .domains = 5, .length = 30 };
    thor_error error;
    bool help = false;
    thor_status status = read_command_line(&options, argc, argv, &help, &error);
    if (status == THOR_OK && !help)
        status = run(&options, &error);
    thor_opt_list_free(&options.set);
    thor_opt_list_free(&options.operands);
    return status == THOR_OK ? 0 : thor_cli_fail("inspect", &error);
}
