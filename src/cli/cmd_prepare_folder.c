/* thor prepare: the folder that is filled aside and then gets its name. */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "cli/prepare_cli.h"
#include "data/journal.h"

static void show_progress(void *context, int64_t done, int64_t total)
{
    prepare_request *r = context;
    if (!thor_log_due(&r->log))
        return;
    double seconds = thor_seconds() - r->started, share = total > 0 ? (double)done / (double)total : 1.0;
    if (done == 0) {            /* no rate yet that a time left could be told from */
        thor_log_progress(&r->log, "0 of %lld sentence pairs", (long long)total);
        return;
    }
    thor_log_progress(&r->log, "%lld of %lld sentence pairs (%.0f %%), %.0f a second, %.0f s left", (long long)done,
                      (long long)total, 100.0 * share, (double)done / (seconds + 1e-9),
                      done < total ? seconds / (share + 1e-9) - seconds : 0.0);
}

static void show_resumed(void *context, int32_t splits, int32_t all)
{
    prepare_request *r = context;
    thor_log_say(&r->log, THOR_LOG_NORMAL, "%s: going on, %d of %d splits are finished and whole", r->aside,
                 (int)splits, (int)all);
}

static thor_status write_reports(const prepare_request *r, const thor_bitext *corpus, const thor_prepare_report *report,
                                 const thor_vocab *vocab, thor_error *error)
{
    static const char *const names[] = { "report.tsv", "report.json" };
    for (int i = 0; i < 2; i++) {
        thor_output output;
        char *path = thor_path(r->aside, names[i]);
        if (!path)
            return thor_fail(error, THOR_E_MEMORY, "no memory for the path of %s", names[i]);
        thor_status status = thor_output_open(&output, path, error);
        free(path);
        THOR_TRY(status);
        if (i == 0)
            thor_prepare_print_tsv(output.stream, corpus, report);
        else
            thor_prepare_print_json(output.stream, corpus, report, vocab, (int32_t)r->max_pieces);
        status = thor_output_commit(&output, error);
        thor_output_abandon(&output);
        THOR_TRY(status);
    }
    return THOR_OK;
}

thor_status prepare_folder(prepare_request *r, const thor_bitext *corpus, const thor_vocab *vocab,
                           thor_prepare_report *report, thor_error *error)
{
    thor_prepare_options options = { .max_pieces = (int32_t)r->max_pieces,
                                     .par = thor_par_make((int)r->threads),
                                     .progress = show_progress,
                                     .resumed = show_resumed,
                                     .context = r };
    r->started = thor_seconds();
    thor_status status = thor_prepare(corpus, vocab, &options, r->aside, report, error);
    thor_log_end(&r->log);
    THOR_TRY(status);
    THOR_TRY(write_reports(r, corpus, report, vocab, error));
    THOR_TRY(thor_journal_sweep(r->aside, corpus->pair_count, error));
    THOR_TRY(thor_sync_folder(r->aside, error));
    return thor_replace_folder(r->aside, r->output, error);
}

void prepare_give_up(const prepare_request *r, thor_status status, thor_error *error)
{
    bool worth = r->had_work || ((status == THOR_E_IO || status == THOR_E_MEMORY) && thor_journal_has_work(r->aside));
    if (!worth) {
        thor_remove_folder(r->aside, NULL);
        return;
    }
    size_t used = strlen(error->text);
    snprintf(error->text + used, sizeof error->text - used,
             " (%.300s keeps what is finished: the same command goes on there)", r->aside);
}
