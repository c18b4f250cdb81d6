/* corpus.index: lines of fields separated by tabs, in a fixed order, closed by their own checksum. */
#include "data/format.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FIELDS = 8, MOST_BYTES = 1 << 28 };

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void write_pair(FILE *stream, const thor_prepared *prepared, int32_t number)
{
    const thor_pair *pair = &prepared->pairs[number];
    fprintf(stream, "pair\t%d\t%d\t%d\n", (int)pair->first, (int)pair->second, (int)pair->domain);
    for (int split = 0; split < THOR_SPLITS; split++)
        for (int side = 0; side < 2; side++)
            for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++) {
                const thor_column *column = &prepared->files->pairs[number][split][side][kind];
                fprintf(stream, "column\t%s\t%d\t%s\t%s\t%lld\t%s\n", thor_split_name((thor_split)split), side,
                        thor_column_kind_name((thor_column_kind)kind), column->name, (long long)column->count,
                        column->checksum);
            }
}

static void write_names(FILE *stream, const char *many, const char *one, char **names, int32_t count)
{
    fprintf(stream, "%s\t%d\n", many, (int)count);
    for (int32_t i = 0; i < count; i++)
        fprintf(stream, "%s\t%s\n", one, names[i]);
}

static void write_index(FILE *stream, const thor_prepared *prepared)
{
    fprintf(stream, "thor-data\t%d\n", THOR_DATA_VERSION);
    fprintf(stream, "vocabulary\t%s\t%d\t%s\n", THOR_DATA_VOCABULARY, (int)prepared->pieces,
            prepared->vocabulary_checksum);
    fprintf(stream, "max-pieces\t%d\n", (int)prepared->max_pieces);
    write_names(stream, "languages", "language", prepared->languages, prepared->language_count);
    write_names(stream, "domains", "domain", prepared->domains, prepared->domain_count);
    fprintf(stream, "pairs\t%d\n", (int)prepared->pair_count);
    for (int32_t pair = 0; pair < prepared->pair_count; pair++)
        write_pair(stream, prepared, pair);
}

thor_status thor_index_write(const thor_prepared *prepared, const char *path, thor_error *error)
{
    char *text = NULL;
    size_t count = 0;
    FILE *stream = open_memstream(&text, &count);
    if (!stream)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory to write it", path);
    write_index(stream, prepared);
    fflush(stream);
    thor_sha256 hash;
    char hex[65];
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, text, count);
    thor_sha256_hex(&hash, hex);
    fprintf(stream, "end\t%s\n", hex);
    thor_status status = fclose(stream) == 0 ? thor_write_file(path, text, count, error)
                                             : thor_fail(error, THOR_E_MEMORY, "%s: no memory to write it", path);
    free(text);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The text still to be read, and where that is. */
typedef struct reader {
    const char *path;
    char *at, *end;
    int line;
    char *fields[MOST_FIELDS];
} reader;

static thor_status broken(const reader *in, const char *expected, thor_error *error)
{
    return thor_fail(error, THOR_E_FORMAT,
                     "%s:%d: expected %s; the file is damaged or not from `thor prepare`: run that again",
                     in->path, in->line, expected);
}

/* Takes the next line apart; it has to have `count` fields, the first of them `word`. */
static thor_status take_line(reader *in, const char *word, int count, thor_error *error)
{
    in->line++;
    char *end = memchr(in->at, '\n', (size_t)(in->end - in->at));
    if (!end || memchr(in->at, '\0', (size_t)(end - in->at)))
        return broken(in, word, error);
    *end = '\0';
    int found = 0;
    for (char *field = in->at; field && found < count; found++) {
        in->fields[found] = field;
        field = strchr(field, '\t');
        if (field && found + 1 < count)
            *field++ = '\0';
        else if (field)
            return broken(in, word, error);
    }
    in->at = end + 1;
    return found == count && strcmp(in->fields[0], word) == 0 ? THOR_OK : broken(in, word, error);
}

/* A whole number low … high in field `field`. */
static thor_status take_number(const reader *in, int field, int64_t low, int64_t high, int64_t *number,
                               thor_error *error)
{
    const char *text = in->fields[field];
    bool negative = *text == '-';
    uint64_t value = 0;
    size_t digits = 0;
    for (text += negative; *text >= '0' && *text <= '9' && digits < 18; text++, digits++)
        value = value * 10 + (uint64_t)(*text - '0');
    *number = negative ? -(int64_t)value : (int64_t)value;
    if (digits == 0 || *text != '\0' || *number < low || *number > high)
        return thor_fail(error, THOR_E_FORMAT, "%s:%d: found '%s', expected a whole number from %lld to %lld", in->path,
                         in->line, in->fields[field], (long long)low, (long long)high);
    return THOR_OK;
}

static thor_status take_checksum(const reader *in, int field, char checksum[65], thor_error *error)
{
    const char *text = in->fields[field];
    if (strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
        return broken(in, "a SHA-256 of 64 hexadecimal digits", error);
    memcpy(checksum, text, 65);
    return THOR_OK;
}

static thor_status take_names(reader *in, const char *many, const char *one, char ***names, int32_t *count,
                              thor_error *error)
{
    int64_t number;
    THOR_TRY(take_line(in, many, 2, error));
    THOR_TRY(take_number(in, 1, 0, THOR_DATA_MOST_NAMES, &number, error));
    while (*count < number) {
        THOR_TRY(take_line(in, one, 2, error));
        THOR_TRY(thor_prepared_add_name(names, count, in->fields[1], error));
    }
    return THOR_OK;
}

static thor_status take_column(reader *in, int32_t pair, int split, int side, int kind, thor_column *column,
                               thor_error *error)
{
    char name[48];
    thor_column_name(name, pair, (thor_split)split, side, (thor_column_kind)kind);
    THOR_TRY(take_line(in, "column", 7, error));
    int64_t number;
    THOR_TRY(take_number(in, 2, side, side, &number, error));
    if (strcmp(in->fields[1], thor_split_name((thor_split)split)) != 0 ||
        strcmp(in->fields[3], thor_column_kind_name((thor_column_kind)kind)) != 0 || strcmp(in->fields[4], name) != 0)
        return broken(in, name, error);
    memcpy(column->name, name, sizeof name);
    THOR_TRY(take_number(in, 5, kind == THOR_OFFSETS, INT64_MAX / 16, &column->count, error));
    return take_checksum(in, 6, column->checksum, error);
}

static thor_status take_pair(reader *in, thor_prepared *prepared, thor_error *error)
{
    int64_t first, second, domain;
    THOR_TRY(take_line(in, "pair", 4, error));
    THOR_TRY(take_number(in, 1, 0, prepared->language_count - 1, &first, error));
    THOR_TRY(take_number(in, 2, 0, prepared->language_count - 1, &second, error));
    THOR_TRY(take_number(in, 3, -1, prepared->domain_count - 1, &domain, error));
    if (first == second)
        return broken(in, "two different languages", error);
    THOR_TRY(thor_prepared_add_pair(prepared, error));
    int32_t number = prepared->pair_count - 1;
    thor_pair *pair = &prepared->pairs[number];
    pair->first = (int32_t)first;
    pair->second = (int32_t)second;
    pair->domain = (int32_t)domain;
    for (int split = 0; split < THOR_SPLITS; split++) {
        thor_column (*columns)[THOR_COLUMN_KINDS] = prepared->files->pairs[number][split];
        for (int side = 0; side < 2; side++)
            for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++)
                THOR_TRY(take_column(in, number, split, side, kind, &columns[side][kind], error));
        pair->count[split] = columns[0][THOR_OFFSETS].count - 1;
        if (columns[1][THOR_OFFSETS].count - 1 != pair->count[split])
            return broken(in, "as many sentences on one side as on the other", error);
    }
    return THOR_OK;
}

/* The checksum of everything before the last line. */
static thor_status take_end(reader *in, const char *text, thor_error *error)
{
    thor_sha256 hash;
    char found[65], stated[65];
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, text, (size_t)(in->at - text));
    thor_sha256_hex(&hash, found);
    THOR_TRY(take_line(in, "end", 2, error));
    THOR_TRY(take_checksum(in, 1, stated, error));
    if (in->at != in->end || strcmp(found, stated) != 0)
        return broken(in, "the checksum of the lines above and then nothing more", error);
    return THOR_OK;
}

static thor_status take_index(reader *in, thor_prepared *prepared, thor_error *error)
{
    int64_t number;
    THOR_TRY(take_line(in, "thor-data", 2, error));
    THOR_TRY(take_number(in, 1, 0, INT32_MAX, &number, error));
    if (number != THOR_DATA_VERSION)
        return thor_fail(error, THOR_E_FORMAT,
                         "%s: version %lld of the format; this program reads version %d: prepare the corpus again",
                         in->path, (long long)number, THOR_DATA_VERSION);
    THOR_TRY(take_line(in, "vocabulary", 4, error));
    if (strcmp(in->fields[1], THOR_DATA_VOCABULARY) != 0)
        return broken(in, THOR_DATA_VOCABULARY, error);
    THOR_TRY(take_number(in, 2, 1, INT32_MAX / 2, &number, error));
    prepared->pieces = (int32_t)number;
    THOR_TRY(take_checksum(in, 3, prepared->vocabulary_checksum, error));
    THOR_TRY(take_line(in, "max-pieces", 2, error));
    THOR_TRY(take_number(in, 1, 0, INT32_MAX, &number, error));
    prepared->max_pieces = (int32_t)number;
    THOR_TRY(take_names(in, "languages", "language", &prepared->languages, &prepared->language_count, error));
    THOR_TRY(take_names(in, "domains", "domain", &prepared->domains, &prepared->domain_count, error));
    THOR_TRY(take_line(in, "pairs", 2, error));
    THOR_TRY(take_number(in, 1, 1, THOR_DATA_MOST_NAMES, &number, error));
    while (prepared->pair_count < number)
        THOR_TRY(take_pair(in, prepared, error));
    return THOR_OK;
}

thor_status thor_index_read(thor_prepared *prepared, const char *path, thor_error *error)
{
    char *text = NULL;
    size_t count = 0;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &text, &count, error));
    char *whole = malloc(count + 1);
    thor_status status = whole ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "%s: no memory to read it", path);
    if (whole) {
        memcpy(whole, text, count);
        reader in = { .path = path, .at = text, .end = text + count };
        status = take_index(&in, prepared, error);
        if (status == THOR_OK) {
            /* Taking fields apart wrote zeros into `text`; the checksum is that of the untouched bytes. */
            size_t done = (size_t)(in.at - text);
            in.at = whole + done;
            in.end = whole + count;
            status = take_end(&in, whole, error);
        }
    }
    free(whole);
    free(text);
    return status;
}
