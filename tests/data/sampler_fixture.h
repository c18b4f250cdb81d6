/* What the tests of the sampler stand on: a made-up corpus of three pairs, and a sampler over it. */
#ifndef THOR_TESTS_SAMPLER_FIXTURE_H
#define THOR_TESTS_SAMPLER_FIXTURE_H

#include "data/sampler.h"
#include "made_corpus.h"

typedef struct fixture {
    char scratch[32];
    thor_error error;
    thor_prepared corpus;
    thor_config config;
    thor_sampler *sampler;
} fixture;

/* Fresh for every test, since each runs in a process of its own. */
extern fixture at;

/* Train, valid and test of aa-bb, aa-cc, aa-dd. */
extern const int64_t three_pairs[3][THOR_SPLITS];

/* Before and after each test: a folder of its own. */
void enter(void);
void leave(void);

void must(thor_status status);

/* Opens the folder "corpus" and a configuration that fits it; then a sampler of both directions of every pair. */
void open_corpus(const char *recipe);
void open_sampler(void);

#endif
