/* Vectors that the mixtures of a model share: who makes them from what, and takes their gradients back. One file for
 * each kind; model/systems.c says which system has which. */
#ifndef THOR_MODEL_VECTORS_H
#define THOR_MODEL_VECTORS_H

#include "model/activations.h"
#include "nn/viewer.h"

struct thor_vectors {
    const char *name;
    size_t weights_size, saved_size;    /* of network.vectors_weights and pass.vectors_saved */
    /* Names the parameters: they stand behind embed.weight, or (`last`) at the end of the table. */
    void (*weights)(void *own, const thor_weights *weights, const thor_config *config);
    bool last;
    /* The vectors are made before this sub-layer of the encoder; the gradients are taken there on the way back, when
     * all mixtures are done. NULL: before the first. */
    int32_t (*tap)(const thor_stack *encoder, const thor_config *config);
    void (*place)(thor_pass *pass, const thor_sublayer_room *room);
    /* Sets pass->given from the encoder's stream [R,d]. */
    void (*forward)(thor_pass *pass, const float *stream, thor_losses *losses);
    /* Collects what the mixtures hand back and passes it on, to parameters and to encoder.d_stream. */
    void (*backward)(thor_pass *pass);
    void (*show)(const thor_pass *pass, const thor_viewer *view);
};

/* vectors_task.c: the task predictor and the task representation r of each sentence. */
extern const thor_vectors thor_vectors_task;

/* vectors_language.c: the row of language.embedding of each sentence's target language, as it stands. */
extern const thor_vectors thor_vectors_language;
/* vectors_language_network.c: a table of all languages' vectors, each made of its row by a small network; families and
 * sizes of groups too. */
extern const thor_vectors thor_vectors_language_network;

/* Visits what every mixture handed back, in the order of the forward pass: encoder before decoder, layers ascending. */
typedef void thor_handed_visitor(void *context, const thor_handed *handed);
void thor_vectors_each(const thor_pass *pass, thor_handed_visitor *visit, void *context);

/* The one rule for gradients of vectors that several mixtures read: what they hand back is added in the order of the
 * forward pass; the first is stored where nothing stands in `sum` yet. It is
 * the `table` of thor_handed or else its `vectors`; n floats. Returns whether something stands in `sum` now. */
bool thor_vectors_collect(const thor_pass *pass, float *sum, bool any, bool table, int64_t n);

#endif
