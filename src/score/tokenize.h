/* The tokenisers of sacreBLEU: a line of text to tokens with white space between them. */
#ifndef THOR_SCORE_TOKENIZE_H
#define THOR_SCORE_TOKENIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

typedef enum thor_tokenizer {
    THOR_TOKENIZER_13A,     /* mteval-v13a's, with entities undone: the default of WMT */
    THOR_TOKENIZER_ZH,      /* Chinese characters apart, 13a's rules for the rest */
    THOR_TOKENIZER_NONE,    /* white space only */
    THOR_TOKENIZER_INTL,    /* mteval-v14's: Unicode's punctuation and symbols apart, except inside numbers */
    THOR_TOKENIZER_CHAR,    /* every character apart */
    THOR_TOKENIZERS
} thor_tokenizer;

/* "13a", "zh", "none", "intl", "char"; and back, -1 for another name. */
const char *thor_tokenizer_name(thor_tokenizer tokenizer);
int thor_tokenizer_from_name(const char *name);

/* What sacreBLEU takes for a target language ("en-zh" or "zh", base/language_code.h): zh for Chinese, 13a otherwise; -1
 * for Japanese and Korean, which need a dictionary (MeCab) that is not here. */
int thor_tokenizer_for_language(const char *pair);

/* Memory of one caller; zero it before the first use. */
typedef struct thor_tokenizer_work {
    thor_bytes one, two, lowered;
    int32_t *codes, *lower_codes;
    size_t code_room, lower_room;
} thor_tokenizer_work;

void thor_tokenizer_work_free(thor_tokenizer_work *work);

/* Tokens of `count` bytes of UTF-8 in *tokens (owned by `work`, valid until its next use), *length bytes of them,
 * tokens parted by any white space. `lowercase` comes first, as in sacreBLEU. Error: THOR_E_MEMORY. */
thor_status thor_tokenize(thor_tokenizer tokenizer, bool lowercase, const char *bytes, size_t count,
                          thor_tokenizer_work *work, const char **tokens, size_t *length, thor_error *error);

/* The text in lower case, owned by `work` in the same manner. */
thor_status thor_tokenizer_lower(const char *bytes, size_t count, thor_tokenizer_work *work, const char **lower,
                                 size_t *length, thor_error *error);

#endif
