/* A file of lines through a model: read a chunk, make requests of it, translate, hand the replies over. What becomes of
 * them is the caller's: `thor translate` prints, others may score. */
#ifndef THOR_DECODE_TRANSLATE_LINES_H
#define THOR_DECODE_TRANSLATE_LINES_H

#include "decode/line_input.h"
#include "decode/translate.h"

/* Takes the replies of the next lines, in the order of the input; replies[i] answers requests[i]. Both are the
 * caller's and end with the call. An error ends the translation. */
typedef thor_status thor_line_receiver(void *context, const thor_request *requests, const thor_reply *replies,
                                       int64_t count, thor_error *error);

typedef struct thor_line_job {
    bool pairs;                 /* each line names its languages: FROM, tab, TO, tab, text */
    int32_t source, target;     /* languages of all lines; not read where `pairs` is set */
    int32_t domain;             /* of all lines, or -1 */
    thor_line_receiver *receive;
    void *context;
} thor_line_job;

/* Translates all lines of an open input. A pipe whose other end waits for an answer gets it; otherwise many batches are
 * read at a time. Lines before a wrong one are translated and handed over before the error is returned: THOR_E_FORMAT
 * with its number, or an error of reading, translating or receiving. */
thor_status thor_translate_lines(const thor_translator *translator, thor_line_input *input, const thor_line_job *job,
                                 thor_error *error);

#endif
