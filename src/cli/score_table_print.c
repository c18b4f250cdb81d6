/* Prints a table of directions and their means: from English, into English, both. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "cli/score_cli.h"
#include "score/score_table.h"

enum { SIDES = THOR_SCORE_ALL + 1 };

static const char *const side_names[SIDES] = { "en-xx", "xx-en", "all" };

static void print_mean(const score_run *run, bool there, double mean)
{
    if (there)
        printf(" %8.*f", run->width, mean);
    else
        printf(" %8s", "-");
}

static void print_averages(const score_run *run, const thor_averages *averages, const char *side, const char *title)
{
    printf("%-8s %-8s %4zu", side, title, averages->directions);
    for (int g = 0; g < THOR_GROUPS; g++)
        print_mean(run, averages->count[g] > 0, averages->mean[g]);
    print_mean(run, true, averages->all);
    print_mean(run, averages->has_weighted, averages->weighted);
    putchar('\n');
}

/* As wide as the longest name of a row and its head; 0 where no row has one. */
static int name_width(const thor_score_table *table)
{
    size_t width = 0;
    for (size_t i = 0; i < table->count; i++)
        width = strlen(table->directions[i].label) > width ? strlen(table->directions[i].label) : width;
    return width > 0 && width < 8 ? 8 : (int)width;
}

static void print_directions(const score_run *run, const thor_score_table *table)
{
    int wide = name_width(table);
    printf("%-16s ", "direction");
    if (wide)
        printf("%-*s ", wide, "name");
    printf("%8s %-8s", "lines", "group");
    for (size_t m = 0; m < run->job.metric_count; m++)
        printf(" %8s", table->directions[0].scores[m].title);
    putchar('\n');
    for (size_t i = 0; i < table->count; i++) {
        const thor_score_direction *one = &table->directions[i];
        printf("%-16s ", one->name);
        if (wide)
            printf("%-*s ", wide, one->label);
        printf("%8zu %-8s", one->lines,
               thor_group_name(one->counts ? thor_group_of(one->other) : THOR_GROUP_NONE));
        for (size_t m = 0; m < run->job.metric_count; m++)
            printf(" %8.*f", run->width, one->scores[m].score);
        putchar('\n');
    }
}

/* Each signature once: directions differ in their tokenisers and numbers of references. */
static void print_signatures(const score_run *run, const thor_score_table *table)
{
    for (size_t m = 0; m < run->job.metric_count; m++)
        for (size_t i = 0; i < table->count; i++) {
            const thor_score *result = &table->directions[i].scores[m];
            bool known = false;
            for (size_t k = 0; k < i && !known; k++)
                known = strcmp(table->directions[k].scores[m].signature, result->signature) == 0;
            if (!known)
                printf("%s|%s\n", result->title, result->signature);
        }
}

static thor_status print_text(const score_run *run, const thor_score_table *table, thor_error *error)
{
    print_directions(run, table);
    printf("\n%-8s %-8s %4s %8s %8s %8s %8s %8s\n", "mean", "metric", "of", "high", "medium", "low", "all", "8:4:4");
    for (int side = 0; side < SIDES; side++)
        for (size_t m = 0; m < run->job.metric_count; m++) {
            thor_averages averages;
            THOR_TRY(thor_score_table_means(table, m, (thor_score_side)side, &averages, error));
            if (averages.directions > 0)
                print_averages(run, &averages, side_names[side], table->directions[0].scores[m].title);
        }
    putchar('\n');
    print_signatures(run, table);
    return THOR_OK;
}

static json_t *direction_json(const score_run *run, const thor_score_direction *one)
{
    json_t *object = json_object(), *signatures = json_object();
    json_object_set_new(object, "direction", json_string(one->name));
    if (one->label[0])
        json_object_set_new(object, "name", json_string(one->label));
    json_object_set_new(object, "lines", json_integer((json_int_t)one->lines));
    json_object_set_new(object, "group",
                        json_string(thor_group_name(one->counts ? thor_group_of(one->other) : THOR_GROUP_NONE)));
    for (size_t m = 0; m < run->job.metric_count; m++) {
        json_object_set_new(object, one->scores[m].title, json_real(score_rounded(run, one->scores[m].score)));
        json_object_set_new(signatures, one->scores[m].title, json_string(one->scores[m].signature));
    }
    json_object_set_new(object, "signatures", signatures);
    return object;
}

static json_t *mean_json(const score_run *run, bool there, double mean)
{
    return there ? json_real(score_rounded(run, mean)) : json_null();
}

static json_t *averages_json(const score_run *run, const thor_averages *averages, const char *side, const char *title)
{
    json_t *object = json_object();
    json_object_set_new(object, "side", json_string(side));
    json_object_set_new(object, "metric", json_string(title));
    json_object_set_new(object, "directions", json_integer((json_int_t)averages->directions));
    for (int g = 0; g < THOR_GROUPS; g++)
        json_object_set_new(object, thor_group_name((thor_group)g),
                            mean_json(run, averages->count[g] > 0, averages->mean[g]));
    json_object_set_new(object, "all", mean_json(run, true, averages->all));
    json_object_set_new(object, "8:4:4", mean_json(run, averages->has_weighted, averages->weighted));
    return object;
}

static thor_status add_means(const score_run *run, const thor_score_table *table, json_t *means, thor_error *error)
{
    for (int side = 0; side < SIDES; side++)
        for (size_t m = 0; m < run->job.metric_count; m++) {
            thor_averages averages;
            THOR_TRY(thor_score_table_means(table, m, (thor_score_side)side, &averages, error));
            if (averages.directions > 0)
                json_array_append_new(means, averages_json(run, &averages, side_names[side],
                                                           table->directions[0].scores[m].title));
        }
    return THOR_OK;
}

static thor_status print_json(const score_run *run, const thor_score_table *table, thor_error *error)
{
    json_t *whole = json_object(), *directions = json_array(), *means = json_array();
    for (size_t i = 0; i < table->count; i++)
        json_array_append_new(directions, direction_json(run, &table->directions[i]));
    thor_status status = add_means(run, table, means, error);
    json_object_set_new(whole, "directions", directions);
    json_object_set_new(whole, "means", means);
    if (status == THOR_OK) {
        if (!whole || json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15)))
            status = thor_fail(error, THOR_E_IO, "standard output: the result could not be written");
        putchar('\n');
    }
    json_decref(whole);
    return status;
}

/* For COMET's files: what was scored before. */
typedef struct comet_context {
    const score_run *run;
    const thor_score_table *table;
} comet_context;

static void name_folder(char name[2 * THOR_SCORE_WORD], const thor_score_direction *row)
{
    snprintf(name, 2 * THOR_SCORE_WORD, "%s%s%s", row->name, row->label[0] ? "." : "", row->label);
}

/* A row's folder holds no other's files. */
static thor_status check_folder(const thor_score_table *table, const thor_score_direction *row, const char *folder,
                                thor_error *error)
{
    char before[2 * THOR_SCORE_WORD];
    for (size_t i = 0; i < table->count; i++) {
        const thor_score_direction *other = &table->directions[i];
        name_folder(before, other);
        if (strcmp(before, folder) == 0)
            return thor_fail(error, THOR_E_FORMAT, "line %zu has the direction %s%s%s too, and its files for COMET "
                             "would be lost; tell the lines apart with a field name=NAME", other->line, row->name,
                             row->label[0] ? " and the name " : "", row->label);
    }
    return THOR_OK;
}

/* COMET's files of one row, in a folder of its direction and name. */
static thor_status write_comet(void *context, const thor_score_job *files, const thor_score_direction *row,
                               const char *source, thor_error *error)
{
    const comet_context *c = context;
    char name[2 * THOR_SCORE_WORD];
    if (!source)
        return thor_fail(error, THOR_E_FORMAT, "--comet needs a field source=FILE with the text that was translated");
    name_folder(name, row);
    THOR_TRY(check_folder(c->table, row, name, error));
    char *folder = thor_path(c->run->comet, name);
    thor_status status = folder ? score_comet(files, folder, source, error)
                                : thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", name);
    free(folder);
    return status;
}

thor_status score_table(score_run *run, const char *path, thor_error *error)
{
    comet_context comet = { .run = run };
    thor_score_table table = { .job = &run->job, .visit = run->comet ? write_comet : NULL, .context = &comet };
    comet.table = &table;
    thor_status status = thor_score_table_read(&table, path, error);
    if (status == THOR_OK)
        status = run->format == SCORE_JSON ? print_json(run, &table, error) : print_text(run, &table, error);
    thor_score_table_free(&table);
    return status;
}
