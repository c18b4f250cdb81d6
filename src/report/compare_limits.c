/* What the correct program was measured to differ by (thor-gpu-check(7), "What is usual"), with room above it. */
#include <string.h>

#include "report/compare.h"

typedef struct {
    const char *name, *long_name;
    double atol, tie;
    thor_compare_limits limits[THOR_COMPARE_KINDS];
} precision;

/* TF32 and binary16 have the same fraction. */
#define TEN_BITS { [THOR_COMPARE_FORWARD] = { .rtol = 0.008, .norm = 0.002 }, \
                   [THOR_COMPARE_LOSSES] = { .rtol = 0.004 }, \
                   [THOR_COMPARE_GRADIENTS] = { .norm = 0.12, .median = 0.025 }, \
                   [THOR_COMPARE_BACKWARD] = { .norm = 0.2, .median = 0.04 }, \
                   [THOR_COMPARE_MOMENTS] = { .norm = 0.25 }, [THOR_COMPARE_AFTER] = { .shown_only = true } }

static const precision precisions[] = {
    { "f32", "float32", 1e-8, 1e-6,
      { [THOR_COMPARE_FORWARD] = { .rtol = 1e-5, .suspicious = 1.5e-6 }, [THOR_COMPARE_LOSSES] = { .rtol = 1e-5 },
        [THOR_COMPARE_GRADIENTS] = { .rtol = 1e-5, .suspicious = 4e-6 },
        [THOR_COMPARE_BACKWARD] = { .rtol = 1e-5, .suspicious = 4e-6 }, [THOR_COMPARE_MOMENTS] = { .rtol = 2e-5 },
        [THOR_COMPARE_AFTER] = { .rtol = 1e-4 } } },
    { "tf32", "tensorfloat32", 1e-6, 2e-3, TEN_BITS },
    { "f16", "float16", 1e-6, 2e-3, TEN_BITS },
    { "bf16", "bfloat16", 1e-6, 1e-2,
      { [THOR_COMPARE_FORWARD] = { .rtol = 0.04, .norm = 0.015 }, [THOR_COMPARE_LOSSES] = { .rtol = 0.02 },
        [THOR_COMPARE_GRADIENTS] = { .norm = 0.18, .median = 0.035 },
        [THOR_COMPARE_BACKWARD] = { .norm = 0.3, .median = 0.06 }, [THOR_COMPARE_MOMENTS] = { .norm = 0.4 },
        [THOR_COMPARE_AFTER] = { .shown_only = true } } },
};

bool thor_compare_precision(thor_compare_options *options, const char *name)
{
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        const precision *p = &precisions[i];
        if (strcmp(name, p->name) != 0 && strcmp(name, p->long_name) != 0)
            continue;
        options->atol = p->atol;
        options->tie = p->tie;
        memcpy(options->limits, p->limits, sizeof options->limits);
        return true;
    }
    return false;
}

void thor_compare_use_rtol(thor_compare_options *options, double rtol)
{
    for (int kind = 0; kind < THOR_COMPARE_KINDS; kind++)
        options->limits[kind] = (thor_compare_limits){ .rtol = rtol };
}
