/* How a layer says where it uses dropout: a line for each site. */
#ifndef THOR_NN_SITE_LINE_H
#define THOR_NN_SITE_LINE_H

#include "nn/nn.h"

/* The lowest byte of a site's number (thor-numerics(7)). */
typedef enum thor_site_kind {
    THOR_SITE_EMBED = 1,
    THOR_SITE_SELF_PROBS,
    THOR_SITE_SELF,
    THOR_SITE_CROSS_PROBS,
    THOR_SITE_CROSS,
    THOR_SITE_FFN_ACTIVATION,
    THOR_SITE_FFN,
    THOR_SITE_EXPERTS_ACTIVATION,
    THOR_SITE_EXPERTS,
    THOR_SITE_SHARED_ACTIVATION,
    THOR_SITE_SHARED
} thor_site_kind;

/* Which of the three rates holds. */
typedef enum thor_site_rate { THOR_RATE_DROPOUT, THOR_RATE_ATTENTION, THOR_RATE_ACTIVATION } thor_site_rate;

/* The padded array that a site's indices count in. */
typedef enum thor_site_shape {
    THOR_SHAPE_D,                       /* [B,L,d] */
    THOR_SHAPE_F,                       /* [B,L,F] */
    THOR_SHAPE_EXPERTS_D,               /* [B,L,E,d] */
    THOR_SHAPE_EXPERTS_F,               /* [B,L,E,F] */
    THOR_SHAPE_SELF,                    /* [B,H,L,L] */
    THOR_SHAPE_CROSS                    /* [B,H,L,S] */
} thor_site_shape;

typedef struct thor_site_line {
    thor_site_kind kind;
    thor_site_rate rate;
    thor_site_shape shape;
    const char *name;                   /* within a layer, in golden folders */
    thor_dropout *(*find)(void *saved); /* in what the layer saves; NULL: the dropout before the residual sum */
} thor_site_line;

#endif
