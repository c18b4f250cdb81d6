/* A comparison for people. */
#include <math.h>

#include "report/compare.h"
#include "report/table.h"

enum { NAMES = 8 };

static const char *verdict(const thor_difference *d)
{
    if (d->other_shape)
        return "shape";
    if (d->out)
        return d->wrong > 0 ? "wrong choice" : "out";
    if (!d->judged)
        return "not judged";
    return d->ties > 0 ? "near tie" : "";
}

static void add_row(thor_table *table, const thor_difference *d)
{
    char at[96];
    thor_table_add(table, "%s", d->name);
    if (d->other_shape) {
        for (int i = 0; i < 6; i++)
            thor_table_add(table, "-");
    } else {
        thor_table_add(table, "%s", d->differing > 0 ? thor_position_text(at, d->dims, d->shape, d->at) : "");
        thor_table_add(table, "%.9g", d->ours);
        thor_table_add(table, "%.9g", d->theirs);
        thor_table_add(table, "%.3g", d->absolute);
        thor_table_add(table, "%.3g", d->relative);
        thor_table_add(table, "%.3g", d->ulp);
    }
    thor_table_add(table, "%s", verdict(d));
}

static thor_status print_rows(const thor_comparison *c, size_t rows, FILE *stream, thor_error *error)
{
    thor_table table = thor_table_make(8);
    static const char *const heads[] = { "tensor", "position", "ours", "theirs", "absolute", "relative", "ulp", "" };
    for (int i = 0; i < 8; i++)
        thor_table_add(&table, "%s", heads[i]);
    for (size_t i = 0; i < c->count && (rows == 0 || i < rows || c->items[i].ties > 0); i++)
        add_row(&table, &c->items[i]);
    thor_status status = thor_table_print(&table, stream, 0, error);
    thor_table_free(&table);
    if (rows > 0 && c->count > rows)
        fprintf(stream, "and %zu more, none worse (--all shows them)\n", c->count - rows);
    return status;
}

/* At most `most` of them. */
static void print_names(const char *what, const char *const *names, size_t count, size_t most, FILE *stream)
{
    if (count > 0)
        fprintf(stream, "\n%s (%zu):\n", what, count);
    for (size_t i = 0; i < count && i < most; i++)
        fprintf(stream, "  %s\n", names[i]);
    if (count > most)
        fprintf(stream, "  and %zu more (--all shows them)\n", count - most);
}

static void print_notes(const thor_comparison *c, const thor_compare_options *options, FILE *stream)
{
    int64_t left_out = 0;
    for (size_t i = 0; i < c->count; i++) {
        const thor_difference *d = &c->items[i];
        left_out += d->tainted;
        if (d->other_shape)
            fprintf(stream, "\n%s: %s\n", d->name, d->why);
        if (d->ties > 0 || d->wrong > 0)
            fprintf(stream, "\n%s: of the rows that chose other experts, %lld are near ties (gap up to %.3g, bound %g) "
                    "and %lld are wrong\n", d->name, (long long)d->ties, d->gap, options->tie, (long long)d->wrong);
    }
    if (left_out > 0)
        fprintf(stream, "\n%lld numbers that follow a near tie in their sentence were left out\n",
                (long long)left_out);
}

thor_status thor_comparison_print(const thor_comparison *c, const thor_compare_options *options, size_t rows,
                                  FILE *stream, thor_error *error)
{
    char at[96];
    THOR_TRY(print_rows(c, rows, stream, error));
    print_notes(c, options, stream);
    print_names("only in ours", c->only_ours, c->ours_count, rows > 0 ? NAMES : SIZE_MAX, stream);
    print_names("only in theirs", c->only_theirs, c->theirs_count, rows > 0 ? NAMES : SIZE_MAX, stream);
    if (!c->first)
        fprintf(stream, "\n%zu tensors compared, all within |ours - theirs| <= %g + %g max|ours|\n", c->count,
                options->atol, options->rtol);
    else
        fprintf(stream, "\n%zu of %zu tensors are out of |ours - theirs| <= %g + %g max|ours|\n"
                "the first in the order of computation: %s %s\n", c->out, c->count, options->atol, options->rtol,
                c->first->name, c->first->other_shape ? c->first->why
                                                      : thor_position_text(at, c->first->dims, c->first->shape,
                                                                           c->first->at));
    return THOR_OK;
}
