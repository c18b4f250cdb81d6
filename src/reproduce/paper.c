#include "reproduce/paper.h"

#include <math.h>
#include <string.h>

double thor_paper_value(thor_setup setup, const char *table, const char *row, const char *column)
{
    for (size_t i = 0; row && column && i < thor_figure_count; i++)
        if (strcmp(thor_figures[i].setup, thor_setup_name(setup)) == 0 && strcmp(thor_figures[i].table, table) == 0 &&
            strcmp(thor_figures[i].row, row) == 0 && strcmp(thor_figures[i].column, column) == 0)
            return thor_figures[i].value;
    return NAN;
}
