/* A map from strings of characters to strings of characters, the rule by which text is normalised, and its compiled
 * form inside a model: the longest entry at each place is replaced. */
#ifndef THOR_PIECES_CHARSMAP_H
#define THOR_PIECES_CHARSMAP_H

#include "base/bytes.h"
#include "base/status.h"
#include "text/hash_tables.h"

/* Zero it before the first use. */
typedef struct thor_charsmap {
    thor_strings from, to;
    uint32_t *target;           /* [from]: its string of `to`; THOR_ABSENT: the entry was removed */
    size_t target_room;
    bool failed;                /* no memory; everything after it was left out */
} thor_charsmap;

/* Sets what `from` turns into. */
void thor_charsmap_put(thor_charsmap *map, const uint32_t *from, size_t from_count, const uint32_t *to,
                       size_t to_count);
void thor_charsmap_remove(thor_charsmap *map, uint32_t from);

/* The target of `from` as UTF-8; NULL when there is no entry. */
const char *thor_charsmap_get(const thor_charsmap *map, const char *from, size_t bytes, size_t *count);

/* Leaves out entries of several characters that come out the same by shorter entries. */
void thor_charsmap_reduce(thor_charsmap *map);

/* Appends the compiled form: bytes of the trie (32 bits), the trie, targets with a zero byte behind each. */
thor_status thor_charsmap_compile(const thor_charsmap *map, thor_bytes *out, thor_error *error);

void thor_charsmap_free(thor_charsmap *map);

/* Appends the compiled map of a rule: "identity" (nothing), "nfkc", "nmt_nfkc", "nfkc_cf", "nmt_nfkc_cf", or the path
 * of a table (a name with a '.' or '/' in it): a line an entry, code points in hexadecimal separated by blanks, a tab,
 * what they turn into in the same form, and behind another tab anything. Errors: THOR_E_USAGE for another name;
 * THOR_E_IO and THOR_E_FORMAT with file and line. */
thor_status thor_charsmap_by_name(const char *name, thor_bytes *out, thor_error *error);

#endif
