/* The keys of a configuration: one table from which files are read and written, --set is understood and ranges are
 * checked, and against which thor-config(5) is tested. */
#ifndef THOR_MODEL_KEYS_H
#define THOR_MODEL_KEYS_H

#include <stddef.h>

#include "model/config.h"

typedef enum thor_key_type {
    THOR_KEY_INT32, THOR_KEY_INT64, THOR_KEY_SEED,      /* whole numbers */
    THOR_KEY_NUMBER,                                    /* double */
    THOR_KEY_BOOL,
    THOR_KEY_CHOICE,                                    /* one of `choices`, stored as an enum */
    THOR_KEY_NAMES,                                     /* list of strings */
    THOR_KEY_SIZES                                      /* THOR_GROUPS whole numbers; 0 and left out until known */
} thor_key_type;

typedef struct thor_key {
    const char *name;               /* "section.key", or "key" at the top level */
    thor_key_type type;
    size_t offset;                  /* in thor_config */
    const char *const *choices;     /* NULL-terminated; THOR_KEY_CHOICE only */
    double low, high;               /* both allowed, but `low` is not where low_open, nor `high` where high_open */
    bool low_open, high_open;
    const char *unit;               /* "" without */
    const char *doc;                /* one line */
} thor_key;

/* All keys, section by section, in the order in which they are written. */
const thor_key *thor_config_keys(size_t *count);

/* NULL when there is none. */
const thor_key *thor_config_key(const char *name);

/* Where a key's value lies. */
void *thor_key_place(const thor_key *key, thor_config *config);
const void *thor_key_value(const thor_key *key, const thor_config *config);

/* The value of a number of any type, of a boolean (0, 1) or of a choice (its index). 0 for lists. */
double thor_key_number(const thor_key *key, const thor_config *config);

/* Stores a choice by its index. */
void thor_key_choose(const thor_key *key, thor_config *config, int choice);

/* "a whole number, 1 to 1024", "one of top_k, top_p": what a key takes, for errors. */
void thor_key_expected(const thor_key *key, char *text, size_t room);

/* Checks the range of one key; the sentence names it. */
thor_status thor_key_check(const thor_key *key, const thor_config *config, thor_error *error);

#endif
