/* Drawings as SVG 1.1: shapes and text in pixels, the origin at the top left. Texts are escaped; a shape with a number
 * that is not finite is left out. */
#ifndef THOR_REPORT_SVG_H
#define THOR_REPORT_SVG_H

#include <stddef.h>
#include <stdio.h>

#include "base/status.h"

typedef enum thor_anchor { THOR_ANCHOR_START, THOR_ANCHOR_MIDDLE, THOR_ANCHOR_END } thor_anchor;

typedef struct thor_svg {
    FILE *stream;               /* the caller's; write errors stay in ferror(stream) */
} thor_svg;

typedef struct thor_svg_text_style {
    double size;                /* pixels */
    thor_anchor anchor;
    const char *color;          /* "#rrggbb" */
    int bold, upright;          /* upright: turned by 90 degrees, read from below */
} thor_svg_text_style;

/* Opens the drawing on a white ground; `title` is what a viewer calls it. */
void thor_svg_begin(const thor_svg *svg, double width, double height, const char *title);
void thor_svg_end(const thor_svg *svg);

void thor_svg_rect(const thor_svg *svg, double x, double y, double width, double height, const char *fill);
void thor_svg_line(const thor_svg *svg, double x1, double y1, double x2, double y2, const char *color, double width);

/* The points joined by lines; where one is not finite the line is broken. `dots` also marks every point. */
void thor_svg_path(const thor_svg *svg, const double *x, const double *y, size_t count, const char *color, double width,
                   int dots);

/* (x, y) is the baseline's anchor. */
void thor_svg_text(const thor_svg *svg, double x, double y, const thor_svg_text_style *style, const char *format, ...)
    THOR_PRINTF(5, 6);

#endif
