#include "base/nearest.h"

#include <string.h>

enum { LONGEST = 63 };

/* Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
static unsigned edits(const char *a, size_t n, const char *b, size_t m)
{
    unsigned rows[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[n % 3][m];
}

thor_nearest thor_nearest_start(const char *word)
{
    return (thor_nearest){ .word = word, .best = NULL, .distance = (unsigned)strlen(word) / 3 + 2 };
}

void thor_nearest_offer(thor_nearest *nearest, const char *candidate)
{
    size_t n = strlen(nearest->word), m = strlen(candidate);
    if (n > LONGEST || m > LONGEST)
        return;
    unsigned distance = edits(nearest->word, n, candidate, m);
    if (distance < nearest->distance && distance < (n > m ? n : m)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}
