#include "reproduce/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/averages.h"

enum { SIDE_ANY = -1, GROUP_ANY = -1 };

thor_english_side thor_side_of(const char *direction, char other[64])
{
    bool from_english;
    const char *found;
    size_t length;
    other[0] = '\0';
    if (!thor_direction_parse(direction, &from_english, &found, &length) || length >= 64)
        return THOR_BETWEEN_OTHERS;
    snprintf(other, 64, "%.*s", (int)length, found);
    return from_english ? THOR_FROM_ENGLISH : THOR_INTO_ENGLISH;
}

/* Adds `weight`, spread evenly, on the test sets of a side and a group; how many those are. */
static size_t spread(const thor_job_scores *model, int side, int group, double weight, double *weights)
{
    size_t count = 0;
    for (int round = 0; round < 2; round++)
        for (size_t t = 0; t < model->count; t++) {
            char other[64];
            int its_side = (int)thor_side_of(model->tests[t].direction, other);
            if ((side != SIDE_ANY && side != its_side) || (group != GROUP_ANY && group != (int)thor_group_of(other)))
                continue;
            if (round == 0)
                count++;
            else
                weights[t] += weight / (double)count;
        }
    return count;
}

/* The next column, empty. */
static thor_score_column *open_column(thor_score_columns *columns, const thor_job_scores *model, const char *name,
                                const char *paper)
{
    thor_score_column *added = &columns->items[columns->count];
    added->weights = columns->memory + columns->count * model->count;
    added->paper = paper;
    snprintf(added->name, sizeof added->name, "%s", name);
    return added;
}

/* Keeps the column where it has a test set. */
static void add_mean(thor_score_columns *columns, const thor_job_scores *model, const char *name, const char *paper,
                     int side, int group)
{
    thor_score_column *added = open_column(columns, model, name, paper);
    columns->count += spread(model, side, group, 1, added->weights) > 0;
}

/* (8 high + 4 medium + 4 low) / 16 of one side, or the mean of both sides' where all groups are there. */
static bool add_weighted(thor_score_columns *columns, const thor_job_scores *model, const char *paper, int side)
{
    static const double shares[THOR_GROUPS] = { 0.5, 0.25, 0.25 };
    thor_score_column *added = open_column(columns, model, "8:4:4", paper);
    int first = side == SIDE_ANY ? THOR_INTO_ENGLISH : side, last = side == SIDE_ANY ? THOR_FROM_ENGLISH : side;
    bool whole = true;
    for (int s = first; s <= last; s++)
        for (int g = 0; g < THOR_GROUPS; g++)
            whole = spread(model, s, g, shares[g] / (last - first + 1), added->weights) > 0 && whole;
    if (whole)
        columns->count++;
    else
        memset(added->weights, 0, model->count * sizeof *added->weights);
    return whole;
}

static void add_side(thor_score_columns *columns, const thor_job_scores *model, int side)
{
    static const char *const papers[2][4] = { { "XXEn high", "XXEn medium", "XXEn low", "Avg2" },
                                              { "EnXX high", "EnXX medium", "EnXX low", "Avg1" } };
    const char *const *paper = papers[side == THOR_FROM_ENGLISH];
    for (int g = 0; g < THOR_GROUPS; g++)
        add_mean(columns, model, thor_group_name((thor_group)g), paper[g], side, g);
    add_mean(columns, model, "mean", NULL, side, GROUP_ANY);
    add_weighted(columns, model, paper[3], side);
}

static void add_all(thor_score_columns *columns, const thor_job_scores *model)
{
    add_mean(columns, model, "from English", NULL, THOR_FROM_ENGLISH, GROUP_ANY);
    add_mean(columns, model, "into English", NULL, THOR_INTO_ENGLISH, GROUP_ANY);
    add_mean(columns, model, "mean", "Avg", SIDE_ANY, GROUP_ANY);
    if (add_weighted(columns, model, "Avg", SIDE_ANY))      /* which is the paper's mean then */
        columns->items[columns->count - 2].paper = NULL;
}

static void add_domain(thor_score_columns *columns, const thor_job_scores *model, const char *domain)
{
    size_t count = 0;
    thor_score_column *added = open_column(columns, model, domain, NULL);
    added->paper = added->name;
    for (size_t t = 0; t < model->count; t++)
        count += strcmp(model->tests[t].domain, domain) == 0;
    for (size_t t = 0; t < model->count; t++)
        if (strcmp(model->tests[t].domain, domain) == 0)
            added->weights[t] = 1 / (double)count;
    columns->count++;
}

static void add_domains(thor_score_columns *columns, const thor_job_scores *model)
{
    for (size_t t = 0; t < model->count; t++) {
        bool known = model->tests[t].domain[0] == '\0';
        for (size_t k = 0; k < t; k++)
            known = known || strcmp(model->tests[k].domain, model->tests[t].domain) == 0;
        if (!known)
            add_domain(columns, model, model->tests[t].domain);
    }
    if (columns->count > 0)
        add_mean(columns, model, "mean", "Avg", SIDE_ANY, GROUP_ANY);
}

static void add_each(thor_score_columns *columns, const thor_job_scores *model)
{
    for (size_t t = 0; t < model->count; t++) {
        char name[130];
        const thor_test_scores *test = &model->tests[t];
        snprintf(name, sizeof name, "%s%s%s", test->direction, test->domain[0] ? " " : "", test->domain);
        open_column(columns, model, name, NULL)->weights[t] = 1;
        columns->count++;
    }
}

thor_status thor_columns_make(thor_score_columns *columns, thor_column_set set, const thor_job_scores *model,
                              thor_error *error)
{
    size_t most = model->count + 8;
    *columns = (thor_score_columns){ .items = calloc(most, sizeof *columns->items),
                               .memory = calloc(most, (model->count + 1) * sizeof *columns->memory) };
    if (!columns->items || !columns->memory)
        return thor_fail(error, THOR_E_MEMORY, "no memory for columns over %zu test sets", model->count);
    switch (set) {
    case THOR_COLUMNS_ALL:
        add_all(columns, model);
        break;
    case THOR_COLUMNS_FROM:
        add_side(columns, model, THOR_FROM_ENGLISH);
        break;
    case THOR_COLUMNS_INTO:
        add_side(columns, model, THOR_INTO_ENGLISH);
        break;
    case THOR_COLUMNS_DOMAINS:
        add_domains(columns, model);
        break;
    case THOR_COLUMNS_EACH:
        add_each(columns, model);
        break;
    }
    return THOR_OK;
}

void thor_columns_free(thor_score_columns *columns)
{
    free(columns->items);
    free(columns->memory);
    *columns = (thor_score_columns){ .count = 0 };
}

double *thor_mean_weights(const thor_job_scores *model)
{
    double *weights = calloc(model->count + 1, sizeof *weights);
    for (size_t t = 0; weights && t < model->count; t++)
        weights[t] = 1 / (double)model->count;
    return weights;
}
