/* Prints a table of directions and their means: from English, into English, both. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_table.h"

enum { SIDES = 3 };

static const char *const side_names[SIDES] = { "en-xx", "xx-en", "all" };

static thor_averages averages_of(const score_table_rows *all, size_t metric, int side, const char **languages,
                                 double *scores)
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const score_direction_row *one = &all->directions[i];
        if (!one->counts || (side < 2 && one->from_english != (side == 0)))
            continue;
        languages[count] = one->other;
        scores[count++] = one->results[metric].score;
    }
    return thor_averages_of(languages, scores, count);
}

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

static void print_directions(const score_run *run, const score_table_rows *all)
{
    printf("%-16s %8s %-8s", "direction", "lines", "group");
    for (size_t m = 0; m < run->metric_count; m++)
        printf(" %8s", all->directions[0].results[m].title);
    putchar('\n');
    for (size_t i = 0; i < all->count; i++) {
        const score_direction_row *one = &all->directions[i];
        printf("%-16s %8zu %-8s", one->name, one->lines,
               thor_group_name(one->counts ? thor_group_of(one->other) : THOR_GROUP_NONE));
        for (size_t m = 0; m < run->metric_count; m++)
            printf(" %8.*f", run->width, one->results[m].score);
        putchar('\n');
    }
}

/* Each signature once: directions differ in their tokenisers and numbers of references. */
static void print_signatures(const score_run *run, const score_table_rows *all)
{
    for (size_t m = 0; m < run->metric_count; m++)
        for (size_t i = 0; i < all->count; i++) {
            const score_result *result = &all->directions[i].results[m];
            bool known = false;
            for (size_t k = 0; k < i && !known; k++)
                known = strcmp(all->directions[k].results[m].signature, result->signature) == 0;
            if (!known)
                printf("%s|%s\n", result->title, result->signature);
        }
}

static void print_text(const score_run *run, const score_table_rows *all, const char **languages, double *scores)
{
    print_directions(run, all);
    printf("\n%-8s %-8s %4s %8s %8s %8s %8s %8s\n", "mean", "metric", "of", "high", "medium", "low", "all", "8:4:4");
    for (int side = 0; side < SIDES; side++)
        for (size_t m = 0; m < run->metric_count; m++) {
            thor_averages averages = averages_of(all, m, side, languages, scores);
            if (averages.directions > 0)
                print_averages(run, &averages, side_names[side], all->directions[0].results[m].title);
        }
    putchar('\n');
    print_signatures(run, all);
}

static json_t *direction_json(const score_run *run, const score_direction_row *one)
{
    json_t *object = json_object(), *signatures = json_object();
    json_object_set_new(object, "direction", json_string(one->name));
    json_object_set_new(object, "lines", json_integer((json_int_t)one->lines));
    json_object_set_new(object, "group",
                        json_string(thor_group_name(one->counts ? thor_group_of(one->other) : THOR_GROUP_NONE)));
    for (size_t m = 0; m < run->metric_count; m++) {
        json_object_set_new(object, one->results[m].title, json_real(score_rounded(run, one->results[m].score)));
        json_object_set_new(signatures, one->results[m].title, json_string(one->results[m].signature));
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

static thor_status print_json(const score_run *run, const score_table_rows *all, const char **languages, double *scores,
                              thor_error *error)
{
    json_t *whole = json_object(), *directions = json_array(), *means = json_array();
    for (size_t i = 0; i < all->count; i++)
        json_array_append_new(directions, direction_json(run, &all->directions[i]));
    for (int side = 0; side < SIDES; side++)
        for (size_t m = 0; m < run->metric_count; m++) {
            thor_averages averages = averages_of(all, m, side, languages, scores);
            if (averages.directions > 0)
                json_array_append_new(means, averages_json(run, &averages, side_names[side],
                                                           all->directions[0].results[m].title));
        }
    json_object_set_new(whole, "directions", directions);
    json_object_set_new(whole, "means", means);
    int failed = !whole || json_dumpf(whole, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(whole);
    return failed ? thor_fail(error, THOR_E_IO, "standard output: the result could not be written") : THOR_OK;
}

thor_status score_table_print(const score_run *run, const score_table_rows *all, thor_error *error)
{
    const char **languages = calloc(all->count, sizeof *languages);
    double *scores = calloc(all->count, sizeof *scores);
    thor_status status = THOR_OK;
    if (!languages || !scores)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %zu directions", all->count);
    else if (run->format == SCORE_JSON)
        status = print_json(run, all, languages, scores, error);
    else
        print_text(run, all, languages, scores);
    free(languages);
    free(scores);
    return status;
}
