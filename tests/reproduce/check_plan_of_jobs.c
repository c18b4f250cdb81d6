/* Which jobs a table needs, what they are called, and what the table of tables promises. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "file/config_json.h"
#include "reproduce/job_plan.h"
#include "reproduce/paper.h"

static const uint64_t seeds[] = { 1, 2, 3 };

static thor_plan_request request_of(const char *const *tables, size_t count)
{
    return (thor_plan_request){ .tables = tables, .table_count = count, .seeds = seeds, .seed_count = 3, .experts = 8 };
}

/* Tables that share a system share its jobs. */
START_TEST(shared_jobs)
{
    const char *const tables[] = { "6", "5" };
    thor_plan_request request = request_of(tables, 2);
    thor_job_plan plan;
    ck_assert_int_eq(thor_job_plan_make(&plan, &request, NULL), THOR_OK);
    ck_assert_uint_eq(plan.table_count, 2);
    ck_assert_str_eq(plan.tables[0]->name, "5");
    ck_assert_uint_eq(plan.system_count, 6);
    ck_assert_uint_eq(thor_job_count(&plan), 18);
    for (size_t a = 0; a < plan.system_count; a++)
        for (size_t b = 0; b < a; b++)
            ck_assert_str_ne(plan.systems[a].name, plan.systems[b].name);
    ck_assert_uint_eq(thor_job_seed(&plan, 5), 1);
    ck_assert_uint_eq(thor_job_seed(&plan, 6), 2);
    ck_assert_uint_eq(thor_job_of(&plan, 3, 2), 15);
    char *path = thor_job_path(&plan, 6, "out", "scores.json");
    ck_assert_str_eq(path, "out/thor-topp/seed-2/scores.json");
    free(path);
    thor_job_plan_free(&plan);
}
END_TEST

START_TEST(changes)
{
    const char *const tables[] = { "readings" };
    thor_plan_request request = request_of(tables, 1);
    thor_job_plan plan;
    ck_assert_int_eq(thor_job_plan_make(&plan, &request, NULL), THOR_OK);
    ptrdiff_t half = thor_plan_find(&plan, "thor-top2", "task.candidates=E/2");
    ck_assert_int_ge(half, 0);
    ck_assert_str_eq(plan.systems[half].name, "thor-top2+task.candidates=4");
    ck_assert_str_eq(plan.systems[half].change, "task.candidates=4");
    for (size_t i = 0; i < plan.system_count; i++) {           /* every change is one that the program knows */
        thor_config config;
        thor_error error;
        ck_assert_int_eq(thor_config_recipe(&config, plan.systems[i].recipe, &error), THOR_OK);
        if (plan.systems[i].change[0])
            ck_assert_msg(thor_config_set(&config, plan.systems[i].change, &error) == THOR_OK, "%s", error.text);
        ck_assert_msg(thor_config_check(&config, &error) == THOR_OK, "%s: %s", plan.systems[i].name, error.text);
        thor_config_free(&config);
    }
    thor_job_plan_free(&plan);
}
END_TEST

START_TEST(everything)
{
    for (int setup = 0; setup < THOR_SETUPS; setup++) {
        thor_plan_request request = request_of(NULL, 0);
        thor_job_plan plan;
        request.setup = (thor_setup)setup;
        ck_assert_int_eq(thor_job_plan_make(&plan, &request, NULL), THOR_OK);
        for (size_t t = 0; t < plan.table_count; t++)
            for (const thor_row_plan *row = plan.tables[t]->rows; row->recipe; row++)
                ck_assert_int_ge(thor_plan_find(&plan, row->recipe, row->change), 0);
        thor_job_plan_free(&plan);
    }
    for (const char *const *recipe = thor_config_recipes(); *recipe; recipe++) {      /* no recipe is forgotten */
        thor_plan_request request = request_of(NULL, 0);
        thor_job_plan plan;
        request.recipes = recipe;
        request.recipe_count = 1;
        ck_assert_msg(thor_job_plan_make(&plan, &request, NULL) == THOR_OK, "%s", *recipe);
        thor_job_plan_free(&plan);
    }
}
END_TEST

START_TEST(wrong_requests)
{
    const char *const tables[] = { "3" }, *const recipes[] = { "no-such" };
    const uint64_t twice[] = { 4, 4 };
    thor_plan_request unknown = request_of(tables, 1), recipe = request_of(NULL, 0), seed = recipe, none = recipe;
    thor_plan_request *all[] = { &unknown, &recipe, &seed, &none };
    static const char *const said[] = { "there are 2, 4", "no-such", "4 appears twice", "no seed" };
    recipe.recipes = recipes;
    recipe.recipe_count = 1;
    seed.seeds = twice;
    seed.seed_count = 2;
    none.seed_count = 0;
    for (size_t i = 0; i < 4; i++) {
        thor_job_plan plan;
        thor_error error;
        ck_assert_int_eq(thor_job_plan_make(&plan, all[i], &error), THOR_E_USAGE);
        ck_assert_msg(strstr(error.text, said[i]) != NULL, "%s", error.text);
        thor_job_plan_free(&plan);
    }
}
END_TEST

/* The figures belong to tables and rows that exist, and the paper's contradictions are there to be shown. */
START_TEST(paper_figures)
{
    for (size_t i = 0; i < thor_figure_count; i++) {
        const thor_paper_table *table = thor_paper_table_find(thor_figures[i].table);
        bool found = strcmp(thor_figures[i].table, "8") == 0;
        ck_assert_ptr_nonnull(table);
        for (const thor_row_plan *row = table->rows; row->recipe; row++)
            found = found || (row->paper && strcmp(row->paper, thor_figures[i].row) == 0);
        ck_assert_msg(found, "%s %s", thor_figures[i].table, thor_figures[i].row);
    }
    double without = thor_paper_value(THOR_SETUP_MULTILINGUAL, "5", "none", "Avg");
    ck_assert_double_eq(without, thor_paper_value(THOR_SETUP_MULTILINGUAL, "4", "no context", "Avg"));
    ck_assert_double_ne(without, thor_paper_value(THOR_SETUP_MULTILINGUAL, "4", "no task", "Avg"));
    ck_assert_double_eq(thor_paper_value(THOR_SETUP_MULTILINGUAL, "A", "predictor", "all"), 64.89);
    ck_assert_double_nan(thor_paper_value(THOR_SETUP_MULTILINGUAL, "A", "predictor", "none"));
    ck_assert_double_nan(thor_paper_value(THOR_SETUP_MULTILINGUAL, "A", NULL, "all"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan of jobs");
    TCase *tests = tcase_create("plan of jobs");
    tcase_add_test(tests, shared_jobs);
    tcase_add_test(tests, changes);
    tcase_add_test(tests, everything);
    tcase_add_test(tests, wrong_requests);
    tcase_add_test(tests, paper_figures);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
