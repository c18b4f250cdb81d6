/* What was kept and what was dropped, and why. */
#include "data/prepare.h"

#include <string.h>

#include "data/format.h"

thor_prepare_counts thor_prepare_total(const thor_prepare_report *report, thor_split split)
{
    thor_prepare_counts sum = { .read = 0 };
    for (int32_t i = 0; i < report->pair_count; i++) {
        const thor_prepare_counts *counts = &report->pairs[i][split];
        sum.read += counts->read;
        sum.kept += counts->kept;
        sum.empty += counts->empty;
        sum.too_long += counts->too_long;
        for (int side = 0; side < 2; side++) {
            sum.returns[side] += counts->returns[side];
            sum.stray[side] += counts->stray[side];
            sum.pieces[side] += counts->pieces[side];
            sum.unknown[side] += counts->unknown[side];
            if (counts->longest[side] > sum.longest[side])
                sum.longest[side] = counts->longest[side];
        }
    }
    return sum;
}

/* ---- a table for people ------------------------------------------------------------------------------------------ */

static double percent(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void print_row(FILE *stream, const char *name, const char *split, const thor_prepare_counts *counts)
{
    int64_t pieces = counts->pieces[0] + counts->pieces[1];
    double sentences = counts->kept > 0 ? (double)counts->kept : 1.0;
    fprintf(stream, "%-20s %-5s %10lld %10lld %8lld %8lld %8lld %7.1f %7.1f %8.3f\n", name, split,
            (long long)counts->read, (long long)counts->kept, (long long)counts->empty, (long long)counts->too_long,
            (long long)(counts->returns[0] + counts->returns[1]), (double)counts->pieces[0] / sentences,
            (double)counts->pieces[1] / sentences, percent(counts->unknown[0] + counts->unknown[1], pieces));
}

static void pair_name(char name[256], const thor_bitext_pair *pair)
{
    snprintf(name, 256, "%s%s%s-%s", pair->domain ? pair->domain : "", pair->domain ? " " : "", pair->language[0],
             pair->language[1]);
}

void thor_prepare_print(FILE *stream, const thor_bitext *corpus, const thor_prepare_report *report)
{
    fprintf(stream, "%-20s %-5s %10s %10s %8s %8s %8s %7s %7s %8s\n", "pair", "split", "read", "kept", "empty",
            "too long", "CR LF", "pieces", "pieces", "unknown");
    fprintf(stream, "%-20s %-5s %10s %10s %8s %8s %8s %7s %7s %8s\n", "", "", "pairs", "pairs", "dropped", "dropped",
            "lines", "first", "second", "%");
    for (int32_t i = 0; i < report->pair_count; i++)
        for (int split = 0; split < THOR_SPLITS; split++) {
            char name[256];
            pair_name(name, &corpus->pairs[i]);
            print_row(stream, name, thor_split_name((thor_split)split), &report->pairs[i][split]);
        }
    for (int split = 0; split < THOR_SPLITS; split++) {
        thor_prepare_counts total = thor_prepare_total(report, (thor_split)split);
        print_row(stream, "total", thor_split_name((thor_split)split), &total);
    }
}

/* ---- tab-separated ----------------------------------------------------------------------------------------------- */

void thor_prepare_print_tsv(FILE *stream, const thor_bitext *corpus, const thor_prepare_report *report)
{
    fputs(
        "first\tsecond\tdomain\tsplit\tread\tkept\tempty\ttoo_long\tcrlf_first\tcrlf_second\tpieces_first\t"
        "pieces_second\tunknown_first\tunknown_second\tlongest_first\tlongest_second\tstray_cr_first\t"
        "stray_cr_second\n",
        stream);
    for (int32_t i = 0; i < report->pair_count; i++)
        for (int split = 0; split < THOR_SPLITS; split++) {
            const thor_bitext_pair *pair = &corpus->pairs[i];
            const thor_prepare_counts *c = &report->pairs[i][split];
            fprintf(stream, "%s\t%s\t%s\t%s\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%d\t%d\t"
                    "%lld\t%lld\n",
                    pair->language[0], pair->language[1], pair->domain ? pair->domain : "",
                    thor_split_name((thor_split)split), (long long)c->read, (long long)c->kept, (long long)c->empty,
                    (long long)c->too_long, (long long)c->returns[0], (long long)c->returns[1], (long long)c->pieces[0],
                    (long long)c->pieces[1], (long long)c->unknown[0], (long long)c->unknown[1], (int)c->longest[0],
                    (int)c->longest[1], (long long)c->stray[0], (long long)c->stray[1]);
        }
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* `text` as a JSON string; bytes beyond ASCII stay as they are. */
static void print_string(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(stream, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            fputc(*text, stream);
    }
    fputc('"', stream);
}

static void print_counts(FILE *stream, const thor_prepare_counts *c)
{
    fprintf(stream,
            "{\"read\": %lld, \"kept\": %lld, \"empty\": %lld, \"too_long\": %lld, \"crlf\": [%lld, %lld], "
            "\"pieces\": [%lld, %lld], \"unknown\": [%lld, %lld], \"longest\": [%d, %d], "
            "\"stray_cr\": [%lld, %lld]}",
            (long long)c->read, (long long)c->kept, (long long)c->empty, (long long)c->too_long,
            (long long)c->returns[0], (long long)c->returns[1], (long long)c->pieces[0], (long long)c->pieces[1],
            (long long)c->unknown[0], (long long)c->unknown[1], (int)c->longest[0], (int)c->longest[1],
            (long long)c->stray[0], (long long)c->stray[1]);
}

static void print_files(FILE *stream, const thor_bitext_split *split)
{
    fputs(", \"files\": [", stream);
    for (int32_t part = 0; part < split->count; part++) {
        fputs(part ? ", [" : "[", stream);
        print_string(stream, split->parts[part].path[0]);
        fputs(", ", stream);
        print_string(stream, split->parts[part].path[1]);
        fputc(']', stream);
    }
    fputs("]", stream);
}

static void print_pair(FILE *stream, const thor_bitext_pair *pair, const thor_prepare_counts counts[THOR_SPLITS])
{
    fprintf(stream, "    {\"languages\": [\"%s\", \"%s\"], \"domain\": ", pair->language[0], pair->language[1]);
    if (pair->domain)
        print_string(stream, pair->domain);
    else
        fputs("null", stream);
    for (int split = 0; split < THOR_SPLITS; split++) {
        fprintf(stream, ",\n     \"%s\": {\"counts\": ", thor_split_name((thor_split)split));
        print_counts(stream, &counts[split]);
        print_files(stream, &pair->splits[split]);
        fputc('}', stream);
    }
    fputc('}', stream);
}

void thor_prepare_print_json(FILE *stream, const thor_bitext *corpus, const thor_prepare_report *report,
                             const thor_vocab *vocab, int32_t max_pieces)
{
    fprintf(stream,
            "{\n  \"vocabulary\": {\"sha256\": \"%s\", \"pieces\": %d},\n  \"max_pieces\": %d,\n  \"languages\": [",
            thor_vocab_checksum(vocab), (int)thor_vocab_pieces(vocab), (int)max_pieces);
    for (int32_t i = 0; i < corpus->language_count; i++)
        fprintf(stream, "%s\"%s\"", i ? ", " : "", corpus->languages[i]);
    fputs("],\n  \"pairs\": [\n", stream);
    for (int32_t i = 0; i < report->pair_count; i++) {
        print_pair(stream, &corpus->pairs[i], report->pairs[i]);
        fputs(i + 1 < report->pair_count ? ",\n" : "\n", stream);
    }
    fputs("  ],\n  \"total\": {", stream);
    for (int split = 0; split < THOR_SPLITS; split++) {
        thor_prepare_counts total = thor_prepare_total(report, (thor_split)split);
        fprintf(stream, "%s\n    \"%s\": ", split ? "," : "", thor_split_name((thor_split)split));
        print_counts(stream, &total);
    }
    fputs("\n  }\n}\n", stream);
}
