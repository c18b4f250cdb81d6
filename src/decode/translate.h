/* Text to text: requests in, replies out, in order, whatever the batches between. */
#ifndef THOR_DECODE_TRANSLATE_H
#define THOR_DECODE_TRANSLATE_H

#include "decode/beam.h"
#include "pieces/vocab.h"

typedef struct thor_translator {
    const thor_model *model;
    const thor_vocab *vocab;
    const thor_compute *compute;
    thor_search search;
    int64_t batch_sentences;            /* most sentences of a batch */
    int64_t batch_tokens;               /* most source tokens of a batch */
    int32_t most_source;                /* pieces of a source; a longer one is translated in parts */
} thor_translator;

typedef struct thor_request {
    const char *text;                   /* one line without its newline */
    size_t bytes;
    int32_t source_language, target_language;   /* indices into the model's languages */
    int32_t domain;                     /* into its domains, or -1; asked for only where thor_model_needs_task */
    int64_t line;                       /* for messages, from 1 */
} thor_request;

typedef struct thor_reply {
    char **texts;                       /* [count] best first; owned */
    double *scores;                     /* [count] */
    int32_t count;                      /* at least 1; a blank line gives one empty text */
    int32_t parts;                      /* more than 1: the line was too long for one piece */
} thor_reply;

/* Search and batch settings from the model's configuration. Nothing is allocated. */
thor_translator thor_translator_make(const thor_model *model, const thor_vocab *vocab, const thor_compute *compute);

/* Fills replies[count]; each is freed with thor_reply_free, also after an error. */
thor_status thor_translate(const thor_translator *translator, const thor_request *requests, int64_t count,
                           thor_reply *replies, thor_error *error);

void thor_reply_free(thor_reply *reply);

#endif
