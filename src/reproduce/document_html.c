/* The report as one HTML file: no script, nothing fetched, pictures inside, for screens of any width and for paper. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart.h"
#include "report/heatmap.h"
#include "reproduce/document.h"

enum { COLUMNS_SIDE_BY_SIDE = 8, CHART_WIDTH = 680, CHART_HEIGHT = 340 };

static const char style[] =
    "body{font:16px/1.5 system-ui,'DejaVu Sans',sans-serif;color:#222;background:#fff;max-width:60rem;margin:0 auto;"
    "padding:1rem}\n"
    "p,li{overflow-wrap:anywhere}\n"
    "h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #bbb}\n"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums;margin-bottom:.8rem}\n"
    "th,td{padding:.2rem .55rem;text-align:right;vertical-align:top;border-bottom:1px solid #e2e2e2;"
    "white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:#fff}\n"
    "thead th{border-bottom:2px solid #888}\n"
    ".sd{color:#555;font-size:.85em}.paper{color:#767676;display:block}.mark{font-weight:bold}\n"
    "svg{display:block;width:100%;height:auto}\n"
    "ol,ul{padding-left:1.4rem}li{margin:.35rem 0}.parts li{font-size:.92rem;margin:.1rem 0}\n"
    ".verdict{display:inline-block;padding:0 .5rem;border:1px solid #888;border-radius:.3rem;font-weight:bold;"
    "font-size:.85em;white-space:nowrap}\n"
    ".v0{background:#d5efe3}.v1{background:#eef7f2}.v2{background:#f3f3f3}.v3{background:#fdf0e2}"
    ".v4{background:#f8d5c8}\n"
    "@media(max-width:40rem){body{padding:.6rem;font-size:15px}th,td{padding:.2rem .4rem}"
    "td:first-child,th:first-child{min-width:7rem;max-width:9.5rem;white-space:normal;"
    "overflow-wrap:anywhere}}\n"
    "@page{size:A4;margin:14mm}\n"
    "@media print{html{font-size:9.5pt}body{font-size:1rem;max-width:none;padding:0}th,td{padding:.1rem .35rem}"
    ".scroll{overflow:visible}h2,h3{break-after:avoid}table,svg,.parts li{break-inside:avoid}"
    "svg{min-width:0!important;max-width:15cm}"
    ".verdict{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

static void put(const char *text, FILE *stream)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", stream);
        else if (*text == '<')
            fputs("&lt;", stream);
        else if (*text == '>')
            fputs("&gt;", stream);
        else if (*text == '"')
            fputs("&quot;", stream);
        else
            fputc(*text, stream);
    }
}

/* A name that may be broken behind a plus sign. */
static void put_name(const char *text, FILE *stream)
{
    const char *plus = strchr(text, '+');
    if (plus)
        fprintf(stream, "%.*s<wbr>", (int)(plus + 1 - text), text);
    put(plus ? plus + 1 : text, stream);
}

static void put_element(const char *open, const char *text, const char *close, FILE *stream)
{
    fputs(open, stream);
    put(text, stream);
    fputs(close, stream);
}

static void put_marks(const thor_cell *cell, FILE *stream)
{
    const char *first = thor_mark(cell->p), *second = thor_mark(cell->p_corrected);
    if (first[0] || second[0])
        fprintf(stream, " <span class=\"mark\" title=\"p %.4f, corrected %.4f\">%s%s</span>", cell->p,
                cell->p_corrected, first[0] ? first : "·", second[0] ? second : "·");
}

static void put_cell(const thor_cell *cell, FILE *stream)
{
    fputs("<td>", stream);
    if (cell->kind == THOR_CELL_TEXT)
        put_name(cell->text, stream);
    if (cell->kind == THOR_CELL_NUMBER) {
        fprintf(stream, "%.*f", cell->digits, cell->value);
        if (!isnan(cell->deviation))
            fprintf(stream, "<span class=\"sd\">±%.*f</span>", cell->digits, cell->deviation);
        put_marks(cell, stream);
    }
    if (!isnan(cell->paper))
        fprintf(stream, "<span class=\"paper\">paper %.*f</span>", cell->digits, cell->paper);
    fputs("</td>", stream);
}

/* Columns first … end - 1, and the names before them. */
static void print_columns(const thor_sheet *sheet, size_t first, size_t end, FILE *stream)
{
    fputs("<div class=\"scroll\"><table>\n<thead><tr>", stream);
    for (size_t c = 0; c < end; c = c ? c + 1 : first)
        put_element("<th>", sheet->heads[c], "</th>", stream);
    fputs("</tr></thead>\n<tbody>\n", stream);
    for (size_t r = 0; r < sheet->rows; r++) {
        fputs("<tr>", stream);
        for (size_t c = 0; c < end; c = c ? c + 1 : first)
            put_cell(&sheet->cells[r * sheet->columns + c], stream);
        fputs("</tr>\n", stream);
    }
    fputs("</tbody></table></div>\n", stream);
}

/* A wide table is cut into blocks below each other, so that it fits on paper. */
static void print_sheet(const thor_sheet *sheet, FILE *stream)
{
    put_element("<h3>", sheet->title, "</h3>\n", stream);
    for (size_t first = 1; first < sheet->columns; first += COLUMNS_SIDE_BY_SIDE) {
        size_t end = first + COLUMNS_SIDE_BY_SIDE;
        print_columns(sheet, first, end < sheet->columns ? end : sheet->columns, stream);
    }
}

static void open_svg(double width, double height, const char *title, FILE *stream)
{
    fprintf(stream, "<div class=\"scroll\"><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
            "role=\"img\" style=\"max-width:%.0fpx;min-width:min(%.0fpx,30rem)\" "
            "font-family=\"system-ui,'DejaVu Sans',sans-serif\"><title>", width, height, width, width);
    put(title, stream);
    fputs("</title>\n", stream);
}

static thor_status print_chart(const thor_picture *picture, FILE *stream, thor_error *error)
{
    thor_curve *curves = calloc(picture->line_count, sizeof *curves);
    const thor_svg svg = { stream };
    if (!curves)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu curves", picture->line_count);
    for (size_t i = 0; i < picture->line_count; i++)
        curves[i] = (thor_curve){ picture->lines[i].name, picture->lines[i].x, picture->lines[i].y,
                                  picture->lines[i].count, picture->lines[i].count <= 40 };
    const thor_chart chart = { "", picture->x_name, picture->y_name, curves, picture->line_count, true };
    open_svg(CHART_WIDTH, CHART_HEIGHT, picture->title, stream);
    thor_chart_draw(&svg, &chart, 0, 0, CHART_WIDTH, CHART_HEIGHT);
    fputs("</svg></div>\n", stream);
    free(curves);
    return THOR_OK;
}

static double largest(const thor_picture *picture)
{
    double found = 0;
    for (size_t i = 0; i < picture->size * picture->size; i++)
        if (picture->values[i] > found)
            found = picture->values[i];
    return found;
}

static thor_status print_map(const thor_picture *picture, FILE *stream, thor_error *error)
{
    const char **names = calloc(picture->size + 1, sizeof *names);
    const thor_svg svg = { stream };
    double width, height;
    if (!names)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu names", picture->size);
    for (size_t i = 0; i < picture->size; i++)
        names[i] = picture->names[i];
    const thor_heatmap map = { .title = "", .row_name = picture->y_name, .column_name = picture->x_name,
                               .scale_name = "", .row_names = names, .column_names = names,
                               .values = picture->values, .rows = picture->size, .columns = picture->size,
                               .high = largest(picture) > 0 ? largest(picture) : 1, .digits = picture->digits };
    thor_heatmap_size(&map, &width, &height);
    open_svg(width, height, picture->title, stream);
    thor_heatmap_draw(&svg, &map, 0, 0);
    fputs("</svg></div>\n", stream);
    free(names);
    return THOR_OK;
}

static void put_verdict(thor_verdict verdict, FILE *stream)
{
    fprintf(stream, " <span class=\"verdict v%d\">%s</span>", (int)verdict, thor_verdict_name(verdict));
}

static void print_part(const thor_verdict_part *part, FILE *stream)
{
    put_element("<li>", part->text, "", stream);
    put_verdict(part->verdict, stream);
    if (part->reason[0])
        put_element(" ", part->reason, "", stream);
    for (size_t n = 0; n < part->count; n++)
        fprintf(stream, "%s%s %.*f", n ? ", " : " ", part->numbers[n].name, part->numbers[n].digits,
                part->numbers[n].value);
    fputs("</li>\n", stream);
}

static void print_claims(const thor_document *document, FILE *stream)
{
    fputs("<h2>The paper’s claims</h2>\n<ol>\n", stream);
    for (size_t i = 0; i < document->claim_count; i++) {
        const thor_judged_claim *claim = &document->claims[i];
        fprintf(stream, "<li value=\"%d\">", claim->number);
        put(claim->text, stream);
        put_verdict(claim->verdict, stream);
        fputs("\n<ul class=\"parts\">\n", stream);
        for (size_t p = 0; p < claim->count; p++)
            print_part(&claim->parts[p], stream);
        fputs("</ul></li>\n", stream);
    }
    fputs("</ol>\n", stream);
}

static thor_status print_block(const thor_document_block *block, FILE *stream, thor_error *error)
{
    if (block->kind == THOR_BLOCK_PICTURE) {
        put_element("<h3>", block->picture.title, "</h3>\n", stream);
        return block->picture.lines ? print_chart(&block->picture, stream, error)
                                    : print_map(&block->picture, stream, error);
    }
    if (block->kind == THOR_BLOCK_SHEET)
        print_sheet(&block->sheet, stream);
    else
        put_element("<p>", block->text, "</p>\n", stream);
    return THOR_OK;
}

thor_status thor_document_print_html(const thor_document *document, FILE *stream, thor_error *error)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", stream);
    put_element("<title>", document->title, "</title>\n<style>\n", stream);
    fputs(style, stream);
    put_element("</style></head><body>\n<h1>", document->title, "</h1>\n", stream);
    for (size_t s = 0; s < document->count; s++) {
        const thor_section *section = &document->sections[s];
        if (s == 1 && document->claim_count > 0)
            print_claims(document, stream);
        fprintf(stream, "<section id=\"%s\">", section->id);
        put_element("<h2>", section->title, "</h2>\n", stream);
        for (size_t b = 0; b < section->count; b++)
            THOR_TRY(print_block(&section->blocks[b], stream, error));
        fputs("</section>\n", stream);
    }
    fputs("</body></html>\n", stream);
    return THOR_OK;
}
