#include "report/heatmap.h"

#include <math.h>
#include <string.h>

enum { LETTER = 7, AXIS = 26, LEAST_LEFT = 74, TOP = 64, BOTTOM = 40, SCALE_GAP = 24, SCALE_WIDTH = 16,
       SCALE_ROOM = 96, ROW = 26, SCALE_STEPS = 32, LEAST_HEIGHT = 104 };

static const thor_svg_text_style title_style = { 15, THOR_ANCHOR_START, "#222222", 1, 0 };
static const thor_svg_text_style label_style = { 12, THOR_ANCHOR_MIDDLE, "#444444", 0, 0 };
static const thor_svg_text_style name_style = { 12, THOR_ANCHOR_END, "#222222", 0, 0 };
static const thor_svg_text_style number_style = { 11, THOR_ANCHOR_START, "#444444", 0, 0 };

/* From nearly white over green-blue to dark blue: lightness falls all the way, so that it also reads in grey. */
void thor_heat_color(double share, char color[8])
{
    static const int stops[][3] = {
        { 252, 252, 240 }, { 199, 233, 192 }, { 90, 190, 195 }, { 34, 113, 178 }, { 8, 29, 88 }
    };
    enum { LAST = sizeof stops / sizeof *stops - 1 };
    double at = (share > 0 ? share < 1 ? share : 1 : 0) * LAST;
    int stop = at < LAST ? (int)at : LAST - 1;
    unsigned mixed[3];
    for (int i = 0; i < 3; i++)
        mixed[i] = (unsigned)(stops[stop][i] + (stops[stop + 1][i] - stops[stop][i]) * (at - stop) + 0.5) & 0xFFu;
    snprintf(color, 8, "#%02x%02x%02x", mixed[0], mixed[1], mixed[2]);
}

/* Of the longest of `count` names, at the size that they are written in. */
static double names_width(const char *const *names, size_t count)
{
    size_t longest = 0;
    for (size_t i = 0; names && i < count; i++)
        longest = strlen(names[i]) > longest ? strlen(names[i]) : longest;
    return (double)longest * LETTER;
}

/* Numbers are written into squares while there is room for them; names have to fit beside each other. */
static double square_width(const thor_heatmap *map)
{
    double least = map->columns <= 16 ? 44 : map->columns <= 32 ? 32 : 14;
    double names = map->columns <= 32 ? names_width(map->column_names, map->columns) + LETTER : 0;
    return names > least ? names : least;
}

/* Room for the rows' names and, beside them, what they are. */
static double left_width(const thor_heatmap *map)
{
    double wide = AXIS + names_width(map->row_names, map->rows) + 8;
    return wide > LEAST_LEFT ? wide : LEAST_LEFT;
}

static double plot_height(const thor_heatmap *map)
{
    double height = (double)map->rows * ROW;
    return height > LEAST_HEIGHT ? height : LEAST_HEIGHT;
}

void thor_heatmap_size(const thor_heatmap *map, double *width, double *height)
{
    *width = left_width(map) + (double)map->columns * square_width(map) + SCALE_GAP + SCALE_ROOM;
    *height = TOP + plot_height(map) + BOTTOM;
}

static double share_of(const thor_heatmap *map, double value)
{
    return map->high > map->low ? (value - map->low) / (map->high - map->low) : 0;
}

static void draw_squares(const thor_svg *svg, const thor_heatmap *map, double x, double y)
{
    double wide = square_width(map);
    for (size_t r = 0; r < map->rows; r++)
        for (size_t c = 0; c < map->columns; c++) {
            double value = map->values[r * map->columns + c];
            double left = x + (double)c * wide, top = y + (double)r * ROW;
            char color[8] = "#eeeeee";
            if (isfinite(value))
                thor_heat_color(share_of(map, value), color);
            thor_svg_rect(svg, left, top, wide - 1, ROW - 1, color);
            if (!isfinite(value) || wide < 30)
                continue;
            thor_svg_text_style style = { 11, THOR_ANCHOR_MIDDLE, share_of(map, value) > 0.45 ? "#ffffff" : "#222222",
                                          0, 0 };
            thor_svg_text(svg, left + wide / 2, top + ROW / 2 + 4, &style, "%.*f", map->digits, value);
        }
}

static void draw_names(const thor_svg *svg, const thor_heatmap *map, double x, double y)
{
    double wide = square_width(map), across = (double)map->columns * wide, down = (double)map->rows * ROW;
    thor_svg_text_style column = name_style, upright = label_style;
    column.anchor = THOR_ANCHOR_MIDDLE;
    column.size = wide < 30 ? 9 : 12;
    upright.upright = 1;
    for (size_t r = 0; r < map->rows; r++)
        thor_svg_text(svg, x - 8, y + (double)r * ROW + ROW / 2 + 4, &name_style, "%s", map->row_names[r]);
    for (size_t c = 0; c < map->columns; c++) {
        double middle = x + ((double)c + 0.5) * wide;
        if (map->column_names)
            thor_svg_text(svg, middle, y - 8, &column, "%s", map->column_names[c]);
        else
            thor_svg_text(svg, middle, y - 8, &column, "%zu", c);
    }
    thor_svg_text(svg, x + across / 2, y + down + 22, &label_style, "%s", map->column_name);
    thor_svg_text(svg, x - left_width(map) + 18, y + down / 2, &upright, "%s", map->row_name);
}

static void draw_scale(const thor_svg *svg, const thor_heatmap *map, double x, double y)
{
    double height = plot_height(map), step = height / SCALE_STEPS;
    for (int i = 0; i < SCALE_STEPS; i++) {
        char color[8];
        thor_heat_color((i + 0.5) / SCALE_STEPS, color);
        thor_svg_rect(svg, x, y + height - (i + 1) * step, SCALE_WIDTH, step + 0.5, color);
    }
    for (int i = 0; i <= 4; i++)
        thor_svg_text(svg, x + SCALE_WIDTH + 6, y + height - height * i / 4 + 4, &number_style, "%.*f", map->digits,
                      map->low + (map->high - map->low) * i / 4);
    thor_svg_text(svg, x, y + height + 22, &number_style, "%s", map->scale_name);
}

void thor_heatmap_draw(const thor_svg *svg, const thor_heatmap *map, double x, double y)
{
    double left = x + left_width(map), top = y + TOP;
    thor_svg_text(svg, left, y + 26, &title_style, "%s", map->title);
    draw_squares(svg, map, left, top);
    draw_names(svg, map, left, top);
    draw_scale(svg, map, left + (double)map->columns * square_width(map) + SCALE_GAP, top);
}
