/* The rules behind the tokenisers; each appends to `out` and leaves a failure in it. */
#ifndef THOR_SCORE_TOKENIZE_RULES_H
#define THOR_SCORE_TOKENIZE_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* What 13a does before the rules for western languages: entities and the mark of a skipped line undone, a blank
 * around. */
void thor_rules_13a(const char *bytes, size_t count, thor_bytes *out);

/* What Tercom does before the rules for western languages: entities undone, a blank before a possessive 's and around
 * the whole. `two` is spare. */
void thor_rules_tercom(const char *bytes, size_t count, thor_bytes *one, thor_bytes *two);

/* A blank on both sides of every character that sacreBLEU takes for Chinese. */
void thor_rules_zh(const char *bytes, size_t count, thor_bytes *out);

/* The four rules that 13a and zh share. The text is in `one`, `two` is spare; the result is in `one`. */
void thor_rules_western(thor_bytes *one, thor_bytes *two);

/* The three rules of intl. The text is `bytes`, the result is in `one`; `two` is spare. */
void thor_rules_intl(const char *bytes, size_t count, thor_bytes *one, thor_bytes *two);

/* A blank between all characters. */
void thor_rules_char(const char *bytes, size_t count, thor_bytes *out);

#endif
