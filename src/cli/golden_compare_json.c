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

static void add_choices(json_t *entry, const thor_difference *d)
{
    if (d->ties > 0 || d->wrong > 0) {
        json_object_set_new(entry, "near_ties", json_integer(d->ties));
        json_object_set_new(entry, "wrong_choices", json_integer(d->wrong));
        json_object_set_new(entry, "gap", number(d->gap));
    }
    if (d->excused > 0)
        json_object_set_new(entry, "excused", json_integer(d->excused));
    if (d->dirty > 0)
        json_object_set_new(entry, "padding_not_zero", json_integer(d->dirty));
    if (d->why[0])
        json_object_set_new(entry, "why", json_string(d->why));
}

static json_t *describe(const thor_difference *d)
{
    if (d->missing)
        return json_pack("{s:s, s:b, s:b}", "tensor", d->name, "out", 1, "missing", 1);
    if (d->other_shape)
        return json_pack("{s:s, s:b, s:s}", "tensor", d->name, "out", 1, "shape", d->why);
    json_t *entry = json_pack("{s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "tensor",
                              d->name, "out", (int)d->out, "judged", (int)d->judged, "suspicious", (int)d->suspicious,
                              "position", position(d, d->at), "ours", number(d->ours), "theirs", number(d->theirs),
                              "absolute", number(d->absolute), "relative", number(d->relative), "norm", number(d->norm),
                              "ulp", number(d->ulp), "largest_ulp", number(d->most_ulp), "largest_ulp_position",
                              position(d, d->most_ulp_at), "differing", (json_int_t)d->differing);
    if (entry)
        add_choices(entry, d);
    return entry;
}

static json_t *names(char (*items)[THOR_MAX_NAME], size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(items[i]));
    return list;
}

static json_t *describe_file(const thor_golden_compared *file)
{
    const thor_comparison *c = &file->comparison;
    if (file->only_ours || file->only_theirs)
        return json_pack("{s:s, s:s}", "file", file->name, "only_in", file->only_ours ? "ours" : "theirs");
    json_t *tensors = json_array();
    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(tensors, describe(&c->items[i]));
    return json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "file", file->name, "out", (int)c->out, "excused",
                     (int)c->excused, "first", c->first ? json_string(c->first->name) : json_null(), "tensors", tensors,
                     "only_ours", names(c->only_ours, c->ours_count), "only_theirs",
                     names(c->only_theirs, c->theirs_count));
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *describe_all(const thor_golden_comparing *c, int code, const char *verdict)
{
    json_t *files = json_array();
    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(files, describe_file(&c->files[i]));
    return json_pack("{s:s, s:s, s:s, s:i, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "ours",
                     c->ours, "theirs", c->theirs, "verdict", verdict, "status", code, "atol", c->options.atol, "tie",
                     c->options.tie, "tensors", (json_int_t)c->tensors, "judged",
                     (json_int_t)(c->tensors - c->excused - c->shown), "excused", (json_int_t)c->excused, "ties",
                     (json_int_t)thor_judge_ties(c->judge), "out", (json_int_t)c->out, "suspicious",
                     (json_int_t)c->suspicious, "first_tie", text_or_null(thor_judge_first_tie(c->judge)), "first",
                     text_or_null(c->first.name), "first_suspicious", text_or_null(c->first_suspicious.name),
                     "files", files);
}

thor_status thor_golden_compare_print_json(const thor_golden_comparing *c, int code, const char *verdict,
                                           thor_error *error)
{
    json_t *root = describe_all(c, code, verdict);
    if (!root)
        return thor_fail(error, THOR_E_MEMORY, "no memory for JSON, or a name is not UTF-8");
    int failed = json_dumpf(root, stdout, JSON_INDENT(1));
    json_decref(root);
    putchar('\n');
    return failed ? thor_fail(error, THOR_E_IO, "standard output: the JSON could not be written") : THOR_OK;
}
