/* Translations as lines of text. */
#ifndef THOR_CLI_TRANSLATE_PRINT_H
#define THOR_CLI_TRANSLATE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/fileio.h"
#include "decode/translate.h"

typedef struct thor_translate_printer {
    FILE *stream;
    const char *name;           /* "standard output" or a path */
    thor_output output;         /* where it is a file */
    bool scores;
    int64_t nbest;              /* 0: one line for each line */
    int64_t lines;              /* answered, and arrived at the reader or on disk as far as the system tells */
} thor_translate_printer;

/* NULL or "-" is standard output, which is left open for others. A file appears when thor_translate_printer_finish says
 * so. */
thor_status thor_translate_printer_open(thor_translate_printer *printer, const char *path, thor_error *error);

/* What belongs to one line of the input. Errors wait until the flush. */
void thor_translate_print(const thor_translate_printer *printer, const thor_request *request, const thor_reply *reply);

/* Hands `lines` more lines over. THOR_E_IO when the reader is gone or the disk full. */
thor_status thor_translate_printer_flush(thor_translate_printer *printer, int64_t lines, thor_error *error);

/* Ends the output; a file appears with its name if everything went well before. */
thor_status thor_translate_printer_finish(thor_translate_printer *printer, bool good, thor_error *error);

#endif
