#include "base/tensor.h"

#include <stdio.h>
#include <string.h>

static const struct { const char *name; size_t size; } types[] = {
    [THOR_F32] = { "F32", 4 }, [THOR_F16] = { "F16", 2 }, [THOR_BF16] = { "BF16", 2 }, [THOR_F64] = { "F64", 8 },
    [THOR_I32] = { "I32", 4 }, [THOR_I64] = { "I64", 8 }, [THOR_I8] = { "I8", 1 },     [THOR_U8] = { "U8", 1 },
};

size_t thor_dtype_size(thor_dtype dtype)
{
    return types[dtype].size;
}

const char *thor_dtype_name(thor_dtype dtype)
{
    return types[dtype].name;
}

int thor_dtype_from_name(const char *name)
{
    for (int i = 0; i < (int)(sizeof types / sizeof *types); i++)
        if (strcmp(types[i].name, name) == 0)
            return i;
    return strcmp(name, "BOOL") == 0 ? THOR_U8 : -1;
}

int64_t thor_tensor_count(const thor_tensor *tensor)
{
    int64_t count = 1;
    for (int i = 0; i < tensor->dims; i++) {
        int64_t n = tensor->shape[i];
        if (n < 0 || (n > 0 && count > INT64_MAX / n))
            return -1;
        count *= n;
    }
    return count;
}

const char *thor_position_text(char text[96], int dims, const int64_t *shape, int64_t at)
{
    int64_t place[THOR_MAX_DIMS];
    size_t used = 0;
    text[0] = '\0';
    for (int i = dims - 1; i >= 0; i--) {
        place[i] = shape[i] > 0 ? at % shape[i] : 0;
        at = shape[i] > 0 ? at / shape[i] : 0;
    }
    for (int i = 0; i < dims; i++)
        used += (size_t)snprintf(text + used, 96 - used, "%s%lld%s", i ? "," : "[", (long long)place[i],
                                 i == dims - 1 ? "]" : "");
    return text;
}
