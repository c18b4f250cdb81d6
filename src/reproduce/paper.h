/* The paper's own figures, compiled in from data/paper/paper-figures.tsv. */
#ifndef THOR_REPRODUCE_PAPER_H
#define THOR_REPRODUCE_PAPER_H

#include "reproduce/table_list.h"

typedef struct thor_paper_figure {
    const char *setup, *table, *row, *column;
    double value;
    const char *remark;
} thor_paper_figure;

/* Made from that file when thor is built. */
extern const thor_paper_figure thor_figures[];
extern const size_t thor_figure_count;

/* One of them; NaN where the paper has none, or where `row` or `column` is NULL. */
double thor_paper_value(thor_setup setup, const char *table, const char *row, const char *column);

#endif
