/* thor golden compare: two files, or two folders file by file, and the verdict. */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "cli/cmd.h"
#include "cli/golden_cli.h"
#include "cli/golden_compare_cli.h"
#include "report/compare_step.h"

enum { ROWS = 20, WITHIN = 0, OUT = 1, EXCUSED = 3 };

/* In the order of computation. */
static const char *const file_names[] = {
    "initial.safetensors", "batch.safetensors", "dropout.safetensors", "forward.safetensors", "losses.json",
    "backward.safetensors", "gradients.safetensors", "golden.json", "moments.safetensors", "after.safetensors",
};

/* ---- one pair of files ----------------------------------------------------------------------------------------- */

static void describe(thor_golden_named *named, const char *file, const thor_difference *d)
{
    snprintf(named->name, sizeof named->name, "%s%s%s", file, *file ? ": " : "", d->name);
    if (d->missing)
        snprintf(named->at, sizeof named->at, "(missing)");
    else if (d->other_shape)
        snprintf(named->at, sizeof named->at, "%s", d->why);
    else
        thor_position_text(named->at, d->dims, d->shape, d->at);
}

static void sum_up(thor_golden_comparing *c, const thor_golden_compared *file)
{
    const thor_comparison *comparison = &file->comparison;
    c->tensors += comparison->count;
    c->out += comparison->out;
    c->excused += comparison->excused;
    c->shown += comparison->shown;
    c->suspicious += comparison->suspicious;
    c->too_small |= comparison->too_small;
    if (comparison->first && !c->first.name[0])
        describe(&c->first, file->name, comparison->first);
    if (comparison->first_suspicious && !c->first_suspicious.name[0])
        describe(&c->first_suspicious, file->name, comparison->first_suspicious);
}

static thor_status compare_lists(thor_golden_comparing *c, thor_golden_compared *file, const thor_tensor_list *ours,
                                 const thor_tensor_list *theirs, thor_compare_kind kind, thor_error *error)
{
    THOR_TRY(thor_compare(&file->comparison, c->judge, kind, ours, theirs, error));
    if (kind == THOR_COMPARE_AFTER && file->comparison.out > 0)
        thor_compare_steps(file->note, sizeof file->note, ours, theirs, &c->initial);
    sum_up(c, file);
    return THOR_OK;
}

/* `name` is that of both files in a comparison of folders, else empty. */
static thor_status compare_files(thor_golden_comparing *c, const char *name, const char *ours, const char *theirs,
                                 thor_error *error)
{
    thor_golden_compared *file = &c->files[c->count++];
    thor_tensor_list a = { .items = NULL }, b = { .items = NULL };
    *file = (thor_golden_compared){ .name = name };
    thor_status status = thor_golden_read_list(&a, ours, error);
    if (status == THOR_OK)
        status = thor_golden_read_list(&b, theirs, error);
    bool updates = strcmp(name, "golden.json") == 0;
    if (status == THOR_OK && updates && (a.count == 0 || b.count == 0))
        c->count--;             /* folders of before, which tell nothing of the updates */
    else if (status == THOR_OK)
        status = compare_lists(c, file, &a, &b, thor_golden_kind(ours, theirs), error);
    if (status == THOR_OK && file->comparison.count == 0 && !updates)
        status = thor_fail(error, THOR_E_FAILED, "%s and %s share no tensor: compare the same file of both sides", ours,
                           theirs);
    thor_tensor_list_free(&a);
    thor_tensor_list_free(&b);
    return status;
}

/* ---- two folders ----------------------------------------------------------------------------------------------- */

/* What theirs computes: parameters before, batch and masks are given to it. */
static bool is_result(const char *name)
{
    return strncmp(name, "initial.", 8) != 0 && strncmp(name, "batch.", 6) != 0 && strncmp(name, "dropout.", 8) != 0;
}

static thor_status compare_named(thor_golden_comparing *c, const char *name, thor_error *error)
{
    char *ours = thor_path(c->ours, name), *theirs = thor_path(c->theirs, name);
    thor_status status = THOR_OK;
    bool a = ours && thor_golden_is_there(ours), b = theirs && thor_golden_is_there(theirs);
    if (!ours || !theirs) {
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name", name);
    } else if (a && b) {
        status = compare_files(c, name, ours, theirs, error);
    } else if ((a || b) && strcmp(name, "golden.json") != 0) {
        c->files[c->count++] = (thor_golden_compared){ .name = name, .only_ours = a, .only_theirs = b };
        if (a && c->options.strict && is_result(name) && c->out++ == 0)
            snprintf(c->first.name, sizeof c->first.name, "%s (missing)", name);
    }
    free(ours);
    free(theirs);
    return status;
}

static thor_status compare_folders(thor_golden_comparing *c, thor_error *error)
{
    for (size_t i = 0; i < sizeof file_names / sizeof *file_names; i++)
        THOR_TRY(compare_named(c, file_names[i], error));
    if (c->tensors == 0)
        return thor_fail(error, THOR_E_FAILED, "%s and %s share no file of a golden folder", c->ours, c->theirs);
    return THOR_OK;
}

/* ---- verdict --------------------------------------------------------------------------------------------------- */

static int code_of(const thor_golden_comparing *c)
{
    return c->out > 0 ? OUT : c->excused > 0 || c->too_small ? EXCUSED : WITHIN;
}

static void write_verdict(char text[1200], const thor_golden_comparing *c)
{
    size_t room = 1200, judged = c->tensors - c->excused - c->shown;
    size_t used = (size_t)snprintf(text, room, "%zu judged, %zu excused", judged, c->excused);
    int64_t ties = thor_judge_ties(c->judge);
    if (ties > 0)
        used += (size_t)snprintf(text + used, room - used, " by %lld tie%s (first: %s)", (long long)ties,
                                 ties > 1 ? "s" : "", thor_judge_first_tie(c->judge));
    if (c->shown > 0)
        used += (size_t)snprintf(text + used, room - used, ", %zu not judged", c->shown);
    used += (size_t)snprintf(text + used, room - used, ", %zu out", c->out);
    if (c->suspicious > 0)
        used += (size_t)snprintf(text + used, room - used, ", %zu suspicious (first: %s %s)", c->suspicious,
                                 c->first_suspicious.name, c->first_suspicious.at);
    if (c->first.name[0])
        snprintf(text + used, room - used, "; the first in the order of computation: %s %s", c->first.name,
                 c->first.at);
}

static bool is_quiet_file(const thor_golden_comparing *c, const thor_golden_compared *file)
{
    const thor_comparison *d = &file->comparison;
    return *file->name && !c->all && d->out + d->excused + d->suspicious == 0;
}

static thor_status print_file(const thor_golden_comparing *c, const thor_golden_compared *file, thor_error *error)
{
    if (*file->name)
        printf("== %s ==\n", file->name);
    if (file->only_ours || file->only_theirs)
        printf("only in %s\n", file->only_ours ? "ours" : "theirs");
    else
        THOR_TRY(thor_comparison_print(&file->comparison, &c->options, is_quiet_file(c, file) ? THOR_NO_ROWS
                                       : c->all ? THOR_ALL_ROWS : ROWS, stdout, error));
    if (file->note[0])
        printf("%s\n", file->note);
    putchar('\n');
    return THOR_OK;
}

/* The verdict stands above the tables, too: they may be long. */
static thor_status print_all(const thor_golden_comparing *c, thor_error *error)
{
    char verdict[1200];
    write_verdict(verdict, c);
    if (c->json) {
        THOR_TRY(thor_golden_compare_print_json(c, code_of(c), verdict, error));
    } else {
        if (!c->quiet)
            printf("%s\n\n", verdict);
        for (size_t i = 0; i < c->count && !c->quiet; i++)
            THOR_TRY(print_file(c, &c->files[i], error));
        printf("%s\n", verdict);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return thor_fail(error, THOR_E_IO, "standard output: the comparison could not be written");
    return THOR_OK;
}

static thor_status compare(thor_golden_comparing *c, thor_error *error)
{
    thor_compare_facts facts;
    bool folders = thor_golden_is_folder(c->ours);
    if (folders != thor_golden_is_folder(c->theirs) && thor_golden_is_there(c->ours) && thor_golden_is_there(c->theirs))
        return thor_fail(error, THOR_E_USAGE, "%s is a folder and %s is a file: compare two files, or two folders",
                         folders ? c->ours : c->theirs, folders ? c->theirs : c->ours);
    THOR_TRY(thor_golden_look_beside(c, &facts, error));
    THOR_TRY(thor_judge_open(&c->judge, &c->options, &facts, &c->batch, &c->initial, &c->forward, error));
    THOR_TRY(folders ? compare_folders(c, error) : compare_files(c, "", c->ours, c->theirs, error));
    return print_all(c, error);
}

static void close_all(thor_golden_comparing *c)
{
    for (size_t i = 0; i < c->count; i++)
        thor_comparison_free(&c->files[i].comparison);
    thor_judge_free(c->judge);
    thor_tensor_list_free(&c->batch);
    thor_tensor_list_free(&c->initial);
    thor_tensor_list_free(&c->forward);
}

/* ---- command line ---------------------------------------------------------------------------------------------- */

/* What is given beside a precision replaces it. */
typedef struct {
    const char *precision;
    double atol, rtol, tie;     /* negative: not given */
} given;

static thor_status take_given(thor_golden_comparing *c, const given *g, thor_error *error)
{
    if (!thor_compare_precision(&c->options, g->precision))
        return thor_fail(error, THOR_E_USAGE, "--precision=%s: expected f32, tf32, f16 or bf16", g->precision);
    if (g->rtol >= 0)
        thor_compare_use_rtol(&c->options, g->rtol);
    c->options.atol = g->atol >= 0 ? g->atol : c->options.atol;
    c->options.tie = g->tie >= 0 ? g->tie : c->options.tie;
    return THOR_OK;
}

static thor_status read_options(thor_golden_comparing *c, thor_opt_list *operands, int argc, char **argv, bool *help,
                                thor_error *error)
{
    given g = { .precision = "f32", .atol = -1, .rtol = -1, .tie = -1 };
    const thor_opt table[] = {
        { "precision", 0, THOR_OPT_TEXT, &g.precision, "NAME", "of theirs: f32, tf32, f16, bf16 [f32]", 0, 0 },
        { "atol", 0, THOR_OPT_NUMBER, &g.atol, "X", "allowed besides [the precision's]", 0, 1e30 },
        { "rtol", 0, THOR_OPT_NUMBER, &g.rtol, "X", "allowed, times a tensor's largest number [the precision's]", 0,
          1e30 },
        { "tie", 0, THOR_OPT_NUMBER, &g.tie, "GAP", "probabilities so close are a near tie [the precision's]", 0, 1 },
        { "top-p", 0, THOR_OPT_NUMBER, &c->top_p, "P", "router.p of top-p, where no config.json says so", 0, 1 },
        { "strict", 0, THOR_OPT_FLAG, &c->options.strict, NULL, "a tensor that only ours has is out", 0, 0 },
        { "all", 'a', THOR_OPT_FLAG, &c->all, NULL, "every tensor, not the worst 20", 0, 0 },
        { "quiet", 'q', THOR_OPT_FLAG, &c->quiet, NULL, "only the last line", 0, 0 },
        { "json", 0, THOR_OPT_FLAG, &c->json, NULL, "JSON instead of a table", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    THOR_TRY(thor_opt_parse(table, argc, argv, operands, help, error));
    if (*help) {
        thor_opt_help(thor_command_find(argv[0]), table);
        return THOR_OK;
    }
    if (operands->count != 2)
        return thor_fail(error, THOR_E_USAGE, "%zu operands; expected two: ours and theirs, files or folders",
                         operands->count);
    return take_given(c, &g, error);
}

int thor_golden_compare(int argc, char **argv)
{
    thor_golden_comparing c = { .judge = NULL };
    thor_opt_list operands = { .items = NULL };
    thor_error error;
    bool help = false;
    thor_status status = read_options(&c, &operands, argc, argv, &help, &error);
    if (status == THOR_OK && !help) {
        c.ours = operands.items[0];
        c.theirs = operands.items[1];
        status = compare(&c, &error);
    }
    int code = status != THOR_OK ? thor_cli_fail(argv[0], &error) : code_of(&c);
    close_all(&c);
    thor_opt_list_free(&operands);
    return code;
}
