/* Characters of UTF-8, and the words that they make. */
#ifndef THOR_PHRASEBOOK_LETTERS_H
#define THOR_PHRASEBOOK_LETTERS_H

#include <stddef.h>

/* Bytes of the character at `text`, or 0 where it is not valid UTF-8. The text ends with a zero byte. */
size_t character_length(const char *text);

/* Makes the first letter a capital, of as many bytes: ASCII, Latin-1 and Cyrillic suffice. */
void capitalise(char *text);

/* The next word from *at, which moves behind it: its first byte, and its length in *length; NULL at the end. A Chinese
 * word is one character; in French a word ends with its apostrophe. All but the sentence's marks belongs to a word. */
const char *next_word(const char **at, int language, size_t *length);

#endif
