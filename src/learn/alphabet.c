#include "learn/alphabet.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "text/utf8.h"

static thor_status no_memory(thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "no memory for the characters of the text");
}

static thor_status count_text(thor_alphabet *alphabet, size_t *room, const char *text, size_t count, int64_t weight,
                              bool required, thor_error *error)
{
    for (size_t at = 0; at < count;) {
        uint32_t code;
        at += thor_utf8_next(text + at, count - at, &code);
        uint32_t number = thor_map64_get(&alphabet->number, code);
        if (number == THOR_ABSENT) {
            number = (uint32_t)alphabet->count;
            if (!thor_map64_put(&alphabet->number, code, number) ||
                !thor_grow(&alphabet->characters, room, alphabet->count, 1, sizeof *alphabet->characters))
                return no_memory(error);
            alphabet->characters[alphabet->count++] = (thor_character){ .code = code };
        }
        alphabet->characters[number].weight += weight;
        alphabet->characters[number].required = alphabet->characters[number].required || required;
    }
    return THOR_OK;
}

static int by_weight(const void *a, const void *b)
{
    const thor_character *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->code < y->code ? -1 : x->code > y->code;
}

static int by_requirement(const void *a, const void *b)
{
    const thor_character *x = a, *y = b;
    return x->required != y->required ? (x->required ? -1 : 1) : by_weight(a, b);
}

static thor_status choose(thor_alphabet *alphabet, double coverage, thor_error *error)
{
    int64_t all = 0, covered = 0;
    size_t kept = 0, seen = alphabet->count;
    for (size_t i = 0; i < seen; i++)
        all += alphabet->characters[i].weight;
    thor_map64_free(&alphabet->number);
    for (size_t i = 0; i < seen; i++) {
        thor_character next = alphabet->characters[i];
        if ((float)((double)covered / (double)all) >= (float)coverage)
            break;
        covered += next.weight;
        if (next.code == '\t')
            continue;
        alphabet->characters[kept++] = next;
    }
    alphabet->unknown = seen - kept;
    alphabet->count = kept;
    if (kept > 0)
        qsort(alphabet->characters, kept, sizeof *alphabet->characters, by_weight);
    for (size_t i = 0; i < kept; i++)
        if (!thor_map64_put(&alphabet->number, alphabet->characters[i].code, (uint32_t)i))
            return no_memory(error);
    return THOR_OK;
}

thor_status thor_alphabet_make(thor_alphabet *alphabet, const thor_words *words, const thor_learn_options *options,
                               thor_error *error)
{
    size_t room = 0;
    *alphabet = (thor_alphabet){ .characters = NULL };
    if (options->required)
        THOR_TRY(count_text(alphabet, &room, options->required, strlen(options->required), 0, true, error));
    for (size_t i = 0; i < thor_words_count(words); i++) {
        size_t count;
        const char *text = thor_words_text(words, i, &count);
        THOR_TRY(count_text(alphabet, &room, text, count, thor_words_weight(words, i), false, error));
    }
    if (alphabet->count > 0)
        qsort(alphabet->characters, alphabet->count, sizeof *alphabet->characters, by_requirement);
    return choose(alphabet, options->character_coverage, error);
}

void thor_alphabet_free(thor_alphabet *alphabet)
{
    free(alphabet->characters);
    thor_map64_free(&alphabet->number);
    *alphabet = (thor_alphabet){ .characters = NULL };
}
