#include "reproduce/document.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const thor_cell empty_cell = { .kind = THOR_CELL_EMPTY, .value = NAN, .deviation = NAN, .paper = NAN, .p = NAN,
                                      .p_corrected = NAN };

static void free_block(thor_document_block *block)
{
    free(block->text);
    free(block->sheet.heads);
    free(block->sheet.cells);
    for (size_t i = 0; i < block->picture.line_count; i++) {
        free(block->picture.lines[i].x);
        free(block->picture.lines[i].y);
    }
    free(block->picture.lines);
    free(block->picture.names);
    free(block->picture.values);
}

void thor_document_free(thor_document *document)
{
    for (size_t s = 0; s < document->count; s++) {
        for (size_t b = 0; b < document->sections[s].count; b++)
            free_block(&document->sections[s].blocks[b]);
        free(document->sections[s].blocks);
    }
    for (size_t c = 0; c < document->claim_count; c++)
        free(document->claims[c].parts);
    free(document->sections);
    free(document->claims);
    *document = (thor_document){ .count = 0 };
}

/* `items` with room for one element of `size` bytes more, zeroed, behind `count` others; NULL without memory. */
static void *one_more(void *items, size_t count, size_t size)
{
    char *grown = realloc(items, (count + 1) * size);
    if (grown)
        memset(grown + count * size, 0, size);
    return grown;
}

static thor_status no_memory(thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "no memory for the report");
}

thor_status thor_document_section(thor_document *document, const char *id, const char *title, thor_error *error)
{
    thor_section *grown = one_more(document->sections, document->count, sizeof *grown);
    if (!grown)
        return no_memory(error);
    document->sections = grown;
    thor_section *added = &grown[document->count++];
    snprintf(added->id, sizeof added->id, "%s", id);
    snprintf(added->title, sizeof added->title, "%s", title);
    return THOR_OK;
}

static thor_document_block *add_block(thor_document *document, thor_block_kind kind)
{
    thor_section *section = &document->sections[document->count - 1];
    thor_document_block *grown = one_more(section->blocks, section->count, sizeof *grown);
    if (!grown)
        return NULL;
    section->blocks = grown;
    grown[section->count].kind = kind;
    return &grown[section->count++];
}

thor_status thor_document_paragraph(thor_document *document, thor_error *error, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    thor_document_block *added = add_block(document, THOR_BLOCK_PARAGRAPH);
    if (!added || !(added->text = malloc(strlen(text) + 1)))
        return no_memory(error);
    strcpy(added->text, text);
    return THOR_OK;
}

thor_status thor_document_sheet(thor_document *document, const char *id, const char *title, size_t rows,
                                size_t columns, thor_sheet **sheet, thor_error *error)
{
    thor_document_block *added = add_block(document, THOR_BLOCK_SHEET);
    if (!added)
        return no_memory(error);
    *sheet = &added->sheet;
    **sheet = (thor_sheet){ .rows = rows, .columns = columns, .heads = calloc(columns, sizeof *added->sheet.heads),
                            .cells = calloc(rows * columns + 1, sizeof *added->sheet.cells) };
    snprintf((*sheet)->id, sizeof (*sheet)->id, "%s", id);
    snprintf((*sheet)->title, sizeof (*sheet)->title, "%s", title);
    if (!(*sheet)->heads || !(*sheet)->cells)
        return no_memory(error);
    for (size_t i = 0; i < rows * columns; i++)
        (*sheet)->cells[i] = empty_cell;
    return THOR_OK;
}

thor_status thor_document_picture(thor_document *document, const char *id, const char *title, thor_picture **picture,
                                  thor_error *error)
{
    thor_document_block *added = add_block(document, THOR_BLOCK_PICTURE);
    if (!added)
        return no_memory(error);
    *picture = &added->picture;
    snprintf(added->picture.id, sizeof added->picture.id, "%s", id);
    snprintf(added->picture.title, sizeof added->picture.title, "%s", title);
    return THOR_OK;
}

thor_status thor_picture_line(thor_picture *picture, const char *name, size_t count, thor_chart_line **line,
                              thor_error *error)
{
    thor_chart_line *grown = one_more(picture->lines, picture->line_count, sizeof *grown);
    if (!grown)
        return no_memory(error);
    picture->lines = grown;
    thor_chart_line *added = &grown[picture->line_count++];
    added->count = count;
    added->x = calloc(count + 1, sizeof *added->x);
    added->y = calloc(count + 1, sizeof *added->y);
    snprintf(added->name, sizeof added->name, "%s", name);
    *line = added;
    return added->x && added->y ? THOR_OK : no_memory(error);
}

thor_status thor_picture_map(thor_picture *picture, size_t size, thor_error *error)
{
    picture->size = size;
    picture->names = calloc(size + 1, sizeof *picture->names);
    picture->values = calloc(size + 1, (size + 1) * sizeof *picture->values);
    if (!picture->names || !picture->values)
        return no_memory(error);
    for (size_t i = 0; i < size * size; i++)
        picture->values[i] = NAN;
    return THOR_OK;
}

thor_status thor_document_claim(thor_document *document, int number, const char *text, thor_judged_claim **claim,
                                thor_error *error)
{
    thor_judged_claim *grown = one_more(document->claims, document->claim_count, sizeof *grown);
    if (!grown)
        return no_memory(error);
    document->claims = grown;
    thor_judged_claim *added = &grown[document->claim_count++];
    added->number = number;
    added->text = text;
    *claim = added;
    return THOR_OK;
}

thor_status thor_claim_part_add(thor_judged_claim *claim, const thor_verdict_part *part, thor_error *error)
{
    thor_verdict_part *grown = one_more(claim->parts, claim->count, sizeof *grown);
    if (!grown)
        return no_memory(error);
    claim->parts = grown;
    grown[claim->count++] = *part;
    return THOR_OK;
}

void thor_sheet_head(thor_sheet *sheet, size_t column, const char *name)
{
    snprintf(sheet->heads[column], sizeof *sheet->heads, "%s", name);
}

void thor_sheet_text(thor_sheet *sheet, size_t row, size_t column, const char *text)
{
    thor_cell *cell = &sheet->cells[row * sheet->columns + column];
    cell->kind = THOR_CELL_TEXT;
    snprintf(cell->text, sizeof cell->text, "%s", text);
}

thor_cell *thor_sheet_number(thor_sheet *sheet, size_t row, size_t column, double value, int digits)
{
    thor_cell *cell = &sheet->cells[row * sheet->columns + column];
    *cell = empty_cell;
    cell->kind = isnan(value) ? THOR_CELL_EMPTY : THOR_CELL_NUMBER;
    cell->digits = digits;
    cell->value = value;
    return cell;
}

static bool is_empty(const thor_sheet *sheet, size_t column)
{
    for (size_t r = 0; r < sheet->rows; r++) {
        const thor_cell *cell = &sheet->cells[r * sheet->columns + column];
        if (cell->kind != THOR_CELL_EMPTY || !isnan(cell->paper))
            return false;
    }
    return true;
}

static void drop_column(thor_sheet *sheet, size_t column)
{
    size_t kept = 0;
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++)
        if (i % sheet->columns != column)
            sheet->cells[kept++] = sheet->cells[i];
    sheet->columns--;
    memmove(sheet->heads + column, sheet->heads + column + 1, (sheet->columns - column) * sizeof *sheet->heads);
}

void thor_sheet_trim(thor_sheet *sheet)
{
    for (size_t c = sheet->columns - 1; c > 0; c--)
        if (is_empty(sheet, c))
            drop_column(sheet, c);
}

const char *thor_verdict_name(thor_verdict verdict)
{
    static const char *const names[] = { "holds", "tends to", "cannot be told", "tends against", "fails" };
    return names[verdict];
}

const char *thor_mark(double p)
{
    return p < 0.01 ? "‡" : p < 0.05 ? "†" : "";
}

void thor_cell_text(const thor_cell *cell, char text[256])
{
    const char *first = thor_mark(cell->p), *second = thor_mark(cell->p_corrected);
    size_t used;
    text[0] = '\0';
    if (cell->kind == THOR_CELL_TEXT)
        snprintf(text, 256, "%s", cell->text);
    if (cell->kind != THOR_CELL_NUMBER)
        return;
    used = (size_t)snprintf(text, 256, "%.*f", cell->digits, cell->value);
    if (!isnan(cell->deviation))
        used += (size_t)snprintf(text + used, 256 - used, "±%.*f", cell->digits, cell->deviation);
    if (first[0] || second[0])
        snprintf(text + used, 256 - used, " %s%s", first[0] ? first : "·", second[0] ? second : "·");
}
