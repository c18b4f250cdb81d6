#include "pieces/segments.h"

#include "base/bytes.h"

bool thor_segments_add(thor_segments *segments, size_t start, size_t bytes, int32_t piece)
{
    if (!thor_grow(&segments->items, &segments->room, segments->count, 1, sizeof *segments->items))
        return false;
    segments->items[segments->count++] =
        (thor_segment){ .start = (uint32_t)start, .bytes = (uint32_t)bytes, .piece = piece };
    return true;
}
