/* thor score: options, files, and which of the four things to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/score_cli.h"
#include "text/utf8.h"

typedef struct choices {
    thor_opt_list inputs, operands;
    const char *metrics, *tokenize, *smooth, *pair, *format, *table, *comet, *source;
    double smooth_value;
    int64_t width, char_order, word_order, beta, resamples, paired_resamples, seed;
    bool lowercase, chrf_lowercase, chrf_whitespace, chrf_eps, score_only;
    bool sentences, confidence, paired, force;
} choices;

static choices default_choices(void)
{
    return (choices){ .metrics = "bleu", .smooth = "exp", .format = "text", .smooth_value = -1, .width = 1,
                      .char_order = 6, .word_order = 0, .beta = 2, .resamples = THOR_BOOTSTRAP_RESAMPLES,
                      .paired_resamples = THOR_BOOTSTRAP_RESAMPLES, .seed = THOR_BOOTSTRAP_SEED };
}

static thor_status read_command_line(choices *c, int argc, char **argv, bool *help, thor_error *error)
{
    enum { MAX_ORDER = THOR_CHRF_MAX_ORDER };
    const thor_opt options[] = {
        { "input", 'i', THOR_OPT_LIST, &c->inputs, "FILE", "hypotheses, once for each system [standard input]", 0, 0 },
        { "metrics", 'm', THOR_OPT_TEXT, &c->metrics, "LIST", "bleu, chrf or both, with a comma [bleu]", 0, 0 },
        { "tokenize", 0, THOR_OPT_TEXT, &c->tokenize, "NAME", "13a, zh, none, intl or char [13a or zh]", 0, 0 },
        { "language-pair", 'l', THOR_OPT_TEXT, &c->pair, "PAIR", "such as en-zh: chooses BLEU's tokeniser", 0, 0 },
        { "smooth-method", 's', THOR_OPT_TEXT, &c->smooth, "NAME", "exp, floor, add-k or none [exp]", 0, 0 },
        { "smooth-value", 0, THOR_OPT_NUMBER, &c->smooth_value, "X", "of floor [0.1] and add-k [1]", 0, 1e6 },
        { "lowercase", 0, THOR_OPT_FLAG, &c->lowercase, NULL, "BLEU without regard to case", 0, 0 },
        { "chrf-char-order", 0, THOR_OPT_INTEGER, &c->char_order, "N", "character n-grams [6]", 0, MAX_ORDER },
        { "chrf-word-order", 0, THOR_OPT_INTEGER, &c->word_order, "N", "word n-grams; 2 is chrF++ [0]", 0, MAX_ORDER },
        { "chrf-beta", 0, THOR_OPT_INTEGER, &c->beta, "N", "weight of recall [2]", 0, 1000 },
        { "chrf-whitespace", 0, THOR_OPT_FLAG, &c->chrf_whitespace, NULL, "chrF counts white space too", 0, 0 },
        { "chrf-lowercase", 0, THOR_OPT_FLAG, &c->chrf_lowercase, NULL, "chrF without regard to case", 0, 0 },
        { "chrf-eps-smoothing", 0, THOR_OPT_FLAG, &c->chrf_eps, NULL, "chrF++.py's smoothing of missing orders", 0, 0 },
        { "sentence-level", 0, THOR_OPT_FLAG, &c->sentences, NULL, "one metric, a score for each line", 0, 0 },
        { "confidence", 0, THOR_OPT_FLAG, &c->confidence, NULL, "95 % confidence interval by bootstrap", 0, 0 },
        { "confidence-n", 0, THOR_OPT_INTEGER, &c->resamples, "N", "resamples for it [1000]", 2, 1e7 },
        { "paired-bs", 0, THOR_OPT_FLAG, &c->paired, NULL, "paired bootstrap: all systems against the first", 0, 0 },
        { "paired-bs-n", 0, THOR_OPT_INTEGER, &c->paired_resamples, "N", "resamples for it [1000]", 1, 1e7 },
        { "seed", 0, THOR_OPT_INTEGER, &c->seed, "N", "of the resamples [12345]", 0, 9e18 },
        { "table", 't', THOR_OPT_TEXT, &c->table, "FILE", "many directions: direction, hypotheses, references", 0, 0 },
        { "comet", 0, THOR_OPT_TEXT, &c->comet, "DIR", "also write the files that COMET's command reads", 0, 0 },
        { "source", 0, THOR_OPT_TEXT, &c->source, "FILE", "for --comet: the text that was translated", 0, 0 },
        { "width", 'w', THOR_OPT_INTEGER, &c->width, "N", "digits behind the point [1]", 0, 12 },
        { "format", 'f', THOR_OPT_TEXT, &c->format, "NAME", "text, json or score-only [text]", 0, 0 },
        { "score-only", 'b', THOR_OPT_FLAG, &c->score_only, NULL, "the same as --format=score-only", 0, 0 },
        { "force", 0, THOR_OPT_FLAG, &c->force, NULL, "no warning about text that looks tokenised", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    THOR_TRY(thor_opt_parse(options, argc, argv, &c->operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find("score"), options);
    return THOR_OK;
}

/* The sentence for a value that is none of `names` (separated by commas and "or"). */
static thor_status bad_value(const char *option, const char *value, const char *names, thor_error *error)
{
    return thor_fail(error, THOR_E_USAGE, "--%s=%s: expected %s", option, value, names);
}

static thor_status choose_tokenizer(const choices *c, thor_bleu_options *bleu, thor_error *error)
{
    int chosen = THOR_TOKENIZER_13A;
    if (c->pair && !strchr(c->pair, '-'))
        return bad_value("language-pair", c->pair, "source-target such as en-zh", error);
    if (c->tokenize) {
        chosen = thor_tokenizer_from_name(c->tokenize);
        if (chosen < 0)
            return bad_value("tokenize", c->tokenize, "13a, zh, none, intl or char", error);
    } else if (c->pair) {
        chosen = thor_tokenizer_for_language(c->pair);
        if (chosen < 0)
            return thor_fail(error, THOR_E_USAGE, "--language-pair=%s: BLEU for this language needs MeCab, which thor "
                             "does not have; choose a tokeniser with --tokenize (char is usual)", c->pair);
    }
    bleu->tokenizer = (thor_tokenizer)chosen;
    return THOR_OK;
}

static thor_status bleu_options(const choices *c, thor_bleu_options *bleu, thor_error *error)
{
    *bleu = thor_bleu_defaults();
    THOR_TRY(choose_tokenizer(c, bleu, error));
    int smooth = thor_smooth_from_name(c->smooth);
    if (smooth < 0)
        return bad_value("smooth-method", c->smooth, "exp, floor, add-k or none", error);
    bleu->smooth = (thor_smooth)smooth;
    bleu->smooth_value = c->smooth_value;
    bleu->lowercase = c->lowercase;
    bleu->effective_order = c->sentences;
    return THOR_OK;
}

static thor_status add_metric(const choices *c, const char *name, size_t length, score_run *run, thor_error *error)
{
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults(), .chrf = thor_chrf_defaults() };
    if (length == 4 && strncmp(name, "chrf", 4) == 0)
        metric.kind = THOR_METRIC_CHRF;
    else if (length != 4 || strncmp(name, "bleu", 4) != 0)
        return bad_value("metrics", c->metrics, "bleu, chrf or bleu,chrf", error);
    for (size_t m = 0; m < run->job.metric_count; m++)
        if (run->job.metrics[m].kind == metric.kind)
            return bad_value("metrics", c->metrics, "each metric once", error);
    THOR_TRY(bleu_options(c, &metric.bleu, error));
    metric.chrf = (thor_chrf_options){ .char_order = (int)c->char_order, .word_order = (int)c->word_order,
                                       .beta = (int)c->beta, .lowercase = c->chrf_lowercase,
                                       .whitespace = c->chrf_whitespace, .eps_smoothing = c->chrf_eps };
    THOR_TRY(thor_metric_check(&metric, error));
    run->job.metrics[run->job.metric_count++] = metric;
    return THOR_OK;
}

/* BLEU stands before chrF, in whichever order they were named. */
static thor_status choose_metrics(const choices *c, score_run *run, thor_error *error)
{
    for (const char *name = c->metrics; name;) {
        size_t length = strcspn(name, ", ");
        THOR_TRY(add_metric(c, name, length, run, error));
        name = name[length] ? name + length + 1 : NULL;
    }
    if (run->job.metric_count == 2 && run->job.metrics[0].kind == THOR_METRIC_CHRF) {
        thor_metric first = run->job.metrics[0];
        run->job.metrics[0] = run->job.metrics[1];
        run->job.metrics[1] = first;
    }
    return THOR_OK;
}

static thor_status choose_format(const choices *c, score_run *run, thor_error *error)
{
    if (c->score_only || strcmp(c->format, "score-only") == 0)
        run->format = SCORE_ONLY;
    else if (strcmp(c->format, "json") == 0)
        run->format = SCORE_JSON;
    else if (strcmp(c->format, "text") != 0)
        return bad_value("format", c->format, "text, json or score-only", error);
    return THOR_OK;
}

/* Combinations that make no sense, before any file is read. */
static thor_status check_combination(const choices *c, const score_run *run, thor_error *error)
{
    bool files = c->inputs.count > 0 || c->operands.count > 0;
    if (c->table && (files || c->pair || c->sentences || c->confidence || c->paired))
        return thor_fail(error, THOR_E_USAGE, "--table names its own files and languages: no references, --input, "
                         "--language-pair, --sentence-level, --confidence or --paired-bs beside it");
    if (c->table && run->format == SCORE_ONLY)
        return thor_fail(error, THOR_E_USAGE, "--table has a text or json format only");
    if (c->comet && !c->table && !c->source)
        return thor_fail(error, THOR_E_USAGE, "--comet needs the text that was translated: --source FILE");
    if (c->source && (c->table || !c->comet))
        return thor_fail(error, THOR_E_USAGE, "--source goes with --comet and without --table, whose lines have "
                         "a field source=FILE");
    if (!c->table && c->operands.count == 0)
        return thor_fail(error, THOR_E_USAGE, "no reference; expected thor score REFERENCE < HYPOTHESES");
    if (c->operands.count > THOR_SCORE_MAX_REFERENCES)
        return thor_fail(error, THOR_E_USAGE, "%zu references; expected at most %d", c->operands.count,
                         THOR_SCORE_MAX_REFERENCES);
    if (c->sentences && (run->job.metric_count > 1 || c->confidence || c->paired || c->inputs.count > 1))
        return thor_fail(error, THOR_E_USAGE, "--sentence-level goes with one metric, one system and no bootstrap");
    if (c->paired && c->inputs.count < 2)
        return thor_fail(error, THOR_E_USAGE, "--paired-bs compares systems: expected --input twice or more, the "
                         "baseline first");
    if (c->confidence && c->inputs.count > 1)
        return thor_fail(error, THOR_E_USAGE, "--confidence is for one system; use --paired-bs for several");
    for (size_t i = 0; i < c->inputs.count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->inputs.items[i], c->inputs.items[k]) == 0)
                return thor_fail(error, THOR_E_USAGE, "--input=%s is named twice; expected different systems",
                                 c->inputs.items[i]);
    return THOR_OK;
}

static thor_status configure(const choices *c, score_run *run, thor_error *error)
{
    THOR_TRY(choose_format(c, run, error));
    THOR_TRY(choose_metrics(c, run, error));
    THOR_TRY(check_combination(c, run, error));
    run->width = (int)c->width;
    run->job.seed = (uint64_t)c->seed;
    run->job.resamples = c->paired ? c->paired_resamples : c->confidence ? c->resamples : 0;
    run->job.paired = c->paired;
    run->force = c->force;
    run->job.fixed_tokenizer = c->tokenize != NULL;
    run->comet = c->comet;
    return THOR_OK;
}

static thor_status read_files(const choices *c, score_run *run, thor_error *error)
{
    for (size_t r = 0; r < c->operands.count; r++)
        THOR_TRY(thor_score_job_add_reference(&run->job, c->operands.items[r], error));
    size_t count = c->inputs.count ? c->inputs.count : 1;
    run->job.systems = calloc(count, sizeof *run->job.systems);
    if (!run->job.systems)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu systems", count);
    for (size_t s = 0; s < count; s++) {
        thor_score_system *system = &run->job.systems[s];
        bool piped = c->inputs.count == 0 || strcmp(c->inputs.items[s], "-") == 0;
        system->name = piped ? "standard input" : c->inputs.items[s];
        THOR_TRY(piped ? thor_score_lines_read(&system->lines, stdin, system->name, error)
                       : thor_score_lines_open(&system->lines, system->name, error));
        run->job.system_count++;
    }
    return THOR_OK;
}

static void free_files(score_run *run)
{
    thor_score_job_free_references(&run->job);
    for (size_t s = 0; s < run->job.system_count; s++)
        thor_score_lines_free(&run->job.systems[s].lines);
    free(run->job.systems);
}

/* BLEU parts the punctuation itself; text that is parted already scores differently from everybody else's. */
static void warn_of_tokens(const score_run *run)
{
    enum { SUSPICIOUS = 100 };
    for (size_t s = 0; s < run->job.system_count; s++) {
        const thor_score_lines *lines = &run->job.systems[s].lines;
        size_t found = 0;
        for (size_t i = 0; i < lines->count; i++) {
            thor_score_line line = lines->items[i];
            found += line.count >= 2 && memcmp(line.bytes + line.count - 2, " .", 2) == 0;
        }
        if (found >= SUSPICIOUS)
            fprintf(stderr, "thor score: warning: %s: %zu lines end with ' .', as tokenised text does; BLEU expects "
                            "plain text (--force silences this)\n", run->job.systems[s].name, found);
    }
}

/* sacreBLEU counts it as a character of the first word, and so does thor. */
static void warn_of_mark(const char *name, const thor_score_lines *lines)
{
    if (lines->count > 0 && thor_utf8_mark(lines->items[0].bytes, lines->items[0].count) > 0)
        fprintf(stderr, "thor score: warning: %s: begins with a byte order mark, which counts as text; remove it\n",
                name);
}

static thor_status work(const choices *c, score_run *run, thor_error *error)
{
    THOR_TRY(configure(c, run, error));
    if (c->table)
        return score_table(run, c->table, error);
    THOR_TRY(read_files(c, run, error));
    for (size_t s = 0; s < run->job.system_count; s++)
        warn_of_mark(run->job.systems[s].name, &run->job.systems[s].lines);
    if (!run->force && run->job.metrics[0].kind == THOR_METRIC_BLEU)
        warn_of_tokens(run);
    if (c->comet)
        THOR_TRY(score_comet(&run->job, c->comet, c->source, error));
    if (c->sentences)
        return score_sentences(run, error);
    return run->job.system_count > 1 ? score_systems(run, error) : score_single(run, error);
}

int thor_cmd_score(int argc, char **argv)
{
    choices c = default_choices();
    score_run run = { .format = SCORE_TEXT };
    thor_error error = { .code = THOR_OK };
    bool help = false;
    thor_status status = read_command_line(&c, argc, argv, &help, &error);
    if (status == THOR_OK && !help)
        status = work(&c, &run, &error);
    free_files(&run);
    thor_opt_list_free(&c.inputs);
    thor_opt_list_free(&c.operands);
    return status == THOR_OK ? 0 : thor_cli_fail("score", &error);
}
