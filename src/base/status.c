#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

thor_status thor_fail(thor_error *error, thor_status code, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        error->code = code;
    }
    return code;
}

int thor_exit_code(thor_status status)
{
    if (status == THOR_OK)
        return 0;
    return status == THOR_E_USAGE ? 2 : 1;
}
