/* Configurations: every recipe, every key, and what is refused with which words. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "file/config_json.h"
#include "model/keys.h"

static const char *const scales[] = { "tiny", "small", "base", "paper" };

START_TEST(recipes_read_back)
{
    for (const char *const *name = thor_config_recipes(); *name; name++)
        for (int s = 0; s < 4; s++) {
            thor_config config, again;
            thor_error error;
            char *text, *more;
            ck_assert_int_eq(thor_config_load(&config, *name, &error), THOR_OK);
            ck_assert_int_eq(thor_config_scale(&config, scales[s], &error), THOR_OK);
            ck_assert_msg(thor_config_check(&config, &error) == THOR_OK, "%s %s: %s", *name, scales[s], error.text);
            ck_assert_int_eq(thor_config_text(&text, &config, "0.0", &error), THOR_OK);
            ck_assert_msg(thor_config_parse(&again, text, strlen(text), "text", &error) == THOR_OK, "%s", error.text);
            ck_assert_int_eq(thor_config_text(&more, &again, "0.0", &error), THOR_OK);
            ck_assert_str_eq(text, more);
            free(text);
            free(more);
            thor_config_free(&config);
            thor_config_free(&again);
        }
}
END_TEST

/* What the recipes hold (thor-config(5)). */
START_TEST(recipes_are_what_they_say)
{
    thor_config c;
    ck_assert_int_eq(thor_config_recipe(&c, "st-moe", NULL), THOR_OK);
    ck_assert(c.router.k == 1 && c.moe.capacity_factor == 1 && c.balance.count == THOR_COUNT_FIRST);
    ck_assert(c.loss.token_balance == 0.05 && c.loss.task == 0 && c.loss.dynamic == 0);
    ck_assert_int_eq(thor_config_recipe(&c, "thor-top1", NULL), THOR_OK);
    ck_assert(c.router.k == 1 && c.router.policy == THOR_TOP_K && c.moe.capacity_factor == 0 && c.loss.task == 0.01);
    ck_assert(thor_config_candidates(&c) == 8 && thor_config_is_mixture(&c, 1) && !thor_config_is_mixture(&c, 0));
    ck_assert_int_eq(thor_config_recipe(&c, "thor-topp-no-task", NULL), THOR_OK);
    ck_assert(!thor_config_has_predictor(&c) && thor_config_candidates(&c) == 32 && c.loss.dynamic == 1e-4);
    ck_assert_int_eq(thor_config_recipe(&c, "thor-topp-infuse", NULL), THOR_OK);
    ck_assert(thor_config_has_predictor(&c) && !thor_config_has_task_router(&c));
    ck_assert_int_eq(thor_config_recipe(&c, "lingual-moe", NULL), THOR_OK);
    ck_assert(c.task.candidates == 0 && c.lingual.families.count == 9 && c.lingual.family_loss);
    ck_assert_int_eq(thor_config_candidates(&c), 8);
    thor_config_free(&c);
    ck_assert_int_eq(thor_config_recipe(&c, "nonsense", NULL), THOR_E_USAGE);
}
END_TEST

/* Recipe, set-up, scale, keys: each may change what stands before it. */
START_TEST(setups_come_between_recipe_and_scale)
{
    static const char *const one[] = { "loss.task=0.5" };
    for (const char *const *name = thor_config_recipes(); *name; name++) {
        thor_config c, d;
        thor_error error;
        ck_assert_int_eq(thor_config_recipe(&c, *name, &error), THOR_OK);
        ck_assert_int_eq(thor_config_recipe(&d, *name, &error), THOR_OK);
        ck_assert_int_eq(thor_config_adjust(&d, THOR_SETUP_MULTILINGUAL, NULL, NULL, 0, &error), THOR_OK);
        ck_assert(d.task.label == c.task.label && d.batch.temperature == 1.5 && d.loss.task == c.loss.task);
        ck_assert_int_eq(thor_config_adjust(&d, THOR_SETUP_MULTIDOMAIN, "tiny", NULL, 0, &error), THOR_OK);
        ck_assert(d.task.label == THOR_LABEL_DOMAIN && d.batch.temperature == 1 && d.model.width == 32);
        bool thor = strncmp(*name, "thor-", 5) == 0;
        ck_assert_double_eq(d.loss.task, thor ? 0.01 : 0);
        ck_assert_double_eq(d.loss.task_balance, thor ? 0.01 : 0);
        ck_assert_double_eq(d.loss.token_balance, thor ? 0.01 : c.loss.token_balance);
        ck_assert_double_eq(d.loss.dynamic, c.loss.dynamic);
        ck_assert_int_eq(thor_config_adjust(&d, THOR_SETUP_MULTIDOMAIN, NULL, one, 1, &error), THOR_OK);
        ck_assert_double_eq(d.loss.task, 0.5);
        thor_config_free(&c);
        thor_config_free(&d);
    }
}
END_TEST

START_TEST(setups_have_names)
{
    thor_setup setup = THOR_SETUP_MULTIDOMAIN;
    thor_error error;
    char *languages[] = { "de", "en" };
    ck_assert_int_eq(thor_setup_find(&setup, NULL, &error), THOR_OK);
    ck_assert_int_eq(setup, THOR_SETUP_MULTILINGUAL);
    for (int i = 0; i < THOR_SETUPS; i++) {
        ck_assert_int_eq(thor_setup_find(&setup, thor_setup_name((thor_setup)i), &error), THOR_OK);
        ck_assert_int_eq(setup, i);
    }
    ck_assert_int_eq(thor_setup_find(&setup, "multi", &error), THOR_E_USAGE);
    ck_assert_str_eq(error.text, "--setup=multi: expected multilingual or multidomain");
    ck_assert(thor_setup_into_english(THOR_SETUP_MULTIDOMAIN, languages, 2));
    ck_assert(!thor_setup_into_english(THOR_SETUP_MULTIDOMAIN, languages, 1));
    ck_assert(!thor_setup_into_english(THOR_SETUP_MULTILINGUAL, languages, 2));
}
END_TEST

/* max(floor(E/4), min(4, E)), and written out for a file; what is set stays. */
START_TEST(candidates_are_settled)
{
    static const int32_t experts[] = { 1, 2, 3, 4, 5, 8, 15, 16, 19, 20, 32 },
                         candidates[] = { 1, 2, 3, 4, 4, 4, 4, 4, 4, 5, 8 };
    thor_config c, plain;
    ck_assert_int_eq(thor_config_recipe(&c, "thor-topp", NULL), THOR_OK);
    for (size_t i = 0; i < sizeof experts / sizeof *experts; i++) {
        c.moe.experts = experts[i];
        c.task.candidates = 0;
        thor_config_settle(&c);
        ck_assert_int_eq(c.task.candidates, candidates[i]);
        ck_assert_int_eq(thor_config_check(&c, NULL), THOR_OK);
    }
    c.task.candidates = 3;
    thor_config_settle(&c);
    ck_assert_int_eq(c.task.candidates, 3);
    ck_assert_int_eq(thor_config_recipe(&plain, "gs-moe", NULL), THOR_OK);
    thor_config_settle(&plain);
    ck_assert_int_eq(plain.task.candidates, 0);
    thor_config_free(&c);
    thor_config_free(&plain);
}
END_TEST

typedef struct {
    const char *settings;       /* separated by blanks */
    const char *words;          /* of the sentence; NULL: fine */
} combination;

static const combination combinations[] = {
    { "model.width=48 model.heads=8", NULL },
    { "model.width=50 model.heads=8", "model.heads is 8" },
    { "model.width=51", "even" },
    { "moe.every=0", "moe.every is 0" },
    { "moe.every=7", "moe.every is 7" },
    { "moe.every=7 moe.system=dense", NULL },
    { "moe.capacity_factor=1", "top_p has no capacity" },
    { "moe.capacity_factor=1 router.policy=top_k", NULL },
    { "router.renormalize=true", "router.renormalize is true" },
    { "moe.experts=3", NULL },
    { "moe.experts=3 router.policy=top_k router.k=3", NULL },
    { "moe.experts=8 router.policy=top_k router.k=5", "router.k is 5" },
    { "schedule.updates=4294967295", NULL },
    { "task.candidates=33", "more than moe.experts" },
    { "router.policy=top_k router.k=9", "router.k is 9" },
    { "router.policy=top_k router.k=9 task.representation=none task.use=none", NULL },
    { "task.representation=none", "set task.use to none" },
    { "task.label=domain languages=de,en", "no domains" },
    { "task.count=1 languages=de,en", "there are 2 labels" },
    { "languages=de,en,de", "twice" },
    { "languages=d/e", "'d/e'" },
    { "moe.system=fixed languages=a,b moe.experts=3 router.k=1", "two experts" },
    { "vocab.ids=5 languages=de,en", "vocab.ids is 5" },
    { "batch.max_tokens=102", "batch.max_tokens is 102" },
    { "search.max_length_b=0", "no translation" },
};

START_TEST(combinations_are_checked)
{
    const combination *what = &combinations[_i];
    char text[256], *rest = text;
    thor_config config;
    thor_error error = { .text = "" };
    snprintf(text, sizeof text, "%s", what->settings);
    ck_assert_int_eq(thor_config_recipe(&config, "thor-topp", &error), THOR_OK);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
        ck_assert_msg(thor_config_set(&config, word, &error) == THOR_OK, "%s", error.text);
    thor_status status = thor_config_check(&config, &error);
    if (what->words)
        ck_assert_msg(status == THOR_E_USAGE && strstr(error.text, what->words), "%s: '%s' is not in: %s",
                      what->settings, what->words, error.text);
    else
        ck_assert_msg(status == THOR_OK, "%s: %s", what->settings, error.text);
    thor_config_free(&config);
}
END_TEST

static void refused(thor_config *config, const char *assignment, const char *words)
{
    thor_error error = { .text = "" };
    ck_assert_int_eq(thor_config_set(config, assignment, &error), THOR_E_USAGE);
    ck_assert_msg(strstr(error.text, words) && !strchr(error.text, '\n'), "%s: %s", assignment, error.text);
}

/* Both ends of every key's range, and what is just beyond. */
START_TEST(ranges_end_where_they_say)
{
    size_t count;
    const thor_key *keys = thor_config_keys(&count);
    thor_config config;
    ck_assert_int_eq(thor_config_recipe(&config, "thor-topp", NULL), THOR_OK);
    for (size_t i = 0; i < count; i++) {
        char text[128];
        bool number = keys[i].type == THOR_KEY_NUMBER;
        bool whole = keys[i].type == THOR_KEY_INT32 || keys[i].type == THOR_KEY_INT64;
        if (!number && !whole)
            continue;
        snprintf(text, sizeof text, "%s=%.0f", keys[i].name, keys[i].low - 1);
        refused(&config, text, keys[i].name);
        snprintf(text, sizeof text, "%s=%.0f", keys[i].name, keys[i].high + 1);
        refused(&config, text, keys[i].name);
        snprintf(text, sizeof text, "%s=%.17g", keys[i].name, keys[i].low);
        ck_assert_msg((thor_config_set(&config, text, NULL) == THOR_OK) != keys[i].low_open, "%s", text);
        snprintf(text, sizeof text, whole ? "%s=%.0f" : "%s=%.17g", keys[i].name, keys[i].high);
        ck_assert_msg((thor_config_set(&config, text, NULL) == THOR_OK) != keys[i].high_open, "%s", text);
        snprintf(text, sizeof text, "%s=\"7\"", keys[i].name);
        refused(&config, text, keys[i].name);
        snprintf(text, sizeof text, "%s=", keys[i].name);
        refused(&config, text, "empty");
    }
    refused(&config, "model.widht=4", "model.width");
    refused(&config, "model.width", "key=value");
    refused(&config, "router.policy=top_q", "one of top_k, top_p");
    refused(&config, "context.feed_experts=yes", "true or false");
    refused(&config, "seed=-1", "seed is -1");
    refused(&config, "loss.task=1e999", "loss.task");
    thor_config_free(&config);
}
END_TEST

static void refused_text(const char *text, thor_status code, const char *words)
{
    thor_config config;
    thor_error error = { .text = "" };
    ck_assert_int_eq(thor_config_parse(&config, text, strlen(text), "file.json", &error), code);
    ck_assert_msg(strstr(error.text, "file.json") == error.text && strstr(error.text, words), "%s: %s", text,
                  error.text);
}

START_TEST(hostile_files)
{
    char deep[5000];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    refused_text("", THOR_E_FORMAT, "not JSON");
    refused_text("[]", THOR_E_FORMAT, "object");
    refused_text(deep, THOR_E_FORMAT, "not JSON");
    refused_text("{\"seed\": 1, \"seed\": 2}", THOR_E_FORMAT, "duplicate");
    refused_text("{\"model\": 3}", THOR_E_USAGE, "section");
    refused_text("{\"modle\": {}}", THOR_E_USAGE, "modle");
    refused_text("{\"model\": {\"widht\": 3}}", THOR_E_USAGE, "nearest is model.width");
    refused_text("{\"model\": {\"width\": \"512\"}}", THOR_E_USAGE, "model.width is \"512\"");
    refused_text("{\"model\": {\"width\": 1e3}}", THOR_E_USAGE, "whole number");
    refused_text("{\"model\": {\"width\": null}}", THOR_E_USAGE, "null");
    refused_text("{\"model\": {\"norm\": 3}}", THOR_E_USAGE, "one of pre, post");
    refused_text("{\"languages\": [\"de\", 3]}", THOR_E_USAGE, "list of names");
    refused_text("{\"languages\": \"de\"}", THOR_E_USAGE, "list of names");
    refused_text("{\"seed\": \"\xff\"}", THOR_E_FORMAT, "decode");
}
END_TEST

/* Every beginning of a good file is refused, with a sentence. */
START_TEST(truncated_files)
{
    thor_config config;
    thor_error error;
    char *text;
    ck_assert_int_eq(thor_config_recipe(&config, "lingual-moe", &error), THOR_OK);
    ck_assert_int_eq(thor_config_text(&text, &config, NULL, &error), THOR_OK);
    thor_config_free(&config);
    for (size_t count = 0; count + 2 < strlen(text); count++) {
        ck_assert_int_eq(thor_config_parse(&config, text, count, "file.json", &error), THOR_E_FORMAT);
        ck_assert_ptr_null(config.languages.items);
    }
    free(text);
}
END_TEST

/* thor-config(5) has every key with the default and the values that the program knows. */
START_TEST(the_manual_agrees)
{
    char path[1024], expected[256], *page;
    size_t length, count;
    const char *source = getenv("srcdir");
    const thor_key *keys = thor_config_keys(&count);
    thor_config config;
    snprintf(path, sizeof path, "%s/man/thor-config.5", source ? source : ".");
    ck_assert_int_eq(thor_read_file(path, 1 << 20, &page, &length, NULL), THOR_OK);
    ck_assert_int_eq(thor_config_recipe(&config, "thor-topp", NULL), THOR_OK);
    for (size_t i = 0; i < count; i++) {
        char entry[160], values[320], standard[128], *value = thor_config_value(&config, keys[i].name);
        snprintf(entry, sizeof entry, ".It Va %s\n", keys[i].name);
        const char *at = strstr(page, entry);
        ck_assert_msg(at != NULL, "%s: not in thor-config.5", keys[i].name);
        const char *end = strstr(at + 1, "\n.It Va ");
        thor_key_expected(&keys[i], expected, sizeof expected);
        snprintf(values, sizeof values, "\nValue: %s;", expected);
        snprintf(standard, sizeof standard, "\ndefault: %s", value);
        const char *found = strstr(at, values), *also = strstr(at, standard);
        ck_assert_msg(found && (!end || found < end), "%s: thor-config.5 has no line '%s'", keys[i].name, values + 1);
        ck_assert_msg(also && (!end || also < end), "%s: thor-config.5 has no line '%s'", keys[i].name, standard + 1);
        free(value);
    }
    thor_config_free(&config);
    free(page);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, recipes_read_back);
    tcase_add_test(tests, recipes_are_what_they_say);
    tcase_add_test(tests, setups_come_between_recipe_and_scale);
    tcase_add_test(tests, setups_have_names);
    tcase_add_test(tests, candidates_are_settled);
    tcase_add_loop_test(tests, combinations_are_checked, 0, (int)(sizeof combinations / sizeof *combinations));
    tcase_add_test(tests, ranges_end_where_they_say);
    tcase_add_test(tests, hostile_files);
    tcase_add_test(tests, truncated_files);
    tcase_add_test(tests, the_manual_agrees);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
