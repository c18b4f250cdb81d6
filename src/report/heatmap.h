/* A table of numbers as coloured squares, with a scale. */
#ifndef THOR_REPORT_HEATMAP_H
#define THOR_REPORT_HEATMAP_H

#include "report/svg.h"

typedef struct thor_heatmap {
    const char *title, *row_name, *column_name, *scale_name;
    const char *const *row_names;       /* [rows] */
    const char *const *column_names;    /* [columns]; NULL: 0, 1, 2 … */
    const double *values;               /* [rows, columns]; NaN: nothing there */
    size_t rows, columns;
    double low, high;                   /* the ends of the scale */
    int digits;                         /* behind the point of the numbers in squares and scale */
} thor_heatmap;

/* The size that thor_heatmap_draw needs. */
void thor_heatmap_size(const thor_heatmap *map, double *width, double *height);

/* Draws with the top left corner at (x, y). */
void thor_heatmap_draw(const thor_svg *svg, const thor_heatmap *map, double x, double y);

/* The colour of a share from 0 to 1 of the scale: "#rrggbb" and a zero byte. */
void thor_heat_color(double share, char color[8]);

#endif
