#include "cli/translate_print.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A stream of its own on standard output: what cannot be written is told once, here. */
static thor_status open_standard(thor_translate_printer *printer, thor_error *error)
{
    int copy = dup(STDOUT_FILENO);
    printer->name = "standard output";
    printer->stream = copy < 0 ? NULL : fdopen(copy, "w");
    if (printer->stream)
        return THOR_OK;
    thor_status status = thor_fail_io(error, printer->name, "open for writing");
    if (copy >= 0)
        close(copy);
    return status;
}

thor_status thor_translate_printer_open(thor_translate_printer *printer, const char *path, thor_error *error)
{
    if (!path || strcmp(path, "-") == 0)
        return open_standard(printer, error);
    printer->name = path;
    THOR_TRY(thor_output_open(&printer->output, path, error));
    printer->stream = printer->output.stream;
    return THOR_OK;
}

/* The n best of a line: "LINE ||| TEXT ||| SCORE", as many as there are. */
static void print_nbest(const thor_translate_printer *printer, const thor_request *request, const thor_reply *reply)
{
    for (int32_t i = 0; i < reply->count && i < printer->nbest; i++)
        fprintf(printer->stream, "%lld ||| %s ||| %.6f\n", (long long)request->line, reply->texts[i], reply->scores[i]);
}

void thor_translate_print(const thor_translate_printer *printer, const thor_request *request, const thor_reply *reply)
{
    if (printer->nbest > 0)
        print_nbest(printer, request, reply);
    else if (printer->scores)
        fprintf(printer->stream, "%.6f\t%s\n", reply->scores[0], reply->texts[0]);
    else
        fprintf(printer->stream, "%s\n", reply->texts[0]);
}

thor_status thor_translate_printer_flush(thor_translate_printer *printer, int64_t lines, thor_error *error)
{
    if (thor_flush(printer->stream)) {
        printer->lines += lines;
        return THOR_OK;
    }
    if (errno == EPIPE)
        return thor_fail(error, THOR_E_IO, "%s: the reader closed it", printer->name);
    return thor_fail_io(error, printer->name, "write");
}

thor_status thor_translate_printer_finish(thor_translate_printer *printer, bool good, thor_error *error)
{
    thor_status status = THOR_OK;
    if (!printer->stream)
        return THOR_OK;
    if (printer->output.stream) {
        if (good)
            status = thor_output_commit(&printer->output, error);
        thor_output_abandon(&printer->output);
    } else if (fclose(printer->stream) != 0 && good) {
        status = thor_fail_io(error, printer->name, "write");
    }
    printer->stream = NULL;
    return status;
}
