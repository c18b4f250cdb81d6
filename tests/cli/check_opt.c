#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/opt.h"

typedef struct settings {
    bool quiet;
    const char *output;
    int64_t threads;
    double rate;
    thor_opt_list set;
} settings;

static settings got;
static thor_opt_list operands;
static thor_error error;
static bool help;

static const thor_opt options[] = {
    { "quiet", 'q', THOR_OPT_FLAG, &got.quiet, NULL, "say less", 0, 0 },
    { "output", 'o', THOR_OPT_TEXT, &got.output, "FILE", "where to", 0, 0 },
    { "threads", 'j', THOR_OPT_INTEGER, &got.threads, "N", "how many", 1, 4096 },
    { "learning-rate", 0, THOR_OPT_NUMBER, &got.rate, "X", "how fast", 0, 1 },
    { "set", 's', THOR_OPT_LIST, &got.set, "KEY=VALUE", "change a key", 0, 0 },
    { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 },
};

enum { MOST = 40 };

/* Parses "a b c" as `thor test a b c`. */
static thor_status parse(const char *line)
{
    static char words[400];
    static char *argv[MOST];
    int argc = 0;
    thor_opt_list_free(&operands);
    thor_opt_list_free(&got.set);
    got = (settings){ .threads = 0 };
    error = (thor_error){ .text = "" };
    snprintf(words, sizeof words, "test %s", line);
    for (char *word = strtok(words, " "); word && argc < MOST; word = strtok(NULL, " "))
        argv[argc++] = word;
    return thor_opt_parse(options, argc, argv, &operands, &help, &error);
}

START_TEST(values_in_every_form)
{
    ck_assert_int_eq(parse("--output=a --threads 3 -q --learning-rate=3e-4 in"), THOR_OK);
    ck_assert_str_eq(got.output, "a");
    ck_assert_int_eq(got.threads, 3);
    ck_assert(got.quiet && !help);
    ck_assert(got.rate == 3e-4);
    ck_assert_uint_eq(operands.count, 1);
    ck_assert_str_eq(operands.items[0], "in");
    ck_assert_int_eq(parse("-ob -qj2 - -- --quiet"), THOR_OK);
    ck_assert_str_eq(got.output, "b");
    ck_assert_int_eq(got.threads, 2);
    ck_assert_uint_eq(operands.count, 2);
    ck_assert_str_eq(operands.items[0], "-");
    ck_assert_str_eq(operands.items[1], "--quiet");
    ck_assert_int_eq(parse("--output -x --learning_rate=0.5 --output="), THOR_OK);
    ck_assert_str_eq(got.output, "");
    ck_assert(got.rate == 0.5);
}
END_TEST

START_TEST(the_last_one_wins)
{
    ck_assert_int_eq(parse("-q --no-quiet -j1 -j 2"), THOR_OK);
    ck_assert(!got.quiet);
    ck_assert_int_eq(got.threads, 2);
    ck_assert_int_eq(parse("--set a=1 --set=b=2 -s c=3 -s d -s e"), THOR_OK);
    ck_assert_uint_eq(got.set.count, 5);
    ck_assert_str_eq(got.set.items[1], "b=2");
    ck_assert_str_eq(got.set.items[4], "e");
}
END_TEST

START_TEST(units_are_powers_of_a_thousand)
{
    ck_assert_int_eq(parse("-j 5K"), THOR_E_USAGE);
    ck_assert_int_eq(parse("-j 1K"), THOR_OK);
    ck_assert_int_eq(got.threads, 1000);
}
END_TEST

START_TEST(help_wins)
{
    ck_assert_int_eq(parse("--wrong --help"), THOR_OK);
    ck_assert(help);
    ck_assert_int_eq(parse("-h"), THOR_OK);
    ck_assert(help);
    ck_assert_int_eq(parse("-- --help"), THOR_OK);
    ck_assert(!help);
}
END_TEST

START_TEST(wrong_ones_are_named)
{
    static const struct { const char *line, *says; } wrong[] = {
        { "--treads=3", "unknown option --treads; did you mean --threads?" },
        { "--zzzzzz", "unknown option --zzzzzz; --help lists the options" },
        { "-qx", "unknown option -x in -qx" },
        { "--no-threads", "unknown option --no-threads" },
        { "--output", "--output: a value (FILE) has to follow" },
        { "-j", "-j: a value (N) has to follow" },
        { "--quiet=yes", "--quiet=yes: this option takes no value" },
        { "--threads=", "--threads=: expected a whole number" },
        { "--threads=3.5", "--threads=3.5: expected a whole number" },
        { "--threads=3KK", "--threads=3KK: expected a whole number" },
        { "--threads=+3", "--threads=+3: expected a whole number" },
        { "--threads=0", "--threads=0: expected a whole number from 1 to 4096" },
        { "-j -2", "-j=-2: expected a whole number from 1 to 4096" },
        { "--threads=99999999999999999999", "does not fit into 64 bits" },
        { "--threads=9999999999999G", "does not fit into 64 bits" },
        { "--learning-rate=fast", "--learning-rate=fast: expected a number" },
        { "--learning-rate=nan", "expected a number" },
        { "--learning-rate=inf", "expected a number" },
        { "--learning-rate=1e999", "expected a number" },
        { "--learning-rate=1.5", "expected a number from 0 to 1" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(parse(wrong[i].line) == THOR_E_USAGE, "%s was taken", wrong[i].line);
        ck_assert_msg(strstr(error.text, wrong[i].says) != NULL, "%s: \"%s\" lacks \"%s\"", wrong[i].line, error.text,
                      wrong[i].says);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("opt");
    TCase *tests = tcase_create("opt");
    tcase_add_test(tests, values_in_every_form);
    tcase_add_test(tests, the_last_one_wins);
    tcase_add_test(tests, units_are_powers_of_a_thousand);
    tcase_add_test(tests, help_wins);
    tcase_add_test(tests, wrong_ones_are_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
