/* thor golden: numbers that another implementation can be checked against. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/golden_cli.h"

#define RECIPE_OPTIONS(o) \
    { "recipe", 0, THOR_OPT_TEXT, &(o)->recipe, "NAME", "a recipe such as thor-top2, or a configuration file", 0, 0 }, \
    { "scale", 0, THOR_OPT_TEXT, &(o)->scale, "NAME", "sizes: tiny, small, base or paper [tiny]", 0, 0 }, \
    { "set", 0, THOR_OPT_LIST, &(o)->set, "KEY=VALUE", "a key of thor-config(5); any number of times", 0, 0 }, \
    { "seed", 0, THOR_OPT_INTEGER, &(o)->seed, "N", "of parameters, batch and dropout [the configuration's]", 0, \
      0x1p63 }, \
    { "steps", 0, THOR_OPT_INTEGER, &(o)->steps, "N", "updates on the same batch [5]", 0, 1e6 }, \
    { "sentences", 0, THOR_OPT_INTEGER, &(o)->sentences, "N", "in the batch [6]", 1, 1e6 }, \
    { "words", 0, THOR_OPT_TEXT, &(o)->words, "N-M", "in an invented sentence [4-14]", 0, 0 }, \
    { "pieces", 0, THOR_OPT_INTEGER, &(o)->pieces, "N", "in the invented vocabulary [200]", 1, 1e6 }, \
    { "languages", 0, THOR_OPT_INTEGER, &(o)->languages, "N", "where the configuration names none [6]", 2, 4096 }

#define COMPUTE_OPTIONS(o) \
    { "threads", 'j', THOR_OPT_INTEGER, &(o)->threads, "N", "threads; change no number [all]", 0, 4096 }, \
    { "isa", 0, THOR_OPT_TEXT, &(o)->isa, "NAME", "instruction set: auto, scalar, avx2, avx512, neon [auto]", 0, 0 }, \
    { "backend", 0, THOR_OPT_TEXT, &(o)->backend, "NAME", "reference, and no other", 0, 0 }

#define END_OF_OPTIONS { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 }

static thor_golden_options defaults(void)
{
    thor_invention invention = thor_invention_default();
    return (thor_golden_options){ .seed = -1, .steps = 5, .words = "4-14", .sentences = invention.sentences,
                                  .pieces = invention.pieces, .languages = invention.languages };
}

static thor_status digest(const thor_golden_options *options, thor_error *error)
{
    char hex[65];
    thor_golden_subject subject = { .batch = { .sentences = 0 } };
    thor_compute compute;
    THOR_TRY(thor_golden_compute(&compute, options, error));
    thor_status status = thor_golden_subject_open(&subject, options, error);
    if (status == THOR_OK)
        status = thor_digest_run(hex, &subject.config, &subject.batch, options->steps, &compute, error);
    if (status == THOR_OK)
        puts(hex);
    thor_golden_subject_close(&subject);
    thor_compute_close(&compute);
    return status;
}

static thor_status run_digest(thor_golden_options *o, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt table[] = { RECIPE_OPTIONS(o), COMPUTE_OPTIONS(o), END_OF_OPTIONS };
    THOR_TRY(thor_opt_parse(table, argc, argv, &o->operands, help, error));
    if (*help) {
        thor_opt_help(thor_command_find(argv[0]), table);
        return THOR_OK;
    }
    if (o->operands.count > 0)
        return thor_fail(error, THOR_E_USAGE, "'%s' is no option; a recipe is named with --recipe",
                         o->operands.items[0]);
    return digest(o, error);
}

int thor_cmd_golden(int argc, char **argv)
{
    thor_golden_options options = defaults();
    thor_error error;
    bool help = false;
    thor_status status = run_digest(&options, argc, argv, &help, &error);
    thor_opt_list_free(&options.set);
    thor_opt_list_free(&options.operands);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}
