/* What makes a checkpoint the best, as --best-by, state.json and metrics.jsonl spell it. */
#include "run/run.h"

const char *const thor_best_by_names[THOR_BEST_BYS] = { "perplexity", "bleu", "chrf" };
