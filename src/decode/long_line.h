/* A line that is longer than one source may be: where to cut it, and how to join what its parts became. */
#ifndef THOR_DECODE_LONG_LINE_H
#define THOR_DECODE_LONG_LINE_H

#include <stdbool.h>

#include "pieces/vocab.h"

/* How many of `count` pieces make the next part of at most `most`: all; or up to the end of the last sentence in the
 * second half; or up to the last piece there that begins a word; or `most`. */
int32_t thor_long_line_cut(const thor_vocab *vocab, const int32_t *ids, int32_t count, int32_t most);

/* Appends `text` to *line (NULL: empty), behind a blank unless both neighbours are of scripts that write none. False
 * without memory. */
bool thor_long_line_join(char **line, const char *text);

#endif
