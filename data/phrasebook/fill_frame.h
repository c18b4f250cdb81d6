/* Fills a frame with words: one sentence in one language. */
#ifndef THOR_PHRASEBOOK_FILL_FRAME_H
#define THOR_PHRASEBOOK_FILL_FRAME_H

#include <stddef.h>

#include "book.h"

enum { MOST_BYTES = 1024 };

/* One frame in one language with one word per slot. */
struct filling {
    const struct book *book;
    const struct frame *frame;
    const char *file;           /* the frames' file, for errors */
    int language;
    const struct word *pick[MOST_SLOTS];
    char text[MOST_BYTES];      /* the sentence so far */
    size_t length;
};

/* The sentence, a copy that belongs to the book's pool. Ends the program where the frame names what is not there, or
 * where the sentence has not the shape of one: a capital, a mark at the end, blanks between words alone. */
char *fill_frame(struct filling *filling);

#endif
