/* Prints the statistics of made-up numbers for significance.py. */
#include <stdio.h>

#include "score/bootstrap.h"
#include "score/multiple.h"
#include "score/permutation.h"
#include "tests/score/made_scores.h"

enum { SETS = 3, SYSTEMS = 4, RESAMPLES = 10000 };

static double scores[SETS][SYSTEMS][RESAMPLES];
static double observed[SETS][SYSTEMS];

static int resample(void)
{
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    static double rows[SYSTEMS][MADE_SENTENCES * MADE_COLUMNS];
    thor_pcg64 generator = thor_pcg64_make(THOR_BOOTSTRAP_SEED);
    for (int set = 0; set < SETS; set++) {
        thor_resampled texts[SYSTEMS];
        for (int s = 0; s < SYSTEMS; s++) {
            double sums[MADE_COLUMNS] = { 0 };
            for (int i = 0; i < MADE_SENTENCES; i++) {
                made_row(set, s, i, rows[s] + i * MADE_COLUMNS);
                for (int c = 0; c < MADE_COLUMNS; c++)
                    sums[c] += rows[s][i * MADE_COLUMNS + c];
            }
            observed[set][s] = thor_metric_score(&metric, sums, false);
            texts[s] = (thor_resampled){ rows[s], scores[set][s] };
        }
        if (thor_bootstrap_together(&metric, &generator, MADE_SENTENCES, RESAMPLES, texts, SYSTEMS, NULL) != THOR_OK)
            return 1;
    }
    return 0;
}

static double mean_of(double values[SETS][SYSTEMS], int system)
{
    return (values[0][system] + values[1][system] + values[2][system]) / SETS;
}

int main(void)
{
    static double differences[RESAMPLES];
    double p[SYSTEMS], corrected[SYSTEMS], many[28];
    if (resample())
        return 1;
    for (int s = 1; s < SYSTEMS; s++) {
        for (int r = 0; r < RESAMPLES; r++)
            differences[r] = (scores[0][s][r] + scores[1][s][r] + scores[2][s][r]) / SETS -
                             (scores[0][0][r] + scores[1][0][r] + scores[2][0][r]) / SETS;
        p[s - 1] = thor_bootstrap_mean_p(differences, RESAMPLES, mean_of(observed, s) - mean_of(observed, 0));
        printf("bootstrap %d %.17g\n", s, p[s - 1]);
    }
    thor_holm(p, SYSTEMS - 1, corrected);
    for (int s = 1; s < SYSTEMS; s++)
        printf("holm %d %.17g\n", s, corrected[s - 1]);
    for (int i = 0; i < 28; i++)
        many[i] = (i * 7 % 11 - 4) / 8.0;
    printf("permutation 12 %.17g\n", thor_permutation_p(many, 12, THOR_BOOTSTRAP_SEED));
    printf("permutation 28 %.17g\n", thor_permutation_p(many, 28, THOR_BOOTSTRAP_SEED));
    printf("kendall 28 %.17g\n", thor_kendall_tau(many, many + 5, 20));
    return 0;
}
