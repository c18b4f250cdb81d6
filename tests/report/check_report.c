/* Drawings and tables: escaped texts, round numbers, nothing that is no number. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart.h"
#include "report/heatmap.h"
#include "report/table.h"

/* What `stream` holds; closes it. */
static char *text_of(FILE *stream)
{
    long count = ftell(stream);
    ck_assert_int_ge(count, 0);
    char *text = calloc((size_t)count + 1, 1);
    ck_assert_ptr_nonnull(text);
    rewind(stream);
    ck_assert_uint_eq(fread(text, 1, (size_t)count, stream), (size_t)count);
    fclose(stream);
    return text;
}

static int count_of(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        count++;
    return count;
}

START_TEST(svg_escapes)
{
    FILE *stream = tmpfile();
    ck_assert_ptr_nonnull(stream);
    thor_svg svg = { stream };
    const thor_svg_text_style style = { 10, THOR_ANCHOR_MIDDLE, "#000000", 1, 1 };
    thor_svg_begin(&svg, 10, 20, "a < b & c");
    thor_svg_text(&svg, 1, 2, &style, "%s\n%d", "<&>", 7);
    thor_svg_text(&svg, NAN, 2, &style, "never");
    thor_svg_rect(&svg, INFINITY, 0, 1, 1, "#000000");
    thor_svg_line(&svg, 0, NAN, 1, 1, "#000000", 1);
    thor_svg_end(&svg);
    char *text = text_of(stream);
    ck_assert_int_eq(count_of(text, "a &lt; b &amp; c"), 1);
    ck_assert_int_eq(count_of(text, "&lt;&amp;&gt;7</text>"), 1);
    ck_assert_int_eq(count_of(text, "never"), 0);
    ck_assert_int_eq(count_of(text, "<rect"), 1);       /* the ground */
    ck_assert_int_eq(count_of(text, "<line"), 0);
    ck_assert_int_eq(count_of(text, "nan") + count_of(text, "inf"), 0);
    free(text);
}
END_TEST

START_TEST(paths_break)
{
    FILE *stream = tmpfile();
    thor_svg svg = { stream };
    const double x[] = { 0, 1, 2, 3, 4 }, y[] = { 0, 1, NAN, 3, 4 };
    thor_svg_path(&svg, x, y, 5, "#000000", 1, 1);
    thor_svg_path(&svg, x + 2, y + 2, 1, "#000000", 1, 0);
    char *text = text_of(stream);
    ck_assert_int_eq(count_of(text, "<path"), 1);
    ck_assert_int_eq(count_of(text, "M"), 2);
    ck_assert_int_eq(count_of(text, "L"), 2);
    ck_assert_int_eq(count_of(text, "<circle"), 4);
    free(text);
}
END_TEST

START_TEST(ticks_are_round)
{
    ck_assert_double_eq_tol(thor_tick_step(10, 5), 2, 1e-12);
    ck_assert_double_eq_tol(thor_tick_step(0.7, 7), 0.1, 1e-12);
    ck_assert_double_eq_tol(thor_tick_step(2300, 6), 500, 1e-9);
    ck_assert_double_eq_tol(thor_tick_step(0, 6), 1, 1e-12);
    ck_assert_double_eq_tol(thor_tick_step(NAN, 6), 1, 1e-12);
}
END_TEST

/* Nothing, one point, constants and holes are drawn as well. */
START_TEST(charts_of_little)
{
    const double x[] = { 5, 6 }, one[] = { 3, NAN }, none[] = { NAN, NAN };
    const thor_curve curves[] = { { "one", x, one, 2, true },
                                  { "none", x, none, 2, false },
                                  { "empty", x, none, 0, false } };
    for (size_t count = 0; count <= 3; count++) {
        FILE *stream = tmpfile();
        thor_svg svg = { stream };
        thor_chart chart = { "title", "x", "y", curves, count, count % 2 == 0 };
        thor_chart_draw(&svg, &chart, 0, 0, 600, 300);
        char *text = text_of(stream);
        ck_assert_int_eq(count_of(text, "nan") + count_of(text, "inf"), 0);
        ck_assert_int_eq(count_of(text, "<circle"), count > 0);
        free(text);
    }
}
END_TEST

START_TEST(heat_maps)
{
    char low[8], high[8], beyond[8];
    thor_heat_color(0, low);
    thor_heat_color(1, high);
    thor_heat_color(7, beyond);
    ck_assert_str_ne(low, high);
    ck_assert_str_eq(high, beyond);
    const char *rows[] = { "de", "en" };
    const double values[] = { 0, 50, 100, NAN, 25, 75 };
    thor_heatmap map = { .title = "t",
                         .row_name = "r",
                         .column_name = "c",
                         .scale_name = "s",
                         .row_names = rows,
                         .values = values,
                         .rows = 2,
                         .columns = 3,
                         .high = 100 };
    FILE *stream = tmpfile();
    thor_svg svg = { stream };
    thor_heatmap_draw(&svg, &map, 0, 0);
    char *text = text_of(stream);
    ck_assert_int_eq(count_of(text, ">75<"), 2);        /* the square and the scale */
    ck_assert_int_eq(count_of(text, "#eeeeee"), 1);     /* nothing there */
    ck_assert_int_eq(count_of(text, "nan"), 0);
    free(text);
}
END_TEST

/* Long names push squares apart and the plot to the right. */
START_TEST(long_names_have_room)
{
    const char *brief[] = { "it", "law" }, *verbose[] = { "subtitles", "conversation" };
    const double values[] = { 0, 1, 2, 3 };
    double width[3], height;
    thor_heatmap map = { .row_names = brief, .column_names = brief, .values = values, .rows = 2, .columns = 2 };
    thor_heatmap_size(&map, &width[0], &height);
    map.row_names = verbose;
    thor_heatmap_size(&map, &width[1], &height);
    map.column_names = verbose;
    thor_heatmap_size(&map, &width[2], &height);
    ck_assert_double_ge(width[1], width[0] + 20);
    ck_assert_double_ge(width[2], width[1] + 2 * (12 * 7 - 44));
}
END_TEST

START_TEST(tables_line_up)
{
    thor_error error;
    FILE *stream = tmpfile();
    thor_table table = thor_table_make(2);
    const char *cells[] = { "name", "n", "µ", "100", "long name", "7" };
    for (int i = 0; i < 6; i++)
        thor_table_add(&table, "%s", cells[i]);
    ck_assert_int_eq(thor_table_print(&table, stream, 1, &error), THOR_OK);
    thor_table_free(&table);
    char *text = text_of(stream);
    ck_assert_str_eq(text, " name         n\n"
                           " --------------\n"
                           " µ          100\n"
                           " long name    7\n");
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *report = tcase_create("report");
    tcase_add_test(report, svg_escapes);
    tcase_add_test(report, paths_break);
    tcase_add_test(report, ticks_are_round);
    tcase_add_test(report, charts_of_little);
    tcase_add_test(report, heat_maps);
    tcase_add_test(report, long_names_have_room);
    tcase_add_test(report, tables_line_up);
    suite_add_tcase(suite, report);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
