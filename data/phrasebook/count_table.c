#include "count_table.h"

#include <string.h>

uint64_t mix(uint64_t number)
{
    number += UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

uint64_t hash_text(uint64_t seed, const char *text, size_t length)
{
    uint64_t hash = seed;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return mix(hash);
}

/* Where the key is, or where it belongs. */
static size_t place(const struct count_table *table, const char *key, size_t length)
{
    size_t i = (size_t)hash_text(1, key, length) & (table->room - 1);
    while (table->key[i] != NULL && (strncmp(table->key[i], key, length) != 0 || table->key[i][length] != '\0'))
        i = (i + 1) & (table->room - 1);
    return i;
}

static void enlarge(struct count_table *table)
{
    struct count_table larger = { .pool = table->pool, .used = table->used };
    larger.room = table->room == 0 ? 1024 : 2 * table->room;
    larger.key = take(larger.pool, larger.room, sizeof *larger.key);
    larger.count = take(larger.pool, larger.room, sizeof *larger.count);
    for (size_t i = 0; i < table->room; i++) {
        if (table->key[i] == NULL)
            continue;
        size_t at = place(&larger, table->key[i], strlen(table->key[i]));
        larger.key[at] = table->key[i];
        larger.count[at] = table->count[i];
    }
    *table = larger;
}

long *table_count(struct count_table *table, const char *key, size_t length)
{
    if (2 * table->used >= table->room)
        enlarge(table);
    size_t at = place(table, key, length);
    if (table->key[at] == NULL) {
        table->key[at] = copy_text(table->pool, key, length);
        table->used++;
    }
    return &table->count[at];
}
