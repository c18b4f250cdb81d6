/* The parts of `thor inspect`: a configuration on paper, routers at work, the course of a training. */
#ifndef THOR_CLI_INSPECT_CLI_H
#define THOR_CLI_INSPECT_CLI_H

#include "cli/opt.h"
#include "decode/opened_model.h"
#include "run/run_routing.h"

typedef struct thor_inspect_options {
    const char *recipe, *setup, *scale, *model, *data, *split, *losses, *svg, *isa;
    int64_t threads, languages, domains, length;      /* languages 0: as the set-up has */
    bool json;
    thor_opt_list set, operands;
} thor_inspect_options;

/* --- inspect_plan.c --- */

/* Parameters, memory and work of --recipe, --scale and --set, or of the model -m, printed as text or JSON. */
thor_status thor_inspect_plan(const thor_inspect_options *options, thor_error *error);

/* --- inspect_report.c --- */

/* "encoder layer 1, by source language", "…, by domain" */
void thor_inspect_layer_title(const thor_routing_report *routing, const thor_routing_layer *layer, char title[128]);
thor_status thor_inspect_routing_print(const thor_routing_report *routing, thor_error *error);
thor_status thor_inspect_routing_json(const thor_routing_report *routing, thor_error *error);

/* --- inspect_svg.c --- */
thor_status thor_inspect_routing_svg(const thor_routing_report *routing, const char *path, thor_error *error);

/* --- inspect_losses.c --- */

/* A table of RUN/metrics.jsonl, and its curves as SVG where --svg is given. */
thor_status thor_inspect_losses(const thor_inspect_options *options, thor_error *error);

#endif
