#include "cli/print_json.h"

#include <stdio.h>

thor_status thor_print_json(json_t *object, thor_error *error)
{
    if (!object)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the JSON");
    int failed = json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (failed)
        return thor_fail(error, THOR_E_IO, "standard output: the JSON could not be written");
    putchar('\n');
    return THOR_OK;
}
