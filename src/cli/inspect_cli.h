/* The parts of `thor inspect`: a configuration on paper, routers at work, the course of a training. */
#ifndef THOR_CLI_INSPECT_CLI_H
#define THOR_CLI_INSPECT_CLI_H

#include <jansson.h>

#include "cli/opt.h"
#include "data/prepared.h"
#include "decode/opened_model.h"
#include "report/svg.h"

typedef struct thor_inspect_options {
    const char *recipe, *scale, *model, *data, *split, *losses, *svg, *isa;
    int64_t threads, languages, length;
    bool json;
    thor_opt_list set, operands;
} thor_inspect_options;

/* --- inspect_plan.c --- */

/* Parameters, memory and work of --recipe, --scale and --set, or of the model -m, printed as text or JSON. */
thor_status thor_inspect_plan(const thor_inspect_options *options, thor_error *error);

/* --- inspect_routing.c: what routers did --- */

enum { INSPECT_INTO_ENGLISH, INSPECT_FROM_ENGLISH, INSPECT_OTHER, INSPECT_GROUPS };

/* One mixture: by the language of a row's own side, source language in the encoder and target language in the
 * decoder. */
typedef struct thor_inspect_layer {
    char name[THOR_MAX_NAME];           /* "encoder.layers.1" */
    bool decoder;
    double *chosen;                     /* [languages, E] choices before capacity */
    double *rows;                       /* [languages] rows that chose */
} thor_inspect_layer;

typedef struct thor_inspect_routing {
    const thor_config *config;
    int32_t languages, experts, tasks;  /* tasks 0: no predictor */
    thor_inspect_layer *layers;
    int32_t layer_count;
    int64_t *confusion;                 /* [K, K] label, prediction */
    int64_t right[INSPECT_GROUPS], sentences[INSPECT_GROUPS];
    double nll;                         /* natural logarithms, summed over target tokens */
    int64_t tokens;
} thor_inspect_routing;

/* Runs the model over a split of the data, all directions, with the references as targets. Free it also after an
 * error. */
thor_status thor_inspect_routing_run(thor_inspect_routing *routing, const thor_opened_model *opened, const char *data,
                                     thor_split split, thor_error *error);
void thor_inspect_routing_free(thor_inspect_routing *routing);

/* The name of class `task`, "3" where it has none. Returns `text`. */
const char *thor_inspect_task_name(const thor_config *config, int32_t task, char text[64]);

/* --- inspect_report.c --- */
thor_status thor_inspect_routing_print(const thor_inspect_routing *routing, thor_error *error);
thor_status thor_inspect_routing_json(const thor_inspect_routing *routing, thor_error *error);
thor_status thor_inspect_routing_svg(const thor_inspect_routing *routing, const char *path, thor_error *error);

/* --- inspect_losses.c --- */

/* A table of RUN/metrics.jsonl, and its curves as SVG where --svg is given. */
thor_status thor_inspect_losses(const thor_inspect_options *options, thor_error *error);

/* Prints and frees; THOR_E_MEMORY for NULL. */
thor_status thor_inspect_print_json(json_t *object, thor_error *error);

#endif
