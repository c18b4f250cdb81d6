/* A comparison as JSON: numbers that are not finite are null. */
#include <math.h>
#include <stdio.h>

#include "cli/golden_compare_cli.h"

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *position(const thor_difference *d, int64_t at)
{
    json_t *list = json_array();
    int64_t place[THOR_MAX_DIMS];
    for (int i = d->dims - 1; i >= 0; i--) {
        place[i] = d->shape[i] > 0 ? at % d->shape[i] : 0;
        at = d->shape[i] > 0 ? at / d->shape[i] : 0;
    }
    for (int i = 0; i < d->dims; i++)
        json_array_append_new(list, json_integer(place[i]));
    return list;
}

static json_t *describe(const thor_difference *d)
{
    if (d->other_shape)
        return json_pack("{s:s, s:b, s:s}", "tensor", d->name, "out", 1, "shape", d->why);
    json_t *entry = json_pack("{s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "tensor", d->name,
                              "out", (int)d->out, "judged", (int)d->judged, "position", position(d, d->at),
                              "ours", number(d->ours), "theirs", number(d->theirs), "absolute", number(d->absolute),
                              "relative", number(d->relative), "ulp", number(d->ulp), "largest_ulp",
                              number(d->most_ulp), "largest_ulp_position", position(d, d->most_ulp_at),
                              "differing", (json_int_t)d->differing);
    if (entry && (d->ties > 0 || d->wrong > 0)) {
        json_object_set_new(entry, "near_ties", json_integer(d->ties));
        json_object_set_new(entry, "wrong_choices", json_integer(d->wrong));
        json_object_set_new(entry, "gap", number(d->gap));
    }
    if (entry && d->tainted > 0)
        json_object_set_new(entry, "left_out", json_integer(d->tainted));
    return entry;
}

static json_t *names(const char *const *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(items[i]));
    return list;
}

thor_status thor_golden_compare_start(thor_golden_comparing *c, thor_error *error)
{
    if (!c->json)
        return THOR_OK;
    c->root = json_pack("{s:s, s:s, s:f, s:f, s:f, s:[]}", "ours", c->ours, "theirs", c->theirs, "atol",
                        c->options.atol, "rtol", c->options.rtol, "tie", c->options.tie, "files");
    return c->root ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for JSON, or a name is not UTF-8");
}

thor_status thor_golden_compare_add(thor_golden_comparing *c, const char *name, const thor_comparison *comparison,
                                    thor_error *error)
{
    json_t *tensors = json_array();
    for (size_t i = 0; i < comparison->count; i++)
        json_array_append_new(tensors, describe(&comparison->items[i]));
    json_t *first = comparison->first ? json_string(comparison->first->name) : json_null();
    json_t *ours = names(comparison->only_ours, comparison->ours_count);
    json_t *theirs = names(comparison->only_theirs, comparison->theirs_count);
    json_t *file = json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "file", name, "out", (int)comparison->out, "first",
                             first, "tensors", tensors, "only_ours", ours, "only_theirs", theirs);
    if (!file || json_array_append_new(json_object_get(c->root, "files"), file) != 0)
        return thor_fail(error, THOR_E_MEMORY, "no memory for JSON");
    return THOR_OK;
}

void thor_golden_compare_missing(thor_golden_comparing *c, const char *name, bool ours_has_it)
{
    if (c->json)
        json_array_append_new(json_object_get(c->root, "files"),
                              json_pack("{s:s, s:s}", "file", name, "only_in", ours_has_it ? "ours" : "theirs"));
    else
        printf("== %s ==\nonly in %s\n\n", name, ours_has_it ? "ours" : "theirs");
}

thor_status thor_golden_compare_finish(thor_golden_comparing *c, thor_error *error)
{
    if (c->json) {
        json_object_set_new(c->root, "tensors", json_integer((json_int_t)c->tensors));
        json_object_set_new(c->root, "out", json_integer((json_int_t)c->out));
        json_object_set_new(c->root, "first", c->first[0] ? json_string(c->first) : json_null());
        if (json_dumpf(c->root, stdout, JSON_INDENT(1)) != 0)
            return thor_fail(error, THOR_E_IO, "standard output: the JSON could not be written");
        putchar('\n');
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return thor_fail(error, THOR_E_IO, "standard output: the table could not be written");
    return THOR_OK;
}

void thor_golden_compare_close(thor_golden_comparing *c)
{
    json_decref(c->root);
    c->root = NULL;
}
