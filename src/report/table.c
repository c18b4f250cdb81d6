#include "report/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

thor_table thor_table_make(size_t columns)
{
    return (thor_table){ .columns = columns };
}

void thor_table_free(thor_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (thor_table){ .columns = table->columns };
}

static bool make_room(thor_table *table)
{
    if (table->count < table->room)
        return true;
    size_t room = 2 * table->room + 64;
    char **cells = realloc(table->cells, room * sizeof *cells);
    if (!cells)
        return false;
    table->cells = cells;
    table->room = room;
    return true;
}

void thor_table_add(thor_table *table, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *copy = length >= 0 && make_room(table) ? malloc(strlen(text) + 1) : NULL;
    if (!copy) {
        table->failed = 1;
        return;
    }
    strcpy(copy, text);
    table->cells[table->count++] = copy;
}

/* Characters of UTF-8. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static size_t column_width(const thor_table *table, size_t column)
{
    size_t widest = 0;
    for (size_t i = column; i < table->count; i += table->columns) {
        size_t width = width_of(table->cells[i]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_cell(const thor_table *table, size_t i, size_t widest, FILE *stream)
{
    int padding = (int)(widest - width_of(table->cells[i]));
    bool last = (i + 1) % table->columns == 0;
    if (i % table->columns == 0)
        fprintf(stream, "%s%*s", table->cells[i], last ? 0 : padding, "");
    else
        fprintf(stream, "  %*s%s", padding, "", table->cells[i]);
    if (last || i + 1 == table->count)
        fputc('\n', stream);
}

thor_status thor_table_print(const thor_table *table, FILE *stream, int indent, thor_error *error)
{
    size_t *widths = malloc(table->columns * sizeof *widths);
    if (!widths || table->failed) {
        free(widths);
        return thor_fail(error, THOR_E_MEMORY, "no memory for a table of %zu cells", table->count);
    }
    size_t all = 0;
    for (size_t c = 0; c < table->columns; c++)
        all += (widths[c] = column_width(table, c)) + (c ? 2 : 0);
    for (size_t i = 0; i < table->count; i++) {
        if (i % table->columns == 0)
            fprintf(stream, "%*s", indent, "");
        print_cell(table, i, widths[i % table->columns], stream);
        if (i + 1 == table->columns) {
            fprintf(stream, "%*s", indent, "");
            for (size_t k = 0; k < all; k++)
                fputc('-', stream);
            fputc('\n', stream);
        }
    }
    free(widths);
    return THOR_OK;
}
