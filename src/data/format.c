#include "data/format.h"

#include "base/little_endian.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *thor_split_name(thor_split split)
{
    static const char *const names[THOR_SPLITS] = { "train", "valid", "test" };
    return names[split];
}

const char *thor_column_kind_name(thor_column_kind kind)
{
    static const char *const names[THOR_COLUMN_KINDS] = { "ids", "offsets" };
    return names[kind];
}

size_t thor_column_width(thor_column_kind kind)
{
    return kind == THOR_IDS ? 4 : 8;
}

void thor_column_name(char name[48], int32_t pair, thor_split split, int side, thor_column_kind kind)
{
    snprintf(name, 48, "%d.%s.%d.%s", (int)pair, thor_split_name(split), side, thor_column_kind_name(kind));
}

void thor_column_header(unsigned char header[THOR_DATA_HEADER], thor_column_kind kind)
{
    memset(header, 0, THOR_DATA_HEADER);
    memcpy(header, THOR_DATA_MAGIC, 8);
    thor_put32(header + 8, THOR_DATA_VERSION);
    thor_put32(header + 12, (uint32_t)kind);
}

thor_status thor_prepared_add_name(char ***names, int32_t *count, const char *name, thor_error *error)
{
    char **longer = realloc(*names, ((size_t)*count + 1) * sizeof *longer);
    if (longer)
        *names = longer;
    char *copy = longer ? malloc(strlen(name) + 1) : NULL;
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the name '%s'", name);
    strcpy(copy, name);
    longer[(*count)++] = copy;
    return THOR_OK;
}

thor_status thor_prepared_add_pair(thor_prepared *prepared, thor_error *error)
{
    if (!prepared->files)
        prepared->files = calloc(1, sizeof *prepared->files);
    size_t room = (size_t)prepared->pair_count + 1;
    thor_pair *pairs = realloc(prepared->pairs, room * sizeof *pairs);
    if (pairs)
        prepared->pairs = pairs;
    thor_pair_columns *columns = prepared->files ? realloc(prepared->files->pairs, room * sizeof *columns) : NULL;
    if (columns)
        prepared->files->pairs = columns;
    if (!pairs || !columns)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu language pairs", room);
    pairs[room - 1] = (thor_pair){ .domain = -1 };
    memset(columns[room - 1], 0, sizeof columns[room - 1]);
    prepared->pair_count++;
    return THOR_OK;
}
