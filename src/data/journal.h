/* What a preparation has finished, so that one that was killed goes on where it was.
 *
 * The folder that is being filled has a record beside the columns of every finished split, N.SPLIT.done: lines of
 * fields separated by tabs, closed by their own SHA-256:
 *
 *   thor-split  1  key
 *   counts      (fourteen numbers, as thor_prepare_counts has them)
 *   column      side  kind  numbers  sha256        (four lines)
 *   end         sha256
 *
 * The key is the SHA-256 of everything that the columns depend on: text, vocabulary, filter and program. The records go
 * when the folder is complete. */
#ifndef THOR_DATA_JOURNAL_H
#define THOR_DATA_JOURNAL_H

#include "data/format.h"
#include "data/prepare.h"

#define THOR_JOURNAL_MARK "prepare.started"     /* in every folder that is being filled */
#define THOR_JOURNAL_VOCABULARY "vocab.done"    /* beside a vocabulary that was learned: its key and its SHA-256 */

typedef struct thor_done {
    thor_prepare_counts counts;
    thor_column columns[2][THOR_COLUMN_KINDS];
} thor_done;

/* The key of a split with this text (thor_bitext_split.checksum). */
void thor_journal_key(char key[65], const thor_vocab *vocab, int32_t max_pieces, const char *text);

thor_status thor_journal_write(const char *folder, int32_t pair, thor_split split, const char *key,
                               const thor_done *done, thor_error *error);

/* True when the split was finished with this key and its columns are whole, bit by bit. */
bool thor_journal_read(const char *folder, int32_t pair, thor_split split, const char *key, thor_done *done);

/* Makes the folder, or takes one that a preparation left. Any other one with files in it is THOR_E_USAGE. */
thor_status thor_journal_open(const char *folder, thor_error *error);

/* Removes everything that does not belong into the finished folder of `pairs` pairs. */
thor_status thor_journal_sweep(const char *folder, int32_t pairs, thor_error *error);

/* Is anything in the folder finished? */
bool thor_journal_has_work(const char *folder);

#endif
