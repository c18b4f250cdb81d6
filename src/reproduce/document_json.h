/* The report as JSON: every number of the tables with what it was compared with. */
#ifndef THOR_REPRODUCE_DOCUMENT_JSON_H
#define THOR_REPRODUCE_DOCUMENT_JSON_H

#include <jansson.h>

#include "reproduce/document.h"

/* {"title", "claims", "tables", "pictures", "notes", "measured"}; what was measured stands under "measured" alone. The
 * caller adds to it and frees it; NULL without memory. */
json_t *thor_document_json(const thor_document *document);

#endif
