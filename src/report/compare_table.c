/* A comparison for people. */
#include <math.h>

#include "report/compare.h"
#include "report/table.h"

enum { NAMES = 8 };

static const char *verdict(const thor_difference *d)
{
    if (d->missing)
        return "missing";
    if (d->other_shape)
        return "shape";
    if (d->out)
        return d->wrong > 0 ? "wrong choice" : isfinite(d->absolute) ? "out" : "not finite";
    if (!d->judged)
        return "not judged";
    return d->ties > 0 ? "near tie" : d->excused > 0 ? "excused" : d->suspicious ? "suspicious" : "";
}

static void add_row(thor_table *table, const thor_difference *d)
{
    char at[96];
    thor_table_add(table, "%s", d->name);
    if (d->other_shape || d->missing) {
        thor_table_add(table, "%s", d->missing ? "" : d->why);
        for (int i = 0; i < 6; i++)
            thor_table_add(table, "-");
    } else {
        thor_table_add(table, "%s", d->differing > 0 ? thor_position_text(at, d->dims, d->shape, d->at) : "");
        thor_table_add(table, "%.9g", d->ours);
        thor_table_add(table, "%.9g", d->theirs);
        thor_table_add(table, "%.3g", d->absolute);
        thor_table_add(table, "%.3g", d->relative);
        thor_table_add(table, "%.3g", d->norm);
        if (isfinite(d->ulp))
            thor_table_add(table, "%.3g", d->ulp);
        else
            thor_table_add(table, "-");
    }
    thor_table_add(table, "%s", verdict(d));
}

static thor_status print_rows(const thor_comparison *c, size_t rows, FILE *stream, thor_error *error)
{
    thor_table table = thor_table_make(9);
    static const char *const heads[] = { "tensor", "position", "ours", "theirs", "absolute", "relative", "norm", "ulp",
                                         "" };
    for (int i = 0; i < 9; i++)
        thor_table_add(&table, "%s", heads[i]);
    size_t shown = 0;
    for (size_t i = 0; i < c->count; i++)
        if (i < rows || c->items[i].ties > 0) {
            add_row(&table, &c->items[i]);
            shown++;
        }
    thor_status status = thor_table_print(&table, stream, 0, error);
    thor_table_free(&table);
    if (c->count > shown)
        fprintf(stream, "and %zu more, none worse (--all shows them)\n", c->count - shown);
    return status;
}

/* At most `most` of them. */
static void print_names(const char *what, char (*names)[THOR_MAX_NAME], size_t count, size_t most, FILE *stream)
{
    if (count > 0)
        fprintf(stream, "%s (%zu):\n", what, count);
    for (size_t i = 0; i < count && i < most; i++)
        fprintf(stream, "  %s\n", names[i]);
    if (count > most)
        fprintf(stream, "  and %zu more (--all shows them)\n", count - most);
}

static void print_note(const thor_difference *d, double tie, FILE *stream)
{
    if (d->why[0] && !d->other_shape)
        fprintf(stream, "%s: %s\n", d->name, d->why);
    if (d->ties > 0 || d->wrong > 0)
        fprintf(stream, "%s: of the rows that chose other experts, %lld are near ties (gap up to %.3g, bound %g) "
                "and %lld are wrong\n", d->name, (long long)d->ties, d->gap, tie, (long long)d->wrong);
}

static void print_notes(const thor_comparison *c, const thor_compare_options *options, FILE *stream)
{
    size_t dirty = 0;
    for (size_t i = 0; i < c->count; i++) {
        print_note(&c->items[i], options->tie, stream);
        dirty += c->items[i].dirty > 0;
    }
    if (dirty > 0)
        fprintf(stream, "padding was left out: %zu tensor%s of theirs %s not 0 behind the end of sentences\n", dirty,
                dirty > 1 ? "s" : "", dirty > 1 ? "are" : "is");
}

static void print_verdict(const thor_comparison *c, FILE *stream)
{
    char at[96];
    fprintf(stream, "%zu tensors: %zu within", c->count, c->count - c->out - c->excused - c->shown);
    if (c->excused > 0)
        fprintf(stream, ", %zu excused", c->excused);
    if (c->shown > 0)
        fprintf(stream, ", %zu not judged (%s)", c->shown, c->why_shown);
    fprintf(stream, ", %zu out\n", c->out);
    if (c->first)
        fprintf(stream, "the first in the order of computation: %s %s\n", c->first->name,
                c->first->missing ? "(missing)" : c->first->other_shape
                    ? c->first->why : thor_position_text(at, c->first->dims, c->first->shape, c->first->at));
    if (c->first_suspicious)
        fprintf(stream, "%zu suspicious, the first: %s (norm %.3g)\n", c->suspicious, c->first_suspicious->name,
                c->first_suspicious->norm);
}

thor_status thor_comparison_print(const thor_comparison *c, const thor_compare_options *options, size_t rows,
                                  FILE *stream, thor_error *error)
{
    size_t names = rows == THOR_ALL_ROWS ? SIZE_MAX : NAMES;
    if (rows != THOR_NO_ROWS) {
        THOR_TRY(print_rows(c, rows, stream, error));
        fputc('\n', stream);
    }
    print_notes(c, options, stream);
    print_names("only in ours", c->only_ours, c->ours_count, names, stream);
    print_names("only in theirs", c->only_theirs, c->theirs_count, names, stream);
    print_verdict(c, stream);
    return THOR_OK;
}
