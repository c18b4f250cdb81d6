/* A unigram model while it is learned: pieces with scores, and the lattice of a word. */
#ifndef THOR_LEARN_UNIGRAM_MODEL_H
#define THOR_LEARN_UNIGRAM_MODEL_H

#include "base/status.h"
#include "pieces/double_array.h"
#include "text/hash_tables.h"

/* A list of texts with scores. Zero it before the first use. */
typedef struct thor_unigram_pieces {
    thor_strings text;
    float *score;               /* [text.count] */
    size_t score_room;
} thor_unigram_pieces;

/* Appends a piece, which is not there yet. False without memory. */
bool thor_unigram_pieces_add(thor_unigram_pieces *pieces, const char *text, size_t bytes, float score);
void thor_unigram_pieces_free(thor_unigram_pieces *pieces);

/* The pieces in use: a part of the seed, in an order of its own. */
typedef struct thor_unigram_model {
    const thor_strings *text;   /* the seed's spellings */
    thor_double_array trie;     /* of them, with their numbers */
    uint32_t *number;           /* [count]: spelling */
    float *score;               /* [count] */
    int32_t *index;             /* [text->count]: place among those in use; -1: none */
    size_t count;
    float least;                /* the smallest score */
} thor_unigram_model;

/* All of the seed is in use. The seed has to stay. */
thor_status thor_unigram_model_make(thor_unigram_model *model, const thor_unigram_pieces *seed, thor_error *error);
void thor_unigram_model_free(thor_unigram_model *model);

/* Keeps `count` of the pieces: place i takes over spelling number[i] and score[i]. The arrays may be the model's. */
void thor_unigram_model_set(thor_unigram_model *model, const uint32_t *number, const float *score, size_t count);

/* A stretch of the word that is a piece. */
typedef struct thor_lattice_node {
    int32_t piece;              /* its place in the model; for an unknown character 0, as SentencePiece has it */
    float score, best;          /* best: of the best path up to the end of this node */
    uint32_t start, end;        /* characters */
    int32_t next_ending;        /* the next node with the same end, in order of starts; -1: none */
    int32_t previous;           /* on the best path; -1: the start */
} thor_lattice_node;

/* All pieces of a word. Zero it before the first use, thor_lattice_free after the last. */
typedef struct thor_lattice {
    thor_lattice_node *nodes;   /* [count], by start, then by length */
    size_t count, room;
    struct thor_lattice_place {
        uint32_t first_node;    /* of those that start here */
        int32_t first_ending, last_ending;
        float before, after;    /* log of the sums over all paths from the start to here, from here to the end */
    } *places;                  /* [length + 1] */
    size_t length, places_room;
    bool failed;                /* no memory */
} thor_lattice;

void thor_lattice_fill(thor_lattice *lattice, const thor_unigram_model *model, const char *text, size_t bytes);
void thor_lattice_free(thor_lattice *lattice);

/* Adds to expected[piece] how often each piece is expected in `weight` such words (forward and backward sums in single
 * precision). */
void thor_lattice_expect(thor_lattice *lattice, float weight, float *expected);

/* The last node of the best path, whose nodes are linked by `previous`; -1 when the lattice is empty. `without` is a
 * node that may not end the path, -1: none. */
int32_t thor_lattice_best(thor_lattice *lattice, int32_t without);

#endif
