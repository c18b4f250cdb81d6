/* What the counts of routers say. */
#include <math.h>

#include "base/dmath.h"
#include "run/run_routing.h"

const char *thor_routing_group_name(const thor_routing_report *routing, int32_t group)
{
    const thor_names *names = routing->by_domain ? &routing->config->domains : &routing->config->languages;
    return group < names->count ? names->items[group] : "none";
}

/* Sums over what is asked for: rows, all choices, choices of `expert` (-1: none). */
typedef struct sums {
    double rows, choices, chosen;
} sums;

static void add_layer(sums *s, const thor_routing_report *routing, const thor_routing_layer *layer, int32_t group,
                      int32_t expert)
{
    for (int32_t g = 0; g < routing->groups; g++) {
        const double *chosen = layer->chosen + (ptrdiff_t)g * routing->experts;
        if (group >= 0 && g != group)
            continue;
        s->rows += layer->rows[g];
        for (int32_t e = 0; e < routing->experts; e++)
            s->choices += chosen[e];
        s->chosen += expert >= 0 ? chosen[expert] : 0;
    }
}

static sums sum_up(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t group, int32_t expert)
{
    sums s = { .rows = 0 };
    if (layer)
        add_layer(&s, routing, layer, group, expert);
    for (int32_t i = 0; !layer && i < routing->layer_count; i++)
        add_layer(&s, routing, &routing->layers[i], group, expert);
    return s;
}

double thor_routing_experts_per_token(const thor_routing_report *routing, const thor_routing_layer *layer,
                                      int32_t group)
{
    sums s = sum_up(routing, layer, group, -1);
    return s.rows > 0 ? s.choices / s.rows : NAN;
}

double thor_routing_share(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t group,
                          int32_t expert)
{
    sums s = sum_up(routing, layer, group, expert);
    return s.choices > 0 ? s.chosen / s.choices : NAN;
}

double thor_routing_evenness(const thor_routing_report *routing, const thor_routing_layer *layer)
{
    double entropy = 0;
    for (int32_t e = 0; e < routing->experts; e++) {
        double share = thor_routing_share(routing, layer, -1, e);
        if (isnan(share))
            return NAN;
        entropy -= share > 0 ? share * thor_ln(share) : 0;
    }
    return routing->experts > 1 ? entropy / thor_ln(routing->experts) : NAN;
}

bool thor_routing_is_unused(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t expert)
{
    return !(sum_up(routing, layer, -1, expert).chosen > 0);
}

bool thor_routing_is_excluded(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t expert)
{
    size_t words = thor_routing_words(routing);
    for (int64_t s = 0; s < layer->set_count; s++)
        if (layer->sets[(size_t)s * words + (size_t)expert / 64] >> (expert % 64) & 1)
            return false;
    return layer->set_count > 0;
}

double thor_routing_used_share(const thor_routing_report *routing)
{
    double used = 0;
    for (int32_t i = 0; i < routing->layer_count; i++)
        for (int32_t e = 0; e < routing->experts; e++)
            used += !thor_routing_is_unused(routing, &routing->layers[i], e);
    return routing->layer_count > 0 ? used / ((double)routing->layer_count * routing->experts) : NAN;
}

double thor_routing_candidate_sets(const thor_routing_report *routing)
{
    double sets = 0, mixtures = 0;
    for (int32_t i = 0; i < routing->layer_count; i++) {
        sets += (double)routing->layers[i].set_count;
        mixtures += routing->layers[i].set_count > 0;
    }
    return mixtures > 0 ? sets / mixtures : NAN;
}
