#include "cluster/agree.h"

#include <stdlib.h>
#include <string.h>

enum { PART = 32 << 20 };       /* bytes */

thor_status thor_cluster_agree(const thor_cluster *cluster, thor_status status, thor_error *error)
{
    int32_t mine = (int32_t)status, found = 0, all[1024], *room = all;
    thor_error said = { .code = status };
    if (thor_cluster_alone(cluster))
        return status;
    if ((size_t)cluster->size > sizeof all / sizeof *all && !(room = malloc((size_t)cluster->size * sizeof *room))) {
        cluster->abort(cluster->state, 1);
        return THOR_E_MEMORY;
    }
    cluster->exchange(cluster->state, &mine, sizeof mine, room);
    int rank = 0;
    while (rank < cluster->size && room[rank] == THOR_OK)
        rank++;
    if (rank < cluster->size)
        found = room[rank];
    if (room != all)
        free(room);
    if (rank == cluster->size)
        return THOR_OK;
    /* The sentence of the lowest one goes by way of rank 0. */
    if (cluster->rank == rank && error)
        said = *error;
    if (rank > 0 && cluster->rank == rank)
        cluster->send(cluster->state, 0, &said, sizeof said);
    if (rank > 0 && cluster->rank == 0)
        cluster->receive(cluster->state, rank, &said, sizeof said);
    cluster->broadcast(cluster->state, &said, sizeof said);
    if (rank > 0)
        return thor_fail(error, (thor_status)found, "rank %d (%.60s): %.900s", rank, cluster->hosts[rank], said.text);
    return thor_fail(error, (thor_status)found, "%s", said.text);
}

bool thor_cluster_any(const thor_cluster *cluster, bool mine)
{
    unsigned char own = mine, all[1024], *room = all;
    bool any = false;
    if (thor_cluster_alone(cluster))
        return mine;
    if ((size_t)cluster->size > sizeof all && !(room = malloc((size_t)cluster->size))) {
        cluster->abort(cluster->state, 1);
        return true;
    }
    cluster->exchange(cluster->state, &own, 1, room);
    for (int rank = 0; rank < cluster->size; rank++)
        any = any || room[rank];
    if (room != all)
        free(room);
    return any;
}

bool thor_cluster_first_says(const thor_cluster *cluster, bool mine)
{
    unsigned char said = mine;
    if (!thor_cluster_alone(cluster))
        cluster->broadcast(cluster->state, &said, 1);
    return said;
}

void thor_cluster_spread(const thor_cluster *cluster, void *bytes, size_t count)
{
    if (thor_cluster_alone(cluster))
        return;
    for (size_t at = 0; at < count; at += PART)
        cluster->broadcast(cluster->state, (char *)bytes + at, count - at < PART ? count - at : PART);
}
