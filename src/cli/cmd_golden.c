/* thor golden: numbers that another implementation can be checked against. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/golden_cli.h"

#define RECIPE_OPTIONS(o) \
    { "recipe", 0, THOR_OPT_TEXT, &(o)->recipe, "NAME", "a recipe such as thor-top2, or a configuration file", 0, 0 }, \
    { "setup", 0, THOR_OPT_TEXT, &(o)->setup, "NAME", "tasks: multilingual or multidomain [multilingual]", 0, 0 }, \
    { "scale", 0, THOR_OPT_TEXT, &(o)->scale, "NAME", "sizes: tiny, small, base or paper [tiny]", 0, 0 }, \
    { "set", 0, THOR_OPT_LIST, &(o)->set, "KEY=VALUE", "a key of thor-config(5); any number of times", 0, 0 }, \
    { "seed", 0, THOR_OPT_INTEGER, &(o)->seed, "N", "of parameters, batch and dropout [the configuration's]", 0, \
      0x1p63 }, \
    { "steps", 0, THOR_OPT_INTEGER, &(o)->steps, "N", "updates on the same batch [5]", 0, 1e6 }, \
    { "sentences", 0, THOR_OPT_INTEGER, &(o)->sentences, "N", "in the batch [6]", 1, 1e6 }, \
    { "words", 0, THOR_OPT_TEXT, &(o)->words, "N-M", "in an invented sentence [4-14]", 0, 0 }, \
    { "pieces", 0, THOR_OPT_INTEGER, &(o)->pieces, "N", "in the invented vocabulary [200]", 1, 1e6 }, \
    { "languages", 0, THOR_OPT_INTEGER, &(o)->languages, "N", "where the configuration names none [6]", 2, 4096 }, \
    { "data", 0, THOR_OPT_TEXT, &(o)->data, "DIR", "sentences of prepared data instead of invented ones", 0, 0 }, \
    { "from", 0, THOR_OPT_TEXT, &(o)->from, "FOLDER", "somebody's configuration, parameters and batch", 0, 0 }

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

/* Reads the options; with --help shows them. At most `operands` words may stand beside them. */
static thor_status read_options(const thor_opt *table, thor_golden_options *o, int argc, char **argv, size_t operands,
                                bool *help, thor_error *error)
{
    THOR_TRY(thor_opt_parse(table, argc, argv, &o->operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find(argv[0]), table);
    else if (o->operands.count > operands)
        return thor_fail(error, THOR_E_USAGE, "'%s' is one word too many", o->operands.items[operands]);
    return THOR_OK;
}

/* ---- digest ---------------------------------------------------------------------------------------------------- */

static thor_status print_digest(const thor_golden_options *options, thor_golden_subject *subject,
                                const thor_compute *compute, thor_error *error)
{
    char hex[65];
    THOR_TRY(thor_golden_subject_open(subject, options, error));
    THOR_TRY(thor_golden_check_memory(subject, compute->par.threads, error));
    THOR_TRY(thor_digest_model(hex, &subject->model, &subject->batch, options->steps, compute, error));
    if (puts(hex) == EOF || fflush(stdout) != 0)
        return thor_fail(error, THOR_E_IO, "standard output: the digest could not be written");
    return THOR_OK;
}

static thor_status run_digest(thor_golden_options *o, int argc, char **argv, thor_error *error)
{
    const thor_opt table[] = { RECIPE_OPTIONS(o), COMPUTE_OPTIONS(o), END_OF_OPTIONS };
    thor_golden_subject subject = { .batch = { .sentences = 0 } };
    thor_compute compute;
    bool help = false;
    THOR_TRY(read_options(table, o, argc, argv, 0, &help, error));
    if (help)
        return THOR_OK;
    THOR_TRY(thor_golden_compute_open(&compute, o, error));
    thor_status status = print_digest(o, &subject, &compute, error);
    thor_golden_subject_close(&subject);
    thor_compute_close(&compute);
    return status;
}

/* ---- make and check -------------------------------------------------------------------------------------------- */

static thor_status run_make(thor_golden_options *o, int argc, char **argv, thor_error *error)
{
    const thor_opt table[] = {
        RECIPE_OPTIONS(o),
        { "output", 'o', THOR_OPT_TEXT, &o->output, "DIR", "the folder to make", 0, 0 },
        { "margin", 0, THOR_OPT_NUMBER, &o->margin, "X", "the next seed without a routing gap below X [any]", 0, 1 },
        { "overwrite", 0, THOR_OPT_FLAG, &o->overwrite, NULL, "replace a golden folder that is there", 0, 0 },
        COMPUTE_OPTIONS(o), END_OF_OPTIONS };
    bool help = false;
    THOR_TRY(read_options(table, o, argc, argv, 0, &help, error));
    return help ? THOR_OK : thor_golden_make(o, error);
}

static thor_status run_check(thor_golden_options *o, int argc, char **argv, thor_error *error)
{
    const thor_opt table[] = { COMPUTE_OPTIONS(o), END_OF_OPTIONS };
    bool help = false;
    THOR_TRY(read_options(table, o, argc, argv, 1, &help, error));
    if (help)
        return THOR_OK;
    if (o->operands.count < 1)
        return thor_fail(error, THOR_E_USAGE, "nothing to check; name a golden folder");
    return thor_golden_check(o, error);
}

int thor_cmd_golden(int argc, char **argv)
{
    thor_golden_options options = defaults();
    thor_error error;
    const char *verb = strchr(argv[0], ' ') + 1;
    if (strcmp(verb, "compare") == 0)
        return thor_golden_compare(argc, argv);
    thor_status status = strcmp(verb, "digest") == 0 ? run_digest(&options, argc, argv, &error)
                         : strcmp(verb, "make") == 0 ? run_make(&options, argc, argv, &error)
                                                     : run_check(&options, argc, argv, &error);
    thor_opt_list_free(&options.set);
    thor_opt_list_free(&options.operands);
    return status == THOR_OK ? 0 : thor_cli_fail(argv[0], &error);
}
