/* Lines of files through a function on several threads, printed in the order in which they came. */
#ifndef THOR_CLI_LINE_BATCH_H
#define THOR_CLI_LINE_BATCH_H

#include "base/bytes.h"
#include "base/par.h"

/* Appends what becomes of one line, its end included, to *out; `name` and `number` say where it stands, for
 * errors. `thread` is below par->threads. */
typedef thor_status thor_line_handler(void *context, int thread, const char *name, int64_t number, const char *text,
                                      size_t count, thor_bytes *out, thor_error *error);

/* Handles all lines of a file (NULL or "-": standard input) and prints what comes of them to standard output. At the
 * first line with an error printing ends. Errors: thor_lines', the handler's, THOR_E_IO when nothing can be written. */
thor_status thor_lines_through(const char *path, const thor_par *par, thor_line_handler *handler, void *context,
                               thor_error *error);

#endif
