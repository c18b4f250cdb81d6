/* The slots of a frame, as its line in the source file has them. */
#ifndef THOR_PHRASEBOOK_SLOTS_H
#define THOR_PHRASEBOOK_SLOTS_H

#include "book.h"
#include "source_file.h"

/* Reads "A=class B=class+class:word*3" into a frame. The program ends where the frame is NULL or has slots already. */
void add_slots(const struct book *book, struct frame *frame, const struct source *source, char *rest);

#endif
