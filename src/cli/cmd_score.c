/* thor score: options, files, and which of the four things to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/score_cli.h"
#include "score/randomisation.h"
#include "text/utf8.h"

typedef struct choices {
    thor_opt_list inputs, operands;
    const char *metrics, *tokenize, *smooth, *pair, *format, *table, *comet, *source, *tokenizer_model;
    double smooth_value;
    int64_t width, char_order, word_order, beta, resamples, paired_resamples, trials, seed, references;
    bool lowercase, chrf_lowercase, chrf_whitespace, chrf_eps, score_only;
    bool sentences, confidence, paired, randomised, force;
    thor_ter_options ter;
} choices;

static choices default_choices(void)
{
    return (choices){ .metrics = "bleu", .smooth = "exp", .format = "text", .smooth_value = -1, .width = 1,
                      .char_order = 6, .word_order = 0, .beta = 2, .resamples = THOR_BOOTSTRAP_RESAMPLES,
                      .paired_resamples = THOR_BOOTSTRAP_RESAMPLES,
                      .trials = THOR_RANDOMISATION_TRIALS, .seed = THOR_BOOTSTRAP_SEED, .references = 1 };
}

static thor_status read_command_line(choices *c, int argc, char **argv, bool *help, thor_error *error)
{
    enum { MAX_ORDER = THOR_CHRF_MAX_ORDER };
    const thor_opt options[] = {
        { "input", 'i', THOR_OPT_LIST, &c->inputs, "FILE", "hypotheses, once for each system [standard input]", 0, 0 },
        { "metrics", 'm', THOR_OPT_TEXT, &c->metrics, "LIST", "bleu, chrf, ter, with commas [bleu]", 0, 0 },
        { "tokenize", 0, THOR_OPT_TEXT, &c->tokenize, "NAME",
          "13a, zh, none, intl, char, spm, flores101 or flores200 [13a or zh]", 0, 0 },
        { "tokenizer-model", 0, THOR_OPT_TEXT, &c->tokenizer_model, "FILE", "SentencePiece model of spm and floresN", 0,
          0 },
        { "num-refs", 0, THOR_OPT_INTEGER, &c->references, "N", "one file has N references a line, with tabs between",
          1, THOR_SCORE_MAX_REFERENCES },
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
        { "ter-case-sensitive", 0, THOR_OPT_FLAG, &c->ter.case_sensitive, NULL, "TER with regard to case", 0, 0 },
        { "ter-normalized", 0, THOR_OPT_FLAG, &c->ter.normalized, NULL, "TER parts punctuation from words", 0, 0 },
        { "ter-no-punct", 0, THOR_OPT_FLAG, &c->ter.no_punctuation, NULL, "TER without punctuation", 0, 0 },
        { "sentence-level", 0, THOR_OPT_FLAG, &c->sentences, NULL, "one metric, a score for each line", 0, 0 },
        { "confidence", 0, THOR_OPT_FLAG, &c->confidence, NULL, "95 % confidence interval by bootstrap", 0, 0 },
        { "confidence-n", 0, THOR_OPT_INTEGER, &c->resamples, "N", "resamples for it [1000]", 2, 1e7 },
        { "paired-bs", 0, THOR_OPT_FLAG, &c->paired, NULL, "paired bootstrap: all systems against the first", 0, 0 },
        { "paired-bs-n", 0, THOR_OPT_INTEGER, &c->paired_resamples, "N", "resamples for it [1000]", 1, 1e7 },
        { "paired-ar", 0, THOR_OPT_FLAG, &c->randomised, NULL, "the same by approximate randomisation", 0, 0 },
        { "paired-ar-n", 0, THOR_OPT_INTEGER, &c->trials, "N", "trials of it [10000]", 1, 1e7 },
        { "seed", 0, THOR_OPT_INTEGER, &c->seed, "N", "of resamples and trials [12345]", 0, 9e18 },
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

/* flores101 and flores200 are names of models that everybody has to have alike; another is known by its checksum. */
static thor_status open_pieces(const choices *c, score_run *run, thor_bleu_options *bleu, thor_error *error)
{
    if (!c->tokenizer_model)
        return thor_fail(error, THOR_E_USAGE, "--tokenize=%s needs --tokenizer-model FILE, a SentencePiece model%s",
                         c->tokenize,
                         strcmp(c->tokenize, "spm") == 0 ? "" : "; sacreBLEU downloads the one of that name");
    THOR_TRY(thor_vocab_open(&run->job.pieces, c->tokenizer_model, error));
    char *name = run->job.pieces_name;
    if (strcmp(c->tokenize, "spm") == 0)
        snprintf(name, sizeof run->job.pieces_name, "spm-%.8s", thor_vocab_checksum(run->job.pieces));
    else
        snprintf(name, sizeof run->job.pieces_name, "%s", c->tokenize);
    bleu->pieces = run->job.pieces;
    bleu->pieces_name = name;
    return THOR_OK;
}

static bool names_pieces(const char *name)
{
    return strcmp(name, "spm") == 0 || strcmp(name, "flores101") == 0 || strcmp(name, "flores200") == 0;
}

static thor_status choose_tokenizer(const choices *c, score_run *run, thor_bleu_options *bleu, thor_error *error)
{
    int chosen = THOR_TOKENIZER_13A;
    bool pieces = c->tokenize && names_pieces(c->tokenize);
    if (c->tokenizer_model && !pieces)
        return thor_fail(error, THOR_E_USAGE, "--tokenizer-model goes with --tokenize spm, flores101 or flores200");
    if (c->pair && !strchr(c->pair, '-'))
        return bad_value("language-pair", c->pair, "source-target such as en-zh", error);
    if (pieces) {
        THOR_TRY(open_pieces(c, run, bleu, error));
    } else if (c->tokenize) {
        chosen = thor_tokenizer_from_name(c->tokenize);
        if (chosen < 0)
            return bad_value("tokenize", c->tokenize, "13a, zh, none, intl, char, spm, flores101 or flores200", error);
    } else if (c->pair) {
        chosen = thor_tokenizer_for_language(c->pair);
        if (chosen < 0)
            return thor_fail(error, THOR_E_USAGE, "--language-pair=%s: BLEU for this language needs MeCab, which thor "
                             "does not have; choose a tokeniser with --tokenize (char is usual)", c->pair);
    }
    bleu->tokenizer = (thor_tokenizer)chosen;
    return THOR_OK;
}

static thor_status bleu_options(const choices *c, score_run *run, thor_bleu_options *bleu, thor_error *error)
{
    *bleu = thor_bleu_defaults();
    THOR_TRY(choose_tokenizer(c, run, bleu, error));
    int smooth = thor_smooth_from_name(c->smooth);
    if (smooth < 0)
        return bad_value("smooth-method", c->smooth, "exp, floor, add-k or none", error);
    bleu->smooth = (thor_smooth)smooth;
    bleu->smooth_value = c->smooth_value;
    bleu->lowercase = c->lowercase;
    bleu->effective_order = c->sentences;
    return THOR_OK;
}

static thor_status add_metric(const choices *c, const char *name, size_t length, bool chosen[THOR_METRICS],
                              thor_error *error)
{
    static const char *const names[THOR_METRICS] = { "bleu", "chrf", "ter" };
    for (int m = 0; m < THOR_METRICS; m++)
        if (strlen(names[m]) == length && strncmp(names[m], name, length) == 0) {
            if (chosen[m])
                return bad_value("metrics", c->metrics, "each metric once", error);
            chosen[m] = true;
            return THOR_OK;
        }
    return bad_value("metrics", c->metrics, "bleu, chrf and ter, or some of them, with commas", error);
}

/* They come in the order of their numbers, in whichever they were named. */
static thor_status choose_metrics(const choices *c, score_run *run, thor_error *error)
{
    bool chosen[THOR_METRICS] = { false };
    for (const char *name = c->metrics; name;) {
        size_t length = strcspn(name, ", ");
        THOR_TRY(add_metric(c, name, length, chosen, error));
        name = name[length] ? name + length + 1 : NULL;
    }
    thor_metric metric = { .ter = c->ter };
    THOR_TRY(bleu_options(c, run, &metric.bleu, error));
    metric.chrf = (thor_chrf_options){ .char_order = (int)c->char_order, .word_order = (int)c->word_order,
                                       .beta = (int)c->beta, .lowercase = c->chrf_lowercase,
                                       .whitespace = c->chrf_whitespace, .eps_smoothing = c->chrf_eps };
    for (int m = 0; m < THOR_METRICS; m++) {
        metric.kind = (thor_metric_kind)m;
        if (!chosen[m])
            continue;
        THOR_TRY(thor_metric_check(&metric, error));
        run->job.metrics[run->job.metric_count++] = metric;
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
    if (c->table && (files || c->pair || c->sentences || c->confidence || c->paired || c->randomised))
        return thor_fail(error, THOR_E_USAGE, "--table names its own files and languages: no references, --input, "
                         "--language-pair, --sentence-level, --confidence, --paired-bs or --paired-ar beside it");
    if (c->table && run->format == SCORE_ONLY)
        return thor_fail(error, THOR_E_USAGE, "--table has a text or json format only");
    if (c->comet && !c->table && !c->source)
        return thor_fail(error, THOR_E_USAGE, "--comet needs the text that was translated: --source FILE");
    if (c->source && (c->table || !c->comet))
        return thor_fail(error, THOR_E_USAGE, "--source goes with --comet and without --table, whose lines have "
                         "a field source=FILE");
    if (!c->table && c->operands.count == 0)
        return thor_fail(error, THOR_E_USAGE, "no reference; expected thor score REFERENCE < HYPOTHESES");
    if (c->references > 1 && c->operands.count != 1)
        return thor_fail(error, THOR_E_USAGE, "--num-refs goes with one file of references; expected thor score "
                         "--num-refs %lld FILE", (long long)c->references);
    if (c->operands.count > THOR_SCORE_MAX_REFERENCES)
        return thor_fail(error, THOR_E_USAGE, "%zu references; expected at most %d", c->operands.count,
                         THOR_SCORE_MAX_REFERENCES);
    if (c->sentences && (run->job.metric_count > 1 || c->confidence || c->paired || c->randomised ||
                         c->inputs.count > 1))
        return thor_fail(error, THOR_E_USAGE, "--sentence-level goes with one metric, one system and no bootstrap");
    if (c->paired && c->randomised)
        return thor_fail(error, THOR_E_USAGE, "--paired-bs and --paired-ar are two tests; choose one");
    if ((c->paired || c->randomised) && c->inputs.count < 2)
        return thor_fail(error, THOR_E_USAGE, "--paired-%s compares systems: expected --input twice or more, the "
                         "baseline first", c->paired ? "bs" : "ar");
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
    run->job.paired = c->paired || c->randomised;
    run->job.draws = (thor_draws){ .seed = (uint64_t)c->seed, .randomised = c->randomised,
                                   .count = c->paired ? c->paired_resamples : c->randomised ? c->trials :
                                            c->confidence ? c->resamples : 0 };
    run->force = c->force;
    run->job.fixed_tokenizer = c->tokenize != NULL;
    run->comet = c->comet;
    return THOR_OK;
}

static thor_status read_files(const choices *c, score_run *run, thor_error *error)
{
    if (c->references > 1)
        THOR_TRY(thor_score_job_add_columns(&run->job, c->operands.items[0], (size_t)c->references, error));
    for (size_t r = 0; c->references == 1 && r < c->operands.count; r++)
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
    thor_vocab_close(run->job.pieces);
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
