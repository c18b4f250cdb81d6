/* Tables in plain text: a first column of names to the left, numbers to the right, columns as wide as they have to
 * be. */
#ifndef THOR_REPORT_TABLE_H
#define THOR_REPORT_TABLE_H

#include <stdio.h>

#include "base/status.h"

typedef struct thor_table {
    char **cells;               /* [rows * columns]; NULL: empty */
    size_t columns, count;      /* cells filled, row by row */
    size_t room;
    int failed;                 /* some cell found no memory */
} thor_table;

/* `columns` at least 1. Free with thor_table_free. */
thor_table thor_table_make(size_t columns);
void thor_table_free(thor_table *table);

/* The next cell; the first row holds the heads. */
void thor_table_add(thor_table *table, const char *format, ...) THOR_PRINTF(2, 3);

/* Prints with a line under the heads; `indent` blanks before each row. THOR_E_MEMORY when a cell was lost. */
thor_status thor_table_print(const thor_table *table, FILE *stream, int indent, thor_error *error);

#endif
