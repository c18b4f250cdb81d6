#include "cli/opt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

/* One word of the command line that is an option, taken apart. */
typedef struct written {
    const thor_opt *option;
    const char *value;      /* behind "=" or directly behind a letter; NULL: none yet */
    bool negated;           /* --no-name */
    char shown[80];         /* as the user would write it, for errors */
} written;

static bool same_name(const char *name, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (name[i] == '\0' || name[i] != (word[i] == '_' ? '-' : word[i]))
            return false;
    return name[length] == '\0';
}

static const thor_opt *find_long(const thor_opt *options, const char *word, size_t length)
{
    for (const thor_opt *option = options; option->name; option++)
        if (same_name(option->name, word, length))
            return option;
    return NULL;
}

static const thor_opt *find_short(const thor_opt *options, char letter)
{
    for (const thor_opt *option = options; option->name; option++)
        if (option->letter == letter)
            return option;
    return NULL;
}

static thor_status unknown_option(const thor_opt *options, const char *word, size_t length, thor_error *error)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1), word);
    thor_nearest nearest = thor_nearest_start(copy);
    for (const thor_opt *option = options; option->name; option++)
        thor_nearest_offer(&nearest, option->name);
    if (nearest.best)
        return thor_fail(error, THOR_E_USAGE, "unknown option --%s; did you mean --%s?", copy, nearest.best);
    return thor_fail(error, THOR_E_USAGE, "unknown option --%s; --help lists the options", copy);
}

static thor_status read_long(const thor_opt *options, const char *word, written *found, thor_error *error)
{
    size_t length = strcspn(word, "=");
    found->value = word[length] == '=' ? word + length + 1 : NULL;
    found->negated = false;
    found->option = find_long(options, word, length);
    if (!found->option && length > 3 && (strncmp(word, "no-", 3) == 0 || strncmp(word, "no_", 3) == 0)) {
        found->option = find_long(options, word + 3, length - 3);
        found->negated = found->option && found->option->kind == THOR_OPT_FLAG;
        if (!found->negated)
            found->option = NULL;
    }
    if (!found->option)
        return unknown_option(options, word, length, error);
    snprintf(found->shown, sizeof found->shown, "--%s%s", found->negated ? "no-" : "", found->option->name);
    if (found->option->kind == THOR_OPT_FLAG && found->value)
        return thor_fail(error, THOR_E_USAGE, "%s=%s: this option takes no value", found->shown, found->value);
    return THOR_OK;
}

static thor_status read_integer(const written *found, const char *text, thor_error *error)
{
    static const struct { char letter; int64_t factor; } units[] = {
        { 'K', 1000 }, { 'M', 1000000 }, { 'G', 1000000000 }, { '\0', 1 } };
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    size_t unit = 0;
    while (units[unit].letter && units[unit].letter != *end)
        unit++;
    bool clean = end != text && (*text == '-' || (*text >= '0' && *text <= '9')) && (*end == '\0' || end[1] == '\0');
    if (!clean || (*end != '\0' && units[unit].letter == '\0'))
        return thor_fail(error, THOR_E_USAGE, "%s=%s: expected a whole number such as 8, 2K or 3M", found->shown, text);
    int64_t factor = units[unit].factor;
    if (errno == ERANGE || value > INT64_MAX / factor || value < INT64_MIN / factor)
        return thor_fail(error, THOR_E_USAGE, "%s=%s: the number does not fit into 64 bits", found->shown, text);
    double low = found->option->low, high = found->option->high;
    int64_t number = value * factor;
    if ((low != 0 || high != 0) && ((double)number < low || (double)number > high))
        return high >= 0x1p63
                   ? thor_fail(error, THOR_E_USAGE, "%s=%s: expected a whole number from %.0f on", found->shown, text,
                               low)
                   : thor_fail(error, THOR_E_USAGE, "%s=%s: expected a whole number from %.0f to %.0f", found->shown,
                               text, low, high);
    *(int64_t *)found->option->target = number;
    return THOR_OK;
}

static thor_status read_number(const written *found, const char *text, thor_error *error)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || !strchr("+-.0123456789", *text))
        return thor_fail(error, THOR_E_USAGE, "%s=%s: expected a number such as 0.1 or 3e-4", found->shown, text);
    double low = found->option->low, high = found->option->high;
    if ((low != 0 || high != 0) && (value < low || value > high))
        return thor_fail(error, THOR_E_USAGE, "%s=%s: expected a number from %g to %g", found->shown, text, low, high);
    *(double *)found->option->target = value;
    return THOR_OK;
}

static thor_status append(thor_opt_list *list, const char *item, thor_error *error)
{
    /* Room doubles whenever the count is a power of two. */
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count ? 2 * list->count : 1;
        const char **items = realloc(list->items, room * sizeof *items);
        if (!items)
            return thor_fail(error, THOR_E_MEMORY, "no memory for %zu arguments", room);
        list->items = items;
    }
    list->items[list->count++] = item;
    return THOR_OK;
}

static thor_status store(const written *found, const char *text, thor_error *error)
{
    switch (found->option->kind) {
    case THOR_OPT_FLAG:
        *(bool *)found->option->target = !found->negated;
        return THOR_OK;
    case THOR_OPT_TEXT:
        *(const char **)found->option->target = text;
        return THOR_OK;
    case THOR_OPT_INTEGER:
        return read_integer(found, text, error);
    case THOR_OPT_NUMBER:
        return read_number(found, text, error);
    case THOR_OPT_LIST:
        return append(found->option->target, text, error);
    }
    return THOR_OK;
}

/* Stores an option, with the next word as its value where it needs one; *at moves over that word. */
static thor_status take(const written *found, int argc, char **argv, int *at, thor_error *error)
{
    const char *text = found->value;
    if (found->option->kind != THOR_OPT_FLAG && !text) {
        if (*at + 1 >= argc)
            return thor_fail(error, THOR_E_USAGE, "%s: a value (%s) has to follow", found->shown,
                             found->option->argument ? found->option->argument : "VALUE");
        text = argv[++*at];
    }
    return store(found, text, error);
}

/* "-j4", "-j 4", "-qv": letters of flags may stand together, the last one may take a value. */
static thor_status take_short(const thor_opt *options, int argc, char **argv, int *at, thor_error *error)
{
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        written found = { .option = find_short(options, *letter) };
        if (!found.option)
            return thor_fail(error, THOR_E_USAGE, "unknown option -%c in %s; --help lists the options", *letter,
                             argv[*at]);
        snprintf(found.shown, sizeof found.shown, "-%c", *letter);
        if (found.option->kind == THOR_OPT_FLAG) {
            THOR_TRY(store(&found, NULL, error));
            continue;
        }
        found.value = letter[1] ? letter + 1 : NULL;
        return take(&found, argc, argv, at, error);
    }
    return THOR_OK;
}

static bool asks_for_help(const thor_opt *options, int argc, char **argv)
{
    for (int at = 1; at < argc && strcmp(argv[at], "--") != 0; at++)
        if (strcmp(argv[at], "--help") == 0 || (strcmp(argv[at], "-h") == 0 && !find_short(options, 'h')))
            return true;
    return false;
}

thor_status thor_opt_parse(const thor_opt *options, int argc, char **argv, thor_opt_list *operands, bool *help,
                           thor_error *error)
{
    *help = asks_for_help(options, argc, argv);
    bool ended = false;
    for (int at = 1; at < argc && !*help; at++) {
        const char *word = argv[at];
        if (ended || word[0] != '-' || word[1] == '\0') {
            THOR_TRY(append(operands, word, error));
        } else if (strcmp(word, "--") == 0) {
            ended = true;
        } else if (word[1] != '-') {
            THOR_TRY(take_short(options, argc, argv, &at, error));
        } else {
            written found;
            THOR_TRY(read_long(options, word + 2, &found, error));
            THOR_TRY(take(&found, argc, argv, &at, error));
        }
    }
    return THOR_OK;
}

void thor_opt_list_free(thor_opt_list *list)
{
    free(list->items);
    *list = (thor_opt_list){ .items = NULL };
}
