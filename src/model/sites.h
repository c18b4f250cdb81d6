/* Where dropout is used: its sites (thor-numerics(7)) and the shapes that their indices count in. */
#ifndef THOR_MODEL_SITES_H
#define THOR_MODEL_SITES_H

#include "base/tensor.h"
#include "model/config.h"
#include "nn/site_line.h"

enum { THOR_SITE_EMBED_LAYER = 255 };

/* stack << 16 | layer << 8 | kind; stack 0 is the encoder, 1 the decoder. */
uint32_t thor_site(uint32_t stack, uint32_t layer, thor_site_kind kind);

/* The rate of a configuration that holds at a site. */
double thor_site_rate_of(const thor_site_line *line, const thor_config *config);

/* One use of dropout in a step. */
typedef struct thor_site_use {
    uint32_t site;
    double rate;
    thor_tensor mask;               /* name and shape in golden folders, U8; data is NULL */
} thor_site_use;

/* Calls `visit` for every site whose rate is not 0, in the order of the forward pass, for a batch of `sentences` with
 * the padded widths. Stops at the first status that is not THOR_OK and returns it. */
typedef thor_status thor_site_visitor(void *context, const thor_site_use *use, thor_error *error);
thor_status thor_sites_visit(const thor_config *config, int64_t sentences, int64_t source_width, int64_t target_width,
                             thor_site_visitor *visit, void *context, thor_error *error);

/* Refuses a site of more elements than one stream of random numbers has: beyond 2^34 the masks would repeat. */
thor_status thor_site_check(const thor_site_use *use, thor_error *error);

/* The same for every site of a batch. */
thor_status thor_sites_check(const thor_config *config, int64_t sentences, int64_t source_width, int64_t target_width,
                             thor_error *error);

#endif
