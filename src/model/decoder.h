/* The decoder one position at a time: the layers of training, called with a cache of keys, values and running sums.
 *
 * A slot is the cache of one hypothesis; a sentence has `beam` slots. Every slot's numbers depend on its own tokens and
 * its sentence alone, so company is invisible. */
#ifndef THOR_MODEL_DECODER_H
#define THOR_MODEL_DECODER_H

#include "model/activations.h"

typedef struct thor_decoder thor_decoder;

/* For the sentences that `pass` has just encoded; `pass` has to stay as it is until the decoder is closed. */
thor_status thor_decoder_open(thor_decoder **decoder, thor_pass *pass, int64_t beam, thor_error *error);
void thor_decoder_close(thor_decoder *decoder);

/* One position for `rows` hypotheses: row i continues slot slots[i] (of sentence slots[i] / beam) with token ids[i] at
 * place `step` (0 is the first decoder input). logits [rows, V] belongs to the decoder and is valid until the next
 * step. */
thor_status thor_decoder_step(thor_decoder *decoder, float **logits, const int32_t *ids, const int32_t *slots,
                              int64_t rows, int64_t step, thor_error *error);

/* Slot `to` becomes a copy of slot `from` (positions 0 … step). */
void thor_decoder_copy(thor_decoder *decoder, int32_t to, int32_t from, int64_t step);

#endif
