/* The report before it is text, Markdown, HTML or JSON: sections of paragraphs, tables and pictures, and verdicts. */
#ifndef THOR_REPRODUCE_DOCUMENT_H
#define THOR_REPRODUCE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/status.h"

typedef enum thor_cell_kind { THOR_CELL_EMPTY, THOR_CELL_TEXT, THOR_CELL_NUMBER } thor_cell_kind;

typedef struct thor_cell {
    thor_cell_kind kind;
    char text[192];
    int digits;                         /* behind the point */
    double value;
    double deviation, paper;            /* NaN: none */
    double p, p_corrected;              /* against the baseline, before and after Holm's correction; NaN: not tested */
} thor_cell;

typedef struct thor_sheet {
    char id[64], title[160];
    bool measured;                      /* times, speeds and memory: in JSON under "measured" */
    size_t rows, columns;
    char (*heads)[136];                 /* [columns] */
    thor_cell *cells;                   /* [rows, columns]; column 0 has the names */
} thor_sheet;

typedef struct thor_chart_line {
    char name[192];
    double *x, *y;                      /* [count] */
    size_t count;
} thor_chart_line;

typedef struct thor_picture {
    char id[64], title[160];
    const char *x_name, *y_name;        /* literals */
    thor_chart_line *lines;                   /* a chart; or NULL and a heat map: */
    size_t line_count;
    size_t size;                        /* of a heat map: rows and columns */
    char (*names)[64];                  /* [size] */
    double *values;                     /* [size, size] */
    int digits;
} thor_picture;

typedef enum thor_block_kind { THOR_BLOCK_PARAGRAPH, THOR_BLOCK_SHEET, THOR_BLOCK_PICTURE } thor_block_kind;

typedef struct thor_document_block {
    thor_block_kind kind;
    char *text;
    thor_sheet sheet;
    thor_picture picture;
} thor_document_block;

typedef struct thor_section {
    char id[64], title[160];
    thor_document_block *blocks;
    size_t count;
} thor_section;

typedef enum thor_verdict { THOR_HOLDS, THOR_TENDS_TO, THOR_UNTOLD, THOR_TENDS_AGAINST, THOR_FAILS } thor_verdict;

/* "holds", "tends to", "cannot be told", "tends against", "fails" */
const char *thor_verdict_name(thor_verdict verdict);

enum { THOR_MOST_NUMBERS = 8 };

typedef struct thor_verdict_number {
    const char *name;                   /* a literal */
    double value;
    int digits;
} thor_verdict_number;

typedef struct thor_verdict_part {
    char text[448];
    thor_verdict verdict;
    char reason[384];                   /* why it cannot be told; "" if it can */
    thor_verdict_number numbers[THOR_MOST_NUMBERS];
    size_t count;
} thor_verdict_part;

typedef struct thor_judged_claim {
    int number;
    const char *text;
    thor_verdict verdict;
    thor_verdict_part *parts;
    size_t count;
} thor_judged_claim;

typedef struct thor_document {
    char title[160];
    thor_judged_claim *claims;
    size_t claim_count;
    thor_section *sections;
    size_t count;
} thor_document;

void thor_document_free(thor_document *document);

/* Each adds to the end; pointers are good until the next one of the same kind. THOR_E_MEMORY. */
thor_status thor_document_section(thor_document *document, const char *id, const char *title, thor_error *error);
/* These three go into the last section. */
thor_status thor_document_paragraph(thor_document *document, thor_error *error, const char *format, ...)
    THOR_PRINTF(3, 4);
/* An empty table. */
thor_status thor_document_sheet(thor_document *document, const char *id, const char *title, size_t rows,
                                size_t columns, thor_sheet **sheet, thor_error *error);
thor_status thor_document_picture(thor_document *document, const char *id, const char *title, thor_picture **picture,
                                  thor_error *error);
/* A line of a chart with room for `count` points. */
thor_status thor_picture_line(thor_picture *picture, const char *name, size_t count, thor_chart_line **line,
                              thor_error *error);
/* Makes the picture a heat map of [size, size] NaN. */
thor_status thor_picture_map(thor_picture *picture, size_t size, thor_error *error);

thor_status thor_document_claim(thor_document *document, int number, const char *text, thor_judged_claim **claim,
                                thor_error *error);
thor_status thor_claim_part_add(thor_judged_claim *claim, const thor_verdict_part *part, thor_error *error);

void thor_sheet_head(thor_sheet *sheet, size_t column, const char *name);
void thor_sheet_text(thor_sheet *sheet, size_t row, size_t column, const char *text);
/* A number without deviation, figure of the paper or test; NaN leaves the cell empty. */
thor_cell *thor_sheet_number(thor_sheet *sheet, size_t row, size_t column, double value, int digits);

/* Drops the columns behind the first that have nothing in them. */
void thor_sheet_trim(thor_sheet *sheet);

/* "‡" for p < 0.01, "†" for p < 0.05, "" else. */
const char *thor_mark(double p);
/* "21.63±0.12 ‡†": the number, its deviation, its marks before and after the correction. "" for an empty cell. */
void thor_cell_text(const thor_cell *cell, char text[256]);
/* Three of the forms; document_json.h has the fourth. Errors of writing stay in ferror(stream). */
thor_status thor_document_print_text(const thor_document *document, FILE *stream, thor_error *error);
thor_status thor_document_print_markdown(const thor_document *document, FILE *stream, thor_error *error);
thor_status thor_document_print_html(const thor_document *document, FILE *stream, thor_error *error);

#endif
