/* thor golden compare: two files, or two folders file by file. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "cli/cmd.h"
#include "cli/golden_cli.h"
#include "cli/golden_compare_cli.h"
#include "file/config_json.h"

enum { ROWS = 20 };

/* ---- what lies beside a file ----------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static bool is_there(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0;
}

/* The configuration in the folder of `path` (or in `path`, where that is a folder); false where there is none. */
static bool find_config(thor_config *config, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = is_folder(path) ? strlen(path) : slash ? (size_t)(slash - path) + 1 : 0;
    char *folder = malloc(length + 2);
    if (!folder)
        return false;
    memcpy(folder, length ? path : ".", length ? length : 1);
    folder[length ? length : 1] = '\0';
    char *name = thor_path(folder, "config.json");
    bool found = name && is_there(name) && thor_config_read(config, name, NULL) == THOR_OK;
    free(name);
    free(folder);
    return found;
}

/* p of top-p and whether Adam's eps makes steps of rounding errors: from whichever side has a configuration. */
static void look_beside(thor_golden_comparing *c)
{
    thor_config config;
    if (!find_config(&config, c->ours) && !find_config(&config, c->theirs))
        return;
    if (config.router.policy == THOR_TOP_P && c->options.p == 0)
        c->options.p = config.router.p;
    c->small_eps = config.optimizer.eps < 1e-4;
    thor_config_free(&config);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* ---- one pair of files ----------------------------------------------------------------------------------------- */

/* The numbers of losses.json as scalars of their own. */
static thor_status read_losses(thor_tensor_list *list, const char *path, thor_error *error)
{
    double values[THOR_LOSS_COUNT];
    *list = (thor_tensor_list){ .items = NULL };
    THOR_TRY(thor_losses_read(path, thor_loss_names, values, THOR_LOSS_COUNT, true, error));
    for (int i = 0; i < THOR_LOSS_COUNT; i++) {
        thor_tensor like = { .dtype = THOR_F64 };
        void *data;
        snprintf(like.name, sizeof like.name, "losses.%s", thor_loss_names[i]);
        if (values[i] == values[i]) {
            THOR_TRY(thor_tensor_list_add(list, &like, &data, error));
            *(double *)data = values[i];
        }
    }
    return THOR_OK;
}

static thor_status read_list(thor_tensor_list *list, const char *path, thor_error *error)
{
    return ends_with(path, ".json") ? read_losses(list, path, error) : thor_tensor_list_read(list, path, error);
}

static thor_status report(thor_golden_comparing *c, const char *name, const thor_comparison *comparison,
                          const thor_compare_options *options, thor_error *error)
{
    c->tensors += comparison->count;
    c->out += comparison->out;
    for (size_t i = 0; i < comparison->count; i++)
        c->ties += (size_t)comparison->items[i].ties;
    if (comparison->first && !c->first[0])
        snprintf(c->first, sizeof c->first, "%s%s%s", name, *name ? ": " : "", comparison->first->name);
    if (c->json)
        return thor_golden_compare_add(c, name, comparison, error);
    if (*name)
        printf("== %s ==\n", name);
    THOR_TRY(thor_comparison_print(comparison, options, c->all ? 0 : ROWS, stdout, error));
    if (*name)
        putchar('\n');
    return THOR_OK;
}

/* `name` is that of both files in a comparison of folders, else empty. */
static thor_status compare_files(thor_golden_comparing *c, const char *name, const char *ours, const char *theirs,
                                 bool judged, thor_error *error)
{
    thor_tensor_list a = { .items = NULL }, b = { .items = NULL };
    thor_comparison comparison = { .items = NULL };
    thor_compare_options options = c->options;
    options.only_show = !judged;
    options.skip_key_bias = c->small_eps && (ends_with(ours, "after.safetensors") ||
                                             ends_with(theirs, "after.safetensors"));
    thor_status status = read_list(&a, ours, error);
    if (status == THOR_OK)
        status = read_list(&b, theirs, error);
    if (status == THOR_OK)
        status = thor_compare(&comparison, &a, &b, &options, error);
    if (status == THOR_OK && comparison.count == 0)
        status = thor_fail(error, THOR_E_FAILED, "%s and %s share no tensor: compare the same file of both sides", ours,
                           theirs);
    if (status == THOR_OK)
        status = report(c, name, &comparison, &options, error);
    thor_comparison_free(&comparison);
    thor_tensor_list_free(&a);
    thor_tensor_list_free(&b);
    return status;
}

/* ---- two folders ----------------------------------------------------------------------------------------------- */

static thor_status compare_named(thor_golden_comparing *c, const char *name, thor_error *error)
{
    char *ours = thor_path(c->ours, name), *theirs = thor_path(c->theirs, name);
    thor_status status = THOR_OK;
    /* After a near tie the losses and all that follows are those of another choice. */
    bool later = strcmp(name, "losses.json") == 0 || strcmp(name, "gradients.safetensors") == 0 ||
                 strcmp(name, "after.safetensors") == 0;
    if (!ours || !theirs) {
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name", name);
    } else if (is_there(ours) && is_there(theirs)) {
        c->files++;
        status = compare_files(c, name, ours, theirs, !(later && c->ties > 0), error);
    } else if (is_there(ours) || is_there(theirs)) {
        thor_golden_compare_missing(c, name, is_there(ours));
    }
    free(ours);
    free(theirs);
    return status;
}

static thor_status compare_folders(thor_golden_comparing *c, thor_error *error)
{
    size_t count;
    const char *const *names = thor_golden_file_names(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], "config.json") != 0 && strcmp(names[i], "golden.json") != 0)
            THOR_TRY(compare_named(c, names[i], error));
    if (c->files == 0)
        return thor_fail(error, THOR_E_FAILED, "%s and %s share no file of a golden folder", c->ours, c->theirs);
    if (!c->json)
        printf("%zu files, %zu tensors: %zu out of tolerance%s%s\n", c->files, c->tensors, c->out,
               c->first[0] ? "; the first in the order of computation is in " : "", c->first);
    return THOR_OK;
}

static thor_status compare(thor_golden_comparing *c, thor_error *error)
{
    bool folders = is_folder(c->ours);
    if (folders != is_folder(c->theirs) && is_there(c->ours) && is_there(c->theirs))
        return thor_fail(error, THOR_E_USAGE, "%s is a %s and %s is none: compare two files, or two folders",
                         folders ? c->ours : c->theirs, "folder", folders ? c->theirs : c->ours);
    look_beside(c);
    THOR_TRY(thor_golden_compare_start(c, error));
    THOR_TRY(folders ? compare_folders(c, error) : compare_files(c, "", c->ours, c->theirs, true, error));
    return thor_golden_compare_finish(c, error);
}

/* ---- command line ---------------------------------------------------------------------------------------------- */

static thor_status read_options(thor_golden_comparing *c, thor_opt_list *operands, int argc, char **argv, bool *help,
                                thor_error *error)
{
    const thor_opt table[] = {
        { "atol", 0, THOR_OPT_NUMBER, &c->options.atol, "X", "allowed besides [1e-8]", 0, 1e30 },
        { "rtol", 0, THOR_OPT_NUMBER, &c->options.rtol, "X", "allowed, times a tensor's largest number [1e-4]", 0,
          1e30 },
        { "tie", 0, THOR_OPT_NUMBER, &c->options.tie, "GAP", "probabilities so close are a near tie [1e-6]", 0, 1 },
        { "top-p", 0, THOR_OPT_NUMBER, &c->options.p, "P", "router.p of top-p, where no config.json says so", 0, 1 },
        { "all", 'a', THOR_OPT_FLAG, &c->all, NULL, "every tensor, not the worst 20", 0, 0 },
        { "json", 0, THOR_OPT_FLAG, &c->json, NULL, "JSON instead of a table", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    THOR_TRY(thor_opt_parse(table, argc, argv, operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find(argv[0]), table);
    else if (operands->count != 2)
        return thor_fail(error, THOR_E_USAGE, "%zu operands; expected two: ours and theirs, files or folders",
                         operands->count);
    return THOR_OK;
}

int thor_golden_compare(int argc, char **argv)
{
    thor_golden_comparing c = { .options = { .atol = 1e-8, .rtol = 1e-4, .tie = 1e-6 } };
    thor_opt_list operands = { .items = NULL };
    thor_error error;
    bool help = false;
    thor_status status = read_options(&c, &operands, argc, argv, &help, &error);
    if (status == THOR_OK && !help) {
        c.ours = operands.items[0];
        c.theirs = operands.items[1];
        status = compare(&c, &error);
    }
    thor_golden_compare_close(&c);
    thor_opt_list_free(&operands);
    if (status != THOR_OK)
        return thor_cli_fail(argv[0], &error);
    return c.out > 0 ? 1 : 0;
}
