#include "report/svg.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static void put_escaped(FILE *stream, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '&')
            fputs("&amp;", stream);
        else if (*c == '<')
            fputs("&lt;", stream);
        else if (*c == '>')
            fputs("&gt;", stream);
        else if ((unsigned char)*c >= 0x20 || *c == '\t')
            fputc(*c, stream);
    }
}

void thor_svg_begin(const thor_svg *svg, double width, double height, const char *title)
{
    fprintf(svg->stream,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 "
            "%.0f %.0f\" "
            "font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n<title>",
            width, height, width, height);
    put_escaped(svg->stream, title);
    fputs("</title>\n", svg->stream);
    thor_svg_rect(svg, 0, 0, width, height, "#ffffff");
}

void thor_svg_end(const thor_svg *svg)
{
    fputs("</svg>\n", svg->stream);
}

void thor_svg_rect(const thor_svg *svg, double x, double y, double width, double height, const char *fill)
{
    if (isfinite(x) && isfinite(y) && isfinite(width) && isfinite(height))
        fprintf(svg->stream, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", x, y, width,
                height, fill);
}

void thor_svg_line(const thor_svg *svg, double x1, double y1, double x2, double y2, const char *color, double width)
{
    if (isfinite(x1) && isfinite(y1) && isfinite(x2) && isfinite(y2))
        fprintf(svg->stream,
                "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" stroke-width=\"%.2f\"/>\n", x1, y1,
                x2, y2, color, width);
}

void thor_svg_path(const thor_svg *svg, const double *x, const double *y, size_t count, const char *color, double width,
                   int dots)
{
    char move = 'M';
    int drawn = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            move = 'M';
            continue;
        }
        if (!drawn++)
            fprintf(svg->stream,
                    "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%.2f\" stroke-linejoin=\"round\" d=\"", color,
                    width);
        fprintf(svg->stream, "%c%.2f %.2f", move, x[i], y[i]);
        move = 'L';
    }
    if (drawn)
        fputs("\"/>\n", svg->stream);
    for (size_t i = 0; i < count && dots; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            fprintf(svg->stream, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.2f\" fill=\"%s\"/>\n", x[i], y[i], width * 1.4,
                    color);
}

void thor_svg_text(const thor_svg *svg, double x, double y, const thor_svg_text_style *style, const char *format, ...)
{
    static const char *const anchors[] = { "start", "middle", "end" };
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || !isfinite(x) || !isfinite(y))
        return;
    fprintf(svg->stream, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.1f\" text-anchor=\"%s\" fill=\"%s\"%s", x, y,
            style->size, anchors[style->anchor], style->color, style->bold ? " font-weight=\"bold\"" : "");
    if (style->upright)
        fprintf(svg->stream, " transform=\"rotate(-90 %.2f %.2f)\"", x, y);
    fputc('>', svg->stream);
    put_escaped(svg->stream, text);
    fputs("</text>\n", svg->stream);
}
