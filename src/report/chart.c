#include "report/chart.h"

#include <math.h>

enum { LEFT = 70, RIGHT = 16, TOP = 40, BOTTOM = 48, LEGEND = 20, WIDE = 4096 };

/* Told apart by the colour-blind as well (Okabe and Ito). */
static const char *const colors[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000" };

static const thor_svg_text_style title_style = { 15, THOR_ANCHOR_START, "#222222", 1, 0 };
static const thor_svg_text_style label_style = { 12, THOR_ANCHOR_MIDDLE, "#444444", 0, 0 };
static const thor_svg_text_style number_style = { 11, THOR_ANCHOR_END, "#444444", 0, 0 };

typedef struct range {
    double low, high;
} range;

/* Where values become pixels. */
typedef struct frame {
    double x, y, width, height;         /* of the plot itself */
    range across, up;
} frame;

double thor_tick_step(double span, int wanted)
{
    if (!(span > 0) || !isfinite(span) || wanted < 1)
        return 1;
    double rough = span / wanted, power = pow(10, floor(log10(rough)));
    double times = rough / power;
    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

static void include(range *all, double value)
{
    if (!isfinite(value))
        return;
    all->low = value < all->low ? value : all->low;
    all->high = value > all->high ? value : all->high;
}

/* Widens to round numbers; an empty range becomes 0 to 1. */
static void round_out(range *all, int wanted)
{
    if (!(all->low <= all->high))
        *all = (range){ 0, 1 };
    double step = thor_tick_step(all->high - all->low, wanted);
    all->low = floor(all->low / step) * step;
    all->high = ceil(all->high / step) * step;
    if (!(all->high > all->low))
        all->high = all->low + step;
}

static void measure(const thor_chart *chart, frame *f)
{
    f->across = f->up = (range){ INFINITY, -INFINITY };
    for (size_t i = 0; i < chart->count; i++)
        for (size_t k = 0; k < chart->curves[i].count; k++)
            if (isfinite(chart->curves[i].y[k])) {
                include(&f->across, chart->curves[i].x[k]);
                include(&f->up, chart->curves[i].y[k]);
            }
    if (chart->from_zero)
        include(&f->up, 0);
    round_out(&f->up, 6);
    if (!(f->across.high > f->across.low))
        round_out(&f->across, 6);
}

static double place_x(const frame *f, double value)
{
    return f->x + (value - f->across.low) / (f->across.high - f->across.low) * f->width;
}

static double place_y(const frame *f, double value)
{
    return f->y + f->height - (value - f->up.low) / (f->up.high - f->up.low) * f->height;
}

static void draw_axes(const thor_svg *svg, const thor_chart *chart, const frame *f)
{
    thor_svg_text_style centered = number_style, upright = label_style;
    centered.anchor = THOR_ANCHOR_MIDDLE;
    upright.upright = 1;
    double step = thor_tick_step(f->up.high - f->up.low, 6), bottom = f->y + f->height;
    for (int i = 0; f->up.low + i * step <= f->up.high + step / 2; i++) {
        double value = f->up.low + i * step, y = place_y(f, value);
        thor_svg_line(svg, f->x, y, f->x + f->width, y, "#e4e4e4", 1);
        thor_svg_text(svg, f->x - 6, y + 4, &number_style, "%.6g", fabs(value) < step / 1e6 ? 0.0 : value);
    }
    step = thor_tick_step(f->across.high - f->across.low, 7);
    for (double value = ceil(f->across.low / step) * step; value <= f->across.high + step / 1e6; value += step) {
        double x = place_x(f, value);
        thor_svg_line(svg, x, bottom, x, bottom + 5, "#444444", 1);
        thor_svg_text(svg, x, bottom + 18, &centered, "%.6g", fabs(value) < step / 1e6 ? 0.0 : value);
    }
    thor_svg_line(svg, f->x, bottom, f->x + f->width, bottom, "#444444", 1);
    thor_svg_line(svg, f->x, f->y, f->x, bottom, "#444444", 1);
    thor_svg_text(svg, f->x + f->width / 2, bottom + 38, &label_style, "%s", chart->x_name);
    thor_svg_text(svg, f->x - LEFT + 16, f->y + f->height / 2, &upright, "%s", chart->y_name);
}

/* A curve in pieces that fit on the stack; neighbours share a point. */
static void draw_curve(const thor_svg *svg, const frame *f, const thor_curve *curve, const char *color)
{
    double x[WIDE], y[WIDE];
    for (size_t first = 0; first < curve->count; first += WIDE - 1) {
        size_t count = curve->count - first < WIDE ? curve->count - first : WIDE;
        for (size_t i = 0; i < count; i++) {
            x[i] = place_x(f, curve->x[first + i]);
            y[i] = place_y(f, curve->y[first + i]);
        }
        thor_svg_path(svg, x, y, count, color, curve->dots ? 2.2 : 1.4, curve->dots);
    }
}

static double text_width(const char *text, double size)
{
    size_t letters = 0;
    for (const char *c = text; *c; c++)
        letters += ((unsigned char)*c & 0xC0) != 0x80;
    return (double)letters * size * 0.6;
}

void thor_chart_draw(const thor_svg *svg, const thor_chart *chart, double x, double y, double width, double height)
{
    frame f = {
        .x = x + LEFT, .y = y + TOP + LEGEND, .width = width - LEFT - RIGHT, .height = height - TOP - LEGEND - BOTTOM
    };
    thor_svg_text_style legend = label_style;
    legend.anchor = THOR_ANCHOR_START;
    measure(chart, &f);
    thor_svg_text(svg, f.x, y + 26, &title_style, "%s", chart->title);
    draw_axes(svg, chart, &f);
    double at = f.x;
    for (size_t i = 0; i < chart->count; i++) {
        const char *color = colors[i % (sizeof colors / sizeof *colors)];
        draw_curve(svg, &f, &chart->curves[i], color);
        thor_svg_line(svg, at, y + TOP + 6, at + 22, y + TOP + 6, color, 3);
        thor_svg_text(svg, at + 28, y + TOP + 10, &legend, "%s", chart->curves[i].name);
        at += 28 + text_width(chart->curves[i].name, legend.size) + 20;
    }
}
