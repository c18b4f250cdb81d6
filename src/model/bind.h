/* The network of a model whose table of parameters is there. */
#ifndef THOR_MODEL_BIND_H
#define THOR_MODEL_BIND_H

#include "model/model.h"
#include "model/network.h"

/* Points into model->values; the model has to outlive the network. Free with thor_network_close. A model that is only
 * planned has no values: such a network can be measured and no more. */
thor_status thor_network_open(thor_network *network, const thor_model *model, thor_error *error);

#endif
