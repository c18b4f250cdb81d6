/* JSON on standard output. */
#ifndef THOR_CLI_PRINT_JSON_H
#define THOR_CLI_PRINT_JSON_H

#include <jansson.h>

#include "base/status.h"

/* Prints and frees `object`; NULL stands for one that there was no memory for. */
thor_status thor_print_json(json_t *object, thor_error *error);

#endif
