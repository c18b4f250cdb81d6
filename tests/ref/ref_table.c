/* Named arrays of double. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

void ref_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("reference: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

void *ref_alloc(int64_t count, size_t size)
{
    void *memory = calloc(count > 0 ? (size_t)count : 1, size);
    if (!memory)
        ref_die("no memory for %lld elements", (long long)count);
    return memory;
}

const char *ref_join(char name[REF_NAME], const char *place, const char *suffix)
{
    int length = snprintf(name, REF_NAME, "%s.%s", place, suffix);
    if (length < 0 || length >= REF_NAME)
        ref_die("the name %s.%s does not fit", place, suffix);
    return name;
}

ref_array *ref_find(ref_table *table, const char *name)
{
    for (int i = 0; i < table->count; i++) {
        int at = (table->next + i) % table->count;
        if (strcmp(table->items[at]->name, name) == 0) {
            table->next = (at + 1) % table->count;
            return table->items[at];
        }
    }
    return NULL;
}

double *ref_get(ref_table *table, const char *name)
{
    ref_array *array = ref_find(table, name);
    if (!array)
        ref_die("there is no array %s", name);
    return array->data;
}

static ref_array *add(ref_table *table, const char *name, int dims, const int64_t *shape)
{
    ref_array *array = ref_alloc(1, sizeof *array);
    if (strlen(name) >= sizeof array->name || dims > REF_DIMS)
        ref_die("name or shape of %s does not fit", name);
    strcpy(array->name, name);
    array->dims = dims;
    array->count = 1;
    for (int i = 0; i < dims; i++) {
        array->shape[i] = shape[i];
        array->count *= shape[i];
    }
    array->data = ref_alloc(array->count, sizeof *array->data);
    if (table->count == table->room) {
        table->room = table->room ? 2 * table->room : 64;
        table->items = realloc(table->items, (size_t)table->room * sizeof(ref_array *));
        if (!table->items)
            ref_die("no memory for a table");
    }
    table->items[table->count++] = array;
    return array;
}

double *ref_put(ref_table *table, const char *name, int dims, const int64_t *shape)
{
    ref_array *array = ref_find(table, name);
    if (!array)
        return add(table, name, dims, shape)->data;
    if (array->dims != dims || memcmp(array->shape, shape, (size_t)dims * sizeof *shape) != 0)
        ref_die("%s has another shape than before", name);
    memset(array->data, 0, (size_t)array->count * sizeof *array->data);
    return array->data;
}

void ref_table_free(ref_table *table)
{
    for (int i = 0; i < table->count; i++) {
        free(table->items[i]->data);
        free(table->items[i]);
    }
    free(table->items);
    *table = (ref_table){ 0 };
}
