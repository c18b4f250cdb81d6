#include "score/averages.h"

#include <string.h>

thor_averages thor_averages_of(const char *const *languages, const double *scores, size_t count)
{
    thor_averages averages = { .directions = count };
    for (size_t i = 0; i < count; i++) {
        thor_group group = thor_group_of(languages[i]);
        averages.all += scores[i];
        if (group == THOR_GROUP_NONE)
            continue;
        averages.mean[group] += scores[i];
        averages.count[group]++;
    }
    averages.all = count ? averages.all / (double)count : 0;
    averages.has_weighted = true;
    for (int g = 0; g < THOR_GROUPS; g++) {
        if (averages.count[g] > 0)
            averages.mean[g] /= (double)averages.count[g];
        else
            averages.has_weighted = false;
    }
    averages.weighted = (8 * averages.mean[THOR_GROUP_HIGH] + 4 * averages.mean[THOR_GROUP_MEDIUM] +
                         4 * averages.mean[THOR_GROUP_LOW]) / 16;
    return averages;
}

bool thor_direction_parse(const char *direction, bool *from_english, const char **other, size_t *length)
{
    const char *dash = strchr(direction, '-');
    if (!dash || dash == direction || dash[1] == '\0' || strchr(dash + 1, '-'))
        return false;
    bool source = dash - direction == 2 && strncmp(direction, "en", 2) == 0;
    bool target = strcmp(dash + 1, "en") == 0;
    *from_english = source;
    *other = source ? dash + 1 : direction;
    *length = source ? strlen(dash + 1) : (size_t)(dash - direction);
    return source != target;
}
