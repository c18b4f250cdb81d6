/* The sums and paths of a lattice (Kudo 2018, section 3.2). Everything is in single precision, added in SentencePiece's
 * order. */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/dmath.h"
#include "learn/unigram_model.h"
#include "text/utf8.h"

/* What an unknown character costs beyond the worst piece. */
#define UNKNOWN_PENALTY 10.0f

static bool make_room(thor_lattice *lattice, size_t bytes)
{
    if (thor_grow(&lattice->places, &lattice->places_room, 0, bytes + 1, sizeof *lattice->places))
        return true;
    lattice->failed = true;
    return false;
}

static bool add_node(thor_lattice *lattice, int32_t piece, float score, size_t start, size_t end)
{
    if (!thor_grow(&lattice->nodes, &lattice->room, lattice->count, 1, sizeof *lattice->nodes)) {
        lattice->failed = true;
        return false;
    }
    int32_t number = (int32_t)lattice->count;
    lattice->nodes[lattice->count++] = (thor_lattice_node){ .piece = piece, .score = score, .start = (uint32_t)start,
                                                            .end = (uint32_t)end, .next_ending = -1, .previous = -1 };
    struct thor_lattice_place *place = &lattice->places[end];
    if (place->last_ending >= 0)
        lattice->nodes[place->last_ending].next_ending = number;
    else
        place->first_ending = number;
    place->last_ending = number;
    return true;
}

/* The pieces that the text starts with; true when one of them is a single character. */
static bool add_pieces(thor_lattice *lattice, const thor_unigram_model *model, const char *text, size_t bytes,
                       size_t start)
{
    bool single = false;
    size_t node = 0, characters = 0;
    for (size_t at = 0; at < bytes; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (!thor_double_array_step(&model->trie, &node, byte))
            break;
        characters += (byte & 0xC0) != 0x80;
        uint32_t number = thor_double_array_value(&model->trie, node);
        int32_t piece = number == UINT32_MAX ? -1 : model->index[number];
        if (piece < 0)
            continue;
        single = single || characters == 1;
        if (!add_node(lattice, piece, model->score[piece], start, start + characters))
            break;
    }
    return single;
}

void thor_lattice_fill(thor_lattice *lattice, const thor_unigram_model *model, const char *text, size_t bytes)
{
    lattice->count = 0;
    lattice->length = 0;
    if (!make_room(lattice, bytes))
        return;
    for (size_t at = 0; at < bytes; at += thor_utf8_length(text[at]))
        lattice->length++;
    for (size_t i = 0; i <= lattice->length; i++)
        lattice->places[i].first_ending = lattice->places[i].last_ending = -1;
    size_t place = 0;
    for (size_t at = 0; at < bytes && !lattice->failed; at += thor_utf8_length(text[at]), place++) {
        lattice->places[place].first_node = (uint32_t)lattice->count;
        if (!add_pieces(lattice, model, text + at, bytes - at, place))
            add_node(lattice, 0, model->least - UNKNOWN_PENALTY, place, place + 1);
    }
    lattice->places[lattice->length].first_node = (uint32_t)lattice->count;
}

void thor_lattice_free(thor_lattice *lattice)
{
    free(lattice->nodes);
    free(lattice->places);
    *lattice = (thor_lattice){ .count = 0 };
}

/* log(exp(x) + exp(y)); what is smaller by more than 50 does not count. */
static float log_add(float x, float y)
{
    float low = x < y ? x : y, high = x < y ? y : x;
    if (high > low + 50.0f)
        return high;
    return (float)((double)high + thor_ln(thor_exp((double)(low - high)) + 1.0));
}

static void sum_before(thor_lattice *lattice)
{
    lattice->places[0].before = 0;
    for (size_t place = 1; place <= lattice->length; place++) {
        float sum = 0;
        int32_t first = lattice->places[place].first_ending;
        for (int32_t i = first; i >= 0; i = lattice->nodes[i].next_ending) {
            float term = lattice->nodes[i].score + lattice->places[lattice->nodes[i].start].before;
            sum = i == first ? term : log_add(sum, term);
        }
        lattice->places[place].before = sum;
    }
}

static void sum_after(thor_lattice *lattice)
{
    lattice->places[lattice->length].after = 0;
    for (size_t place = lattice->length; place-- > 0;) {
        float sum = 0;
        uint32_t first = lattice->places[place].first_node, end = lattice->places[place + 1].first_node;
        for (uint32_t i = first; i < end; i++) {
            float term = lattice->nodes[i].score + lattice->places[lattice->nodes[i].end].after;
            sum = i == first ? term : log_add(sum, term);
        }
        lattice->places[place].after = sum;
    }
}

void thor_lattice_expect(thor_lattice *lattice, float weight, float *expected)
{
    if (lattice->failed || lattice->count == 0)
        return;
    sum_before(lattice);
    sum_after(lattice);
    float all = lattice->places[lattice->length].before;
    for (size_t i = 0; i < lattice->count; i++) {
        const thor_lattice_node *node = &lattice->nodes[i];
        float share = lattice->places[node->start].before + node->score + lattice->places[node->end].after - all;
        float *sum = &expected[node->piece];
        *sum = (float)((double)*sum + (double)weight * thor_exp((double)share));
    }
}

/* The best of the nodes that end at a place, with `score` behind them. */
static int32_t best_ending(const thor_lattice *lattice, size_t place, float score, int32_t without, float *best)
{
    int32_t found = -1;
    for (int32_t i = lattice->places[place].first_ending; i >= 0; i = lattice->nodes[i].next_ending) {
        float sum = lattice->nodes[i].best + score;
        if (i != without && (found < 0 || sum > *best)) {
            found = i;
            *best = sum;
        }
    }
    return found;
}

int32_t thor_lattice_best(thor_lattice *lattice, int32_t without)
{
    float best = 0;
    if (lattice->failed || lattice->count == 0)
        return -1;
    for (size_t i = 0; i < lattice->count; i++) {
        thor_lattice_node *node = &lattice->nodes[i];
        node->best = node->score;
        if (node->start > 0)
            node->previous = best_ending(lattice, node->start, node->score, -1, &node->best);
    }
    return best_ending(lattice, lattice->length, 0, without, &best);
}
