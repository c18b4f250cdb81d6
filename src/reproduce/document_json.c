#include "reproduce/document_json.h"

#include <math.h>

#include "reproduce/json_fields.h"

static void set_number(json_t *object, const char *key, double value)
{
    if (isfinite(value))
        json_object_set_new(object, key, json_real(value));
}

static json_t *cell_json(const thor_cell *cell)
{
    if (cell->kind == THOR_CELL_TEXT)
        return json_string(cell->text);
    if (cell->kind == THOR_CELL_EMPTY && isnan(cell->paper))
        return json_null();
    json_t *object = json_pack("{s:o}", "value", thor_json_of(cell->value));
    set_number(object, "deviation", cell->deviation);
    set_number(object, "paper", cell->paper);
    set_number(object, "p", cell->p);
    set_number(object, "p_holm", cell->p_corrected);
    return object;
}

static json_t *sheet_json(const thor_sheet *sheet)
{
    json_t *columns = json_array(), *rows = json_array();
    for (size_t c = 0; c < sheet->columns; c++)
        json_array_append_new(columns, json_string(sheet->heads[c]));
    for (size_t r = 0; r < sheet->rows; r++) {
        json_t *row = json_array();
        for (size_t c = 0; c < sheet->columns; c++)
            json_array_append_new(row, cell_json(&sheet->cells[r * sheet->columns + c]));
        json_array_append_new(rows, row);
    }
    return json_pack("{s:s, s:o, s:o}", "title", sheet->title, "columns", columns, "rows", rows);
}

static json_t *numbers_json(const double *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, thor_json_of(values[i]));
    return list;
}

static json_t *picture_json(const thor_picture *picture)
{
    json_t *lines = json_array(), *names = json_array(), *values = json_array();
    for (size_t i = 0; i < picture->line_count; i++)
        json_array_append_new(lines, json_pack("{s:s, s:o, s:o}", "name", picture->lines[i].name, "x",
                                               numbers_json(picture->lines[i].x, picture->lines[i].count), "y",
                                               numbers_json(picture->lines[i].y, picture->lines[i].count)));
    for (size_t i = 0; i < picture->size; i++) {
        json_array_append_new(names, json_string(picture->names[i]));
        json_array_append_new(values, numbers_json(picture->values + i * picture->size, picture->size));
    }
    if (picture->lines) {
        json_decref(names);
        json_decref(values);
        return json_pack("{s:s, s:o}", "title", picture->title, "lines", lines);
    }
    json_decref(lines);
    return json_pack("{s:s, s:o, s:o}", "title", picture->title, "names", names, "values", values);
}

static json_t *part_json(const thor_verdict_part *part)
{
    json_t *numbers = json_object();
    for (size_t i = 0; i < part->count; i++)
        json_object_set_new(numbers, part->numbers[i].name, thor_json_of(part->numbers[i].value));
    json_t *object = json_pack("{s:s, s:s, s:o}", "text", part->text, "verdict", thor_verdict_name(part->verdict),
                               "numbers", numbers);
    if (part->reason[0])
        json_object_set_new(object, "reason", json_string(part->reason));
    return object;
}

static json_t *claims_json(const thor_document *document)
{
    json_t *claims = json_array();
    for (size_t i = 0; i < document->claim_count; i++) {
        const thor_judged_claim *claim = &document->claims[i];
        json_t *parts = json_array();
        for (size_t p = 0; p < claim->count; p++)
            json_array_append_new(parts, part_json(&claim->parts[p]));
        json_array_append_new(claims, json_pack("{s:i, s:s, s:s, s:o}", "number", claim->number, "text", claim->text,
                                                "verdict", thor_verdict_name(claim->verdict), "parts", parts));
    }
    return claims;
}

json_t *thor_document_json(const thor_document *document)
{
    json_t *tables = json_object(), *pictures = json_object(), *notes = json_object(), *measured = json_object();
    for (size_t s = 0; s < document->count; s++) {
        json_t *said = json_array();
        for (size_t b = 0; b < document->sections[s].count; b++) {
            const thor_document_block *block = &document->sections[s].blocks[b];
            if (block->kind == THOR_BLOCK_SHEET)
                json_object_set_new(block->sheet.measured ? measured : tables, block->sheet.id,
                                    sheet_json(&block->sheet));
            else if (block->kind == THOR_BLOCK_PICTURE)
                json_object_set_new(pictures, block->picture.id, picture_json(&block->picture));
            else
                json_array_append_new(said, json_string(block->text));
        }
        json_object_set_new(notes, document->sections[s].id, said);
    }
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "title", document->title, "claims", claims_json(document),
                     "tables", tables, "pictures", pictures, "notes", notes, "measured", measured);
}
