#include "score/signature.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static void append(char *text, const char *format, ...) THOR_PRINTF(2, 3);

static void append(char *text, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, THOR_SIGNATURE_SIZE - length, format, arguments);
    va_end(arguments);
}

void thor_metric_title(const thor_metric *metric, char title[THOR_SIGNATURE_SIZE])
{
    title[0] = '\0';
    if (metric->kind == THOR_METRIC_BLEU) {
        append(title, "BLEU");
        return;
    }
    if (metric->kind == THOR_METRIC_TER) {
        append(title, "TER");
        return;
    }
    append(title, "chrF%d", metric->chrf.beta);
    for (int i = 0; i < metric->chrf.word_order; i++)
        append(title, "+");
}

static void append_bleu(const thor_bleu_options *options, char *signature)
{
    append(signature, "case:%s|eff:%s|tok:%s|smooth:%s", options->lowercase ? "lc" : "mixed",
           options->effective_order ? "yes" : "no",
           options->pieces ? options->pieces_name : thor_tokenizer_name(options->tokenizer),
           thor_smooth_name(options->smooth));
    if (options->smooth == THOR_SMOOTH_FLOOR || options->smooth == THOR_SMOOTH_ADD_K)
        append(signature, "[%.2f]", thor_smooth_value(options));
}

static void append_chrf(const thor_chrf_options *options, char *signature)
{
    append(signature, "case:%s|eff:%s|nc:%d|nw:%d|space:%s", options->lowercase ? "lc" : "mixed",
           options->eps_smoothing ? "no" : "yes", options->char_order, options->word_order,
           options->whitespace ? "yes" : "no");
}

static void append_ter(const thor_ter_options *options, char *signature)
{
    append(signature, "case:%s|tok:tercom|norm:%s|punct:%s|asian:no", options->case_sensitive ? "mixed" : "lc",
           options->normalized ? "yes" : "no", options->no_punctuation ? "no" : "yes");
}

void thor_signature(const thor_metric *metric, int64_t references, const thor_draws *draws,
                    char signature[THOR_SIGNATURE_SIZE])
{
    signature[0] = '\0';
    if (references < 0)
        append(signature, "nrefs:var|");
    else
        append(signature, "nrefs:%" PRId64 "|", references);
    if (draws && draws->count > 0)
        append(signature, "%s:%" PRId64 "|seed:%" PRIu64 "|", draws->randomised ? "ar" : "bs", draws->count,
               draws->seed);
    if (metric->kind == THOR_METRIC_BLEU)
        append_bleu(&metric->bleu, signature);
    else if (metric->kind == THOR_METRIC_TER)
        append_ter(&metric->ter, signature);
    else
        append_chrf(&metric->chrf, signature);
    append(signature, "|version:" THOR_SACREBLEU_VERSION "|thor:" PACKAGE_VERSION);
}

void thor_bleu_details(const thor_bleu *bleu, char details[THOR_SIGNATURE_SIZE])
{
    details[0] = '\0';
    for (int n = 0; n < bleu->order; n++)
        append(details, "%s%.1f", n ? "/" : "", bleu->precisions[n]);
    append(details, " (BP = %.3f ratio = %.3f hyp_len = %" PRId64 " ref_len = %" PRId64 ")", bleu->brevity_penalty,
           bleu->ratio, bleu->hypothesis_length, bleu->reference_length);
}
