/* thor translate: lines in, lines out. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cmd.h"
#include "cli/translate_print.h"
#include "decode/opened_model.h"
#include "decode/translate_lines.h"
#include "model/labels.h"

enum { NAME = 64 };

typedef struct choices {
    const char *model, *from, *to, *domain, *input, *output, *isa, *backend;
    int64_t beam, nbest, max_length, batch, threads;
    double length_penalty;
    bool pairs, scores, replace, quiet;
    thor_opt_list operands;
} choices;

/* A translation that runs. */
typedef struct session {
    const choices *choices;
    thor_log log;
    thor_opened_model opened;
    thor_translator translator;
    thor_line_input input;
    thor_translate_printer printer;
    int32_t source, target, domain;     /* -1: named by each line, or not at all */
    double started;
} session;

static thor_status read_command_line(choices *c, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt table[] = {
        { "model", 'm', THOR_OPT_TEXT, &c->model, "RUN", "what 'thor train' wrote: a run or one of its checkpoints", 0,
          0 },
        { "from", 0, THOR_OPT_TEXT, &c->from, "LANGUAGE", "language of the input", 0, 0 },
        { "to", 0, THOR_OPT_TEXT, &c->to, "LANGUAGE", "language of the output", 0, 0 },
        { "pairs", 0, THOR_OPT_FLAG, &c->pairs, NULL, "each line names its languages: FROM, tab, TO, tab, text", 0, 0 },
        { "domain", 0, THOR_OPT_TEXT, &c->domain, "NAME", "domain of the text, for models that are told it", 0, 0 },
        { "input", 'i', THOR_OPT_TEXT, &c->input, "FILE", "text to translate [standard input]", 0, 0 },
        { "output", 'o', THOR_OPT_TEXT, &c->output, "FILE", "where the translations go [standard output]", 0, 0 },
        { "beam", 'b', THOR_OPT_INTEGER, &c->beam, "N", "hypotheses kept at each position [the model's search.beam]", 1,
          THOR_MOST_BEAM },
        { "length-penalty", 0, THOR_OPT_NUMBER, &c->length_penalty, "X",
          "scores are divided by length^X [the model's search.length_penalty]", -10, 10 },
        { "max-length", 0, THOR_OPT_INTEGER, &c->max_length, "N",
          "pieces of a translation at most [as the model's search says]", 1, 100000 },
        { "nbest", 'n', THOR_OPT_INTEGER, &c->nbest, "N", "the N best of each line: LINE ||| TEXT ||| SCORE", 1,
          THOR_MOST_BEAM },
        { "scores", 0, THOR_OPT_FLAG, &c->scores, NULL, "score and tab before each translation", 0, 0 },
        { "replace-invalid", 0, THOR_OPT_FLAG, &c->replace, NULL,
          "bytes that are not UTF-8 become U+FFFD instead of an error", 0, 0 },
        { "batch", 0, THOR_OPT_INTEGER, &c->batch, "N", "sentences computed together [32]", 1, 100000 },
        { "threads", 'j', THOR_OPT_INTEGER, &c->threads, "N", "threads; the output does not depend on it [all]", 0,
          4096 },
        { "isa", 0, THOR_OPT_TEXT, &c->isa, "NAME", "instruction set: auto, scalar, avx2, avx512, neon [auto]", 0, 0 },
        { "backend", 0, THOR_OPT_TEXT, &c->backend, "NAME", "matrix products: reference or openblas [reference]", 0,
          0 },
        { "quiet", 'q', THOR_OPT_FLAG, &c->quiet, NULL, "no progress", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 }
    };
    THOR_TRY(thor_opt_parse(table, argc, argv, &c->operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find("translate"), table);
    return THOR_OK;
}

static thor_status check_choices(const choices *c, thor_error *error)
{
    if (c->operands.count > 0)
        return thor_fail(error, THOR_E_USAGE,
                         "'%s' is not an option; text is named with -i or comes from standard input",
                         c->operands.items[0]);
    if (!c->model)
        return thor_fail(error, THOR_E_USAGE, "-m is missing: name the run or checkpoint to translate with");
    if (c->pairs && (c->from || c->to))
        return thor_fail(error, THOR_E_USAGE,
                         "--pairs and --from or --to: the languages stand in each line or in the options; choose one");
    if (!c->pairs && (!c->from || !c->to))
        return thor_fail(error, THOR_E_USAGE,
                         "%s is missing: name the languages with --from and --to, or in each line (--pairs)",
                         c->from ? "--to" : "--from");
    if (c->nbest > 0 && c->scores)
        return thor_fail(error, THOR_E_USAGE,
                         "--nbest and --scores: an n-best list has its scores already; choose one");
    return THOR_OK;
}

/* ---- languages ---- */

/* A pair that was not trained may work all the same, but nobody should take it for granted. */
static void warn_untrained(session *s)
{
    char pair[THOR_DIRECTION_NAME];
    const thor_config *config = &s->opened.model.config;
    thor_config_direction(pair, config, s->source, s->target);
    if (config->pairs.count > 0 && thor_names_find(&config->pairs, pair) < 0)
        thor_log_warn(&s->log, "the model was not trained on %s", pair);
}

static thor_status choose_languages(session *s, thor_error *error)
{
    const choices *c = s->choices;
    s->source = s->target = -1;
    if (!c->pairs) {
        THOR_TRY(thor_opened_model_language(&s->opened, "--from", c->from, &s->source, error));
        THOR_TRY(thor_opened_model_language(&s->opened, "--to", c->to, &s->target, error));
        warn_untrained(s);
    }
    return thor_opened_model_domain(&s->opened, "--domain", c->domain, &s->domain, error);
}

/* ---- replies ---- */

static thor_status print_replies(void *context, const thor_request *requests, const thor_reply *replies, int64_t count,
                                 thor_error *error)
{
    session *s = context;
    for (int64_t i = 0; i < count; i++) {
        if (replies[i].parts > 1)
            thor_log_warn(&s->log, "line %lld is long: it was translated in %d parts of at most %d pieces",
                          (long long)requests[i].line, (int)replies[i].parts, (int)s->translator.most_source);
        thor_translate_print(&s->printer, &requests[i], &replies[i]);
    }
    THOR_TRY(thor_translate_printer_flush(&s->printer, count, error));
    if (thor_log_due(&s->log))
        thor_log_progress(&s->log, "%lld lines, %.1f a second", (long long)s->printer.lines,
                          (double)s->printer.lines / (thor_seconds() - s->started + 1e-9));
    return THOR_OK;
}

/* ---- all of it ---- */

static void set_up_search(session *s)
{
    const choices *c = s->choices;
    s->translator = thor_translator_make(&s->opened.model, s->opened.vocab, &s->opened.compute);
    thor_search *search = &s->translator.search;
    search->beam = c->beam > 0 ? (int32_t)c->beam : search->beam;
    search->beam = c->nbest > search->beam ? (int32_t)c->nbest : search->beam;
    search->length_penalty = c->length_penalty > -100 ? c->length_penalty : search->length_penalty;
    if (c->max_length > 0) {
        search->max_length_a = 0;
        search->max_length_b = (double)c->max_length;
    }
    s->translator.batch_sentences = c->batch;
}

static thor_status open_session(session *s, thor_error *error)
{
    const choices *c = s->choices;
    THOR_TRY(thor_opened_model_open(&s->opened, c->model, c->isa, c->backend, (int)c->threads, error));
    THOR_TRY(choose_languages(s, error));
    set_up_search(s);
    s->printer.scores = c->scores;
    s->printer.nbest = c->nbest;
    THOR_TRY(thor_line_input_open(&s->input, c->input, c->replace, error));
    return thor_translate_printer_open(&s->printer, c->output, error);
}

/* What a failure leaves behind has to be known: how many lines have their translation. */
static thor_status tell_progress(const session *s, thor_status status, thor_error *error)
{
    thor_error plain = *error;
    if (s->printer.output.path)
        return thor_fail(error, status, "%.900s; %s was not written", plain.text, s->printer.name);
    return thor_fail(error, status, "%.900s; %lld lines were translated", plain.text, (long long)s->printer.lines);
}

static thor_status run(session *s, thor_error *error)
{
    THOR_TRY(open_session(s, error));
    s->started = thor_seconds();
    s->log.next = s->started + s->log.every;    /* short jobs need no progress */
    thor_line_job job = { .pairs = s->choices->pairs, .source = s->source, .target = s->target, .domain = s->domain,
                          .receive = print_replies, .context = s };
    thor_status status = thor_translate_lines(&s->translator, &s->input, &job, error);
    thor_log_end(&s->log);
    if (status != THOR_OK)
        status = tell_progress(s, status, error);
    thor_status finished = thor_translate_printer_finish(&s->printer, status == THOR_OK,
                                                         status == THOR_OK ? error : NULL);
    return status == THOR_OK ? finished : status;
}

static void close_session(session *s)
{
    thor_translate_printer_finish(&s->printer, false, NULL);
    thor_line_input_close(&s->input);
    thor_opened_model_close(&s->opened);
}

int thor_cmd_translate(int argc, char **argv)
{
    choices c = { .length_penalty = -1000, .batch = 32 };
    thor_error error;
    bool help = false;
    thor_status status = read_command_line(&c, argc, argv, &help, &error);
    if (status == THOR_OK && !help)
        status = check_choices(&c, &error);
    session s = { .choices = &c, .input = { .file = -1 } };
    bool interactive = isatty(STDIN_FILENO) && !c.input;
    s.log = thor_log_make(stderr, c.quiet || interactive ? THOR_LOG_QUIET : THOR_LOG_NORMAL);
    if (status == THOR_OK && !help) {
        signal(SIGPIPE, SIG_IGN);       /* a reader that left is an error with a sentence, not a silent death */
        status = run(&s, &error);
    }
    close_session(&s);
    thor_opt_list_free(&c.operands);
    return status == THOR_OK ? 0 : thor_cli_fail("translate", &error);
}
