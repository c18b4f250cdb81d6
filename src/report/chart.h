/* Curves over a common axis: axes with round numbers, names, a legend. */
#ifndef THOR_REPORT_CHART_H
#define THOR_REPORT_CHART_H

#include <stdbool.h>

#include "report/svg.h"

typedef struct thor_curve {
    const char *name;
    const double *x, *y;        /* [count]; NaN: no point there */
    size_t count;
    bool dots;                  /* few points, each to be seen */
} thor_curve;

typedef struct thor_chart {
    const char *title, *x_name, *y_name;
    const thor_curve *curves;
    size_t count;
    bool from_zero;             /* the vertical axis begins at 0 */
} thor_chart;

/* Draws into the rectangle at (x, y), names and legend included. */
void thor_chart_draw(const thor_svg *svg, const thor_chart *chart, double x, double y, double width, double height);

/* The step between round numbers (1, 2 or 5 times a power of ten) of which about `wanted` lie in `span`; 1 for a span
 * of 0. */
double thor_tick_step(double span, int wanted);

#endif
