/* The smallest automaton of a sorted list of keys: a state is what can still follow, and equal ones are one state
 * (Daciuk and others, Incremental Construction of Minimal Acyclic Finite-State Automata, 2000). */
#ifndef THOR_PIECES_TRIE_STATES_H
#define THOR_PIECES_TRIE_STATES_H

#include "pieces/double_array.h"
#include "text/hash_tables.h"

/* A state's string is a list of arcs of 5 bytes: the label and a little-endian number, which is a state, or behind
 * label 0, which comes first, the value of the key that ends here. */
enum { THOR_ARC_BYTES = 5 };

typedef struct thor_trie_states {
    thor_strings states;
    uint32_t root;
} thor_trie_states;

/* Keys as thor_double_array_build wants them. False without memory. thor_strings_free(&states->states) after. */
bool thor_trie_states_make(thor_trie_states *states, const thor_trie_key *keys, size_t count);

#endif
