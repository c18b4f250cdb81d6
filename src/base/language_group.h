/* Languages by how much data they have: the groups of the tables of multilingual translation (OPUS-16). */
#ifndef THOR_BASE_LANGUAGE_GROUP_H
#define THOR_BASE_LANGUAGE_GROUP_H

typedef enum thor_group {
    THOR_GROUP_HIGH,
    THOR_GROUP_MEDIUM,
    THOR_GROUP_LOW,
    THOR_GROUPS,
    THOR_GROUP_NONE = THOR_GROUPS
} thor_group;

/* high: zh eu bg sk sl hr pt de; medium: rw as nb ga; low: se mr fy (Zhao et al. 2024); other languages are in none. */
thor_group thor_group_of(const char *language);
/* "high", "medium", "low", "-" */
const char *thor_group_name(thor_group group);

#endif
