/* The report as plain text of at most 120 columns. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/table.h"
#include "reproduce/document.h"

enum { WIDE = 120, PARAGRAPH = 100 };

static size_t letters(const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* Breaks lines at blanks; later lines are indented by `hang`. */
static void print_wrapped(const char *text, int indent, int hang, FILE *stream)
{
    size_t column = (size_t)indent;
    fprintf(stream, "%*s", indent, "");
    for (bool first = true; *text; first = false) {
        size_t word = strcspn(text, " "), wide = letters(text, word);
        if (!first && column + 1 + wide > PARAGRAPH) {
            fprintf(stream, "\n%*s", hang, "");
            column = (size_t)hang;
        } else if (!first) {
            fputc(' ', stream);
            column++;
        }
        fwrite(text, 1, word, stream);
        column += wide;
        text += word;
        text += *text == ' ';
    }
    fputc('\n', stream);
}

static void underline(const char *text, char with, FILE *stream)
{
    fprintf(stream, "%s\n", text);
    for (size_t i = letters(text, strlen(text)); i > 0; i--)
        fputc(with, stream);
    fputs("\n\n", stream);
}

static size_t column_width(const thor_sheet *sheet, size_t column)
{
    size_t width = letters(sheet->heads[column], strlen(sheet->heads[column]));
    for (size_t r = 0; r < sheet->rows; r++) {
        char text[256];
        thor_cell_text(&sheet->cells[r * sheet->columns + column], text);
        size_t wide = letters(text, strlen(text));
        width = wide > width ? wide : width;
    }
    return width + 2;
}

static void add_row(thor_table *table, const thor_sheet *sheet, size_t row, size_t first, size_t end)
{
    char text[256];
    for (size_t c = 0; c < end; c = c ? c + 1 : first) {
        thor_cell_text(&sheet->cells[row * sheet->columns + c], text);
        thor_table_add(table, "%s", text);
    }
}

/* The paper's figures, where there are any, stand in a row of their own under ours. */
static void add_paper_row(thor_table *table, const thor_sheet *sheet, size_t row, size_t first, size_t end)
{
    bool any = false;
    for (size_t c = first; c < end; c++)
        any = any || !isnan(sheet->cells[row * sheet->columns + c].paper);
    if (!any)
        return;
    thor_table_add(table, "  the paper");
    for (size_t c = first; c < end; c++) {
        const thor_cell *cell = &sheet->cells[row * sheet->columns + c];
        if (isnan(cell->paper))
            thor_table_add(table, "%s", "");
        else
            thor_table_add(table, "(%.*f)", cell->digits, cell->paper);
    }
}

/* Columns first … end - 1, and the names before them. */
static thor_status print_columns(const thor_sheet *sheet, size_t first, size_t end, FILE *stream, thor_error *error)
{
    thor_table table = thor_table_make(1 + end - first);
    for (size_t c = 0; c < end; c = c ? c + 1 : first)
        thor_table_add(&table, "%s", sheet->heads[c]);
    for (size_t r = 0; r < sheet->rows; r++) {
        add_row(&table, sheet, r, first, end);
        add_paper_row(&table, sheet, r, first, end);
    }
    thor_status status = thor_table_print(&table, stream, 2, error);
    thor_table_free(&table);
    return status;
}

/* As many columns side by side as there is room for, then the next ones below. */
static thor_status print_sheet(const thor_sheet *sheet, FILE *stream, thor_error *error)
{
    size_t names = column_width(sheet, 0) + 2, end = 1;
    names = names > 15 ? names : 15;            /* "  the paper" */
    fprintf(stream, "%s\n", sheet->title);
    for (size_t first = 1; first < sheet->columns; first = end) {
        size_t used = names;
        for (end = first; end < sheet->columns; end++) {
            used += column_width(sheet, end);
            if (used > WIDE && end > first)
                break;
        }
        THOR_TRY(print_columns(sheet, first, end, stream, error));
        fputc('\n', stream);
    }
    return THOR_OK;
}

/* A chart in numbers: each line at its first point, at quarters and at its end. */
static void print_lines(const thor_picture *picture, FILE *stream)
{
    for (size_t i = 0; i < picture->line_count; i++) {
        const thor_chart_line *line = &picture->lines[i];
        fprintf(stream, "  %s:", line->name);
        for (size_t q = 0; q <= 4 && line->count > 0; q++) {
            size_t at = (line->count - 1) * q / 4;
            fprintf(stream, "%s %.2f at %.0f", q ? "," : "", line->y[at], line->x[at]);
        }
        fputc('\n', stream);
    }
}

static thor_status print_map(const thor_picture *picture, FILE *stream, thor_error *error)
{
    thor_table table = thor_table_make(picture->size + 1);
    thor_table_add(&table, "%s", "");
    for (size_t c = 0; c < picture->size; c++)
        thor_table_add(&table, "%s", picture->names[c]);
    for (size_t r = 0; r < picture->size; r++) {
        thor_table_add(&table, "%s", picture->names[r]);
        for (size_t c = 0; c < picture->size; c++) {
            double value = picture->values[r * picture->size + c];
            if (isnan(value))
                thor_table_add(&table, "%s", "");
            else
                thor_table_add(&table, "%.*f", picture->digits, value);
        }
    }
    thor_status status = thor_table_print(&table, stream, 2, error);
    thor_table_free(&table);
    return status;
}

static thor_status print_picture(const thor_picture *picture, FILE *stream, thor_error *error)
{
    fprintf(stream, "%s (%s across, %s)\n", picture->title, picture->x_name, picture->y_name);
    if (picture->lines)
        print_lines(picture, stream);
    else if (picture->size <= 16)
        THOR_TRY(print_map(picture, stream, error));
    else
        fputs("  (more than 16 columns: see report.html or report.json)\n", stream);
    fputc('\n', stream);
    return THOR_OK;
}

static void print_part(const thor_verdict_part *part, FILE *stream)
{
    char line[1400];
    size_t used = (size_t)snprintf(line, sizeof line, "- %s: %s", part->text, thor_verdict_name(part->verdict));
    if (part->reason[0])
        used += (size_t)snprintf(line + used, sizeof line - used, ": %s", part->reason);
    for (size_t i = 0; i < part->count && used < sizeof line; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s %.*f", i ? ", " : " (", part->numbers[i].name,
                                 part->numbers[i].digits, part->numbers[i].value);
    if (part->count > 0 && used < sizeof line)
        snprintf(line + used, sizeof line - used, ")");
    print_wrapped(line, 2, 4, stream);
}

static void print_claims(const thor_document *document, FILE *stream)
{
    underline("The paper's claims", '-', stream);
    for (size_t i = 0; i < document->claim_count; i++) {
        const thor_judged_claim *claim = &document->claims[i];
        char line[640];
        snprintf(line, sizeof line, "%d. %s %s.", claim->number, claim->text, thor_verdict_name(claim->verdict));
        for (char *c = line + strlen(line) - strlen(thor_verdict_name(claim->verdict)) - 1; *c; c++)
            *c = (char)toupper((unsigned char)*c);
        print_wrapped(line, 0, 3, stream);
        for (size_t p = 0; p < claim->count; p++)
            print_part(&claim->parts[p], stream);
        fputc('\n', stream);
    }
}

thor_status thor_document_print_text(const thor_document *document, FILE *stream, thor_error *error)
{
    underline(document->title, '=', stream);
    for (size_t s = 0; s < document->count; s++) {
        const thor_section *section = &document->sections[s];
        if (s == 1 && document->claim_count > 0)
            print_claims(document, stream);
        underline(section->title, '-', stream);
        for (size_t b = 0; b < section->count; b++) {
            const thor_document_block *block = &section->blocks[b];
            if (block->kind == THOR_BLOCK_SHEET)
                THOR_TRY(print_sheet(&block->sheet, stream, error));
            else if (block->kind == THOR_BLOCK_PICTURE)
                THOR_TRY(print_picture(&block->picture, stream, error));
            else {
                print_wrapped(block->text, 0, 0, stream);
                fputc('\n', stream);
            }
        }
    }
    return THOR_OK;
}
