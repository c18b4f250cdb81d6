#include "score/tokenize.h"

#include <stdlib.h>
#include <string.h>

#include "base/language_code.h"
#include "score/tokenize_rules.h"
#include "text/unicode.h"

static const char *const names[THOR_TOKENIZERS] = { "13a", "zh", "none", "intl", "char" };

const char *thor_tokenizer_name(thor_tokenizer tokenizer)
{
    return names[tokenizer];
}

int thor_tokenizer_from_name(const char *name)
{
    for (int i = 0; i < THOR_TOKENIZERS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

int thor_tokenizer_for_language(const char *pair)
{
    const char *target = thor_language_target(pair);
    if (thor_language_is(target, "zh"))
        return THOR_TOKENIZER_ZH;
    if (thor_language_is(target, "ja") || thor_language_is(target, "ko"))
        return -1;
    return THOR_TOKENIZER_13A;
}

void thor_tokenizer_work_free(thor_tokenizer_work *work)
{
    thor_bytes_free(&work->one);
    thor_bytes_free(&work->two);
    thor_bytes_free(&work->lowered);
    free(work->codes);
    free(work->lower_codes);
    *work = (thor_tokenizer_work){ .codes = NULL };
}

void thor_rules_char(const char *bytes, size_t count, thor_bytes *out)
{
    for (size_t at = 0; at < count;) {
        int32_t code = 0;
        size_t length = thor_unicode_get(bytes + at, count - at, &code);
        if (length == 0)
            break;
        thor_bytes_add(out, bytes + at, length);
        thor_bytes_add_byte(out, ' ');
        at += length;
    }
}

static bool grow_codes(int32_t **codes, size_t *room, size_t count)
{
    return thor_grow(codes, room, 0, count, sizeof **codes);
}

static thor_status no_memory(size_t count, thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "score: no memory for a line of %zu bytes", count);
}

thor_status thor_tokenizer_lower(const char *bytes, size_t count, thor_tokenizer_work *work, const char **text,
                                 size_t *length, thor_error *error)
{
    if (count > SIZE_MAX / 2 || !grow_codes(&work->codes, &work->code_room, count) ||
        !grow_codes(&work->lower_codes, &work->lower_room, count * 2))
        return no_memory(count, error);
    size_t codes = 0;
    for (size_t at = 0; at < count; codes++) {
        size_t read = thor_unicode_get(bytes + at, count - at, &work->codes[codes]);
        if (read == 0)
            break;
        at += read;
    }
    codes = thor_unicode_lower(work->codes, codes, work->lower_codes);
    work->lowered.count = 0;
    for (size_t i = 0; i < codes; i++) {
        char encoded[4];
        thor_bytes_add(&work->lowered, encoded, thor_unicode_put(encoded, work->lower_codes[i]));
    }
    if (work->lowered.failed)
        return no_memory(count, error);
    *text = work->lowered.data ? work->lowered.data : "";
    *length = work->lowered.count;
    return THOR_OK;
}

static void apply(thor_tokenizer tokenizer, const char *bytes, size_t count, thor_tokenizer_work *work)
{
    work->one.count = 0;
    switch (tokenizer) {
    case THOR_TOKENIZER_13A:
        thor_rules_13a(bytes, count, &work->one);
        thor_rules_western(&work->one, &work->two);
        break;
    case THOR_TOKENIZER_ZH:
        thor_rules_zh(bytes, count, &work->one);
        thor_rules_western(&work->one, &work->two);
        break;
    case THOR_TOKENIZER_INTL:
        thor_rules_intl(bytes, count, &work->one, &work->two);
        break;
    case THOR_TOKENIZER_CHAR:
        thor_rules_char(bytes, count, &work->one);
        break;
    case THOR_TOKENIZER_NONE:
    case THOR_TOKENIZERS:
        thor_bytes_add(&work->one, bytes, count);
        break;
    }
}

thor_status thor_tokenize(thor_tokenizer tokenizer, bool lowercase, const char *bytes, size_t count,
                          thor_tokenizer_work *work, const char **tokens, size_t *length, thor_error *error)
{
    if (lowercase)
        THOR_TRY(thor_tokenizer_lower(bytes, count, work, &bytes, &count, error));
    apply(tokenizer, bytes, count, work);
    if (work->one.failed || work->two.failed)
        return no_memory(count, error);
    *tokens = work->one.data ? work->one.data : "";
    *length = work->one.count;
    return THOR_OK;
}
