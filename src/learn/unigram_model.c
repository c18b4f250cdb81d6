#include "learn/unigram_model.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

bool thor_unigram_pieces_add(thor_unigram_pieces *pieces, const char *text, size_t bytes, float score)
{
    size_t known = pieces->text.count;
    if (!thor_grow(&pieces->score, &pieces->score_room, known, 1, sizeof *pieces->score) ||
        thor_strings_add(&pieces->text, text, bytes) != known)
        return false;
    pieces->score[known] = score;
    return true;
}

void thor_unigram_pieces_free(thor_unigram_pieces *pieces)
{
    thor_strings_free(&pieces->text);
    free(pieces->score);
    *pieces = (thor_unigram_pieces){ .score = NULL };
}

static thor_status build_trie(thor_unigram_model *model, thor_error *error)
{
    size_t count = model->text->count;
    thor_trie_key *keys = malloc((count + 1) * sizeof *keys);
    if (!keys)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu pieces", count);
    for (size_t i = 0; i < count; i++) {
        size_t bytes;
        keys[i].text = thor_strings_text(model->text, i, &bytes);
        keys[i].bytes = (uint32_t)bytes;
        keys[i].value = (uint32_t)i;
    }
    thor_status status = thor_double_array_build(&model->trie, keys, thor_trie_keys_sort(keys, count), error);
    free(keys);
    return status;
}

thor_status thor_unigram_model_make(thor_unigram_model *model, const thor_unigram_pieces *seed, thor_error *error)
{
    size_t count = seed->text.count;
    *model = (thor_unigram_model){ .text = &seed->text };
    THOR_TRY(build_trie(model, error));
    model->number = malloc((count + 1) * sizeof *model->number);
    model->score = malloc((count + 1) * sizeof *model->score);
    model->index = malloc((count + 1) * sizeof *model->index);
    if (!model->number || !model->score || !model->index)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu pieces", count);
    for (size_t i = 0; i < count; i++)
        model->number[i] = (uint32_t)i;
    thor_unigram_model_set(model, model->number, seed->score, count);
    return THOR_OK;
}

void thor_unigram_model_free(thor_unigram_model *model)
{
    free(model->trie.units);
    free(model->number);
    free(model->score);
    free(model->index);
    *model = (thor_unigram_model){ .count = 0 };
}

void thor_unigram_model_set(thor_unigram_model *model, const uint32_t *number, const float *score, size_t count)
{
    memset(model->index, 0xFF, model->text->count * sizeof *model->index);
    model->count = count;
    model->least = FLT_MAX;
    for (size_t i = 0; i < count; i++) {
        model->number[i] = number[i];
        model->score[i] = score[i];
        model->index[number[i]] = (int32_t)i;
        model->least = score[i] < model->least ? score[i] : model->least;
    }
}
