/* The report as Markdown: the paper's figures in brackets behind ours. */
#include <math.h>
#include <string.h>

#include "reproduce/document.h"

/* Text in which a bar would end a cell. */
static void put(const char *text, FILE *stream)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '*' || *text == '_' || *text == '<' || *text == '`')
            fputc('\\', stream);
        fputc(*text, stream);
    }
}

static void put_cell(const thor_cell *cell, FILE *stream)
{
    char text[256];
    thor_cell_text(cell, text);
    fputc(' ', stream);
    put(text, stream);
    if (!isnan(cell->paper))
        fprintf(stream, " (%.*f)", cell->digits, cell->paper);
    fputs(" |", stream);
}

static void print_sheet(const thor_sheet *sheet, FILE *stream)
{
    fputs("**", stream);
    put(sheet->title, stream);
    fputs("**\n\n|", stream);
    for (size_t c = 0; c < sheet->columns; c++) {
        fputc(' ', stream);
        put(sheet->heads[c], stream);
        fputs(" |", stream);
    }
    fputs("\n|", stream);
    for (size_t c = 0; c < sheet->columns; c++)
        fputs(c ? " ---: |" : " --- |", stream);
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++) {
        if (i % sheet->columns == 0)
            fputs("\n|", stream);
        put_cell(&sheet->cells[i], stream);
    }
    fputs("\n\n", stream);
}

static void print_lines(const thor_picture *picture, FILE *stream)
{
    fprintf(stream, "\n| %s | first |  |  |  | last |\n| --- | ---: | ---: | ---: | ---: | ---: |\n", picture->y_name);
    for (size_t i = 0; i < picture->line_count; i++) {
        const thor_chart_line *line = &picture->lines[i];
        fputs("| ", stream);
        put(line->name, stream);
        for (size_t q = 0; q <= 4; q++) {
            size_t at = line->count ? (line->count - 1) * q / 4 : 0;
            fprintf(stream, " | %.2f at %.0f", line->y[at], line->x[at]);
        }
        fputs(" |\n", stream);
    }
    fputc('\n', stream);
}

static void print_map(const thor_picture *picture, FILE *stream)
{
    fputs("\n| |", stream);
    for (size_t c = 0; c < picture->size; c++) {
        fputc(' ', stream);
        put(picture->names[c], stream);
        fputs(" |", stream);
    }
    fputs("\n| --- |", stream);
    for (size_t c = 0; c < picture->size; c++)
        fputs(" ---: |", stream);
    for (size_t r = 0; r < picture->size; r++) {
        fputs("\n| ", stream);
        put(picture->names[r], stream);
        fputs(" |", stream);
        for (size_t c = 0; c < picture->size; c++) {
            double value = picture->values[r * picture->size + c];
            if (isnan(value))
                fputs(" |", stream);
            else
                fprintf(stream, " %.*f |", picture->digits, value);
        }
    }
    fputs("\n\n", stream);
}

static void print_claims(const thor_document *document, FILE *stream)
{
    fputs("## The paper's claims\n\n| | claim | verdict |\n| --- | --- | --- |\n", stream);
    for (size_t i = 0; i < document->claim_count; i++)
        fprintf(stream, "| %d | %s | **%s** |\n", document->claims[i].number, document->claims[i].text,
                thor_verdict_name(document->claims[i].verdict));
    fputc('\n', stream);
    for (size_t i = 0; i < document->claim_count; i++)
        for (size_t p = 0; p < document->claims[i].count; p++) {
            const thor_verdict_part *part = &document->claims[i].parts[p];
            fprintf(stream, "- %d: ", document->claims[i].number);
            put(part->text, stream);
            fprintf(stream, ": **%s**", thor_verdict_name(part->verdict));
            if (part->reason[0]) {
                fputs(": ", stream);
                put(part->reason, stream);
            }
            for (size_t n = 0; n < part->count; n++)
                fprintf(stream, "%s%s %.*f", n ? ", " : " (", part->numbers[n].name, part->numbers[n].digits,
                        part->numbers[n].value);
            fputs(part->count ? ")\n" : "\n", stream);
        }
    fputc('\n', stream);
}

static void print_block(const thor_document_block *block, FILE *stream)
{
    if (block->kind == THOR_BLOCK_SHEET) {
        print_sheet(&block->sheet, stream);
    } else if (block->kind == THOR_BLOCK_PICTURE) {
        fputs("**", stream);
        put(block->picture.title, stream);
        fprintf(stream, "** (%s across)\n", block->picture.x_name);
        if (block->picture.lines)
            print_lines(&block->picture, stream);
        else
            print_map(&block->picture, stream);
    } else {
        put(block->text, stream);
        fputs("\n\n", stream);
    }
}

thor_status thor_document_print_markdown(const thor_document *document, FILE *stream, thor_error *error)
{
    (void)error;
    fprintf(stream, "# %s\n\n", document->title);
    for (size_t s = 0; s < document->count; s++) {
        const thor_section *section = &document->sections[s];
        if (s == 1 && document->claim_count > 0)
            print_claims(document, stream);
        fprintf(stream, "## %s\n\n", section->title);
        for (size_t b = 0; b < section->count; b++)
            print_block(&section->blocks[b], stream);
    }
    return THOR_OK;
}
