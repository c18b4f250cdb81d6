/* Codes of languages as people write them: "zh", "zh_Hans", "zho_Hans", "zh-CN", "ZH". */
#ifndef THOR_BASE_LANGUAGE_CODE_H
#define THOR_BASE_LANGUAGE_CODE_H

#include <stdbool.h>

/* Where the target begins in a direction, source-target. Behind the source there may be its script (four letters) or
 * its region (two capitals or three digits), with "-" or "_" before it: "zh-Hans-en", "pt_BR-de". Without a target the
 * whole text. */
const char *thor_language_target(const char *direction);

/* Is `code` the language whose code in ISO 639-1 is `two`: that, one of its codes in ISO 639-2 or 639-3, in any case,
 * with or without script and region? */
bool thor_language_is(const char *code, const char *two);

#endif
