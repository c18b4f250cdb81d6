/* The script of a character (Unicode Standard Annex 24), for not learning pieces across scripts. */
#ifndef THOR_TEXT_SCRIPT_H
#define THOR_TEXT_SCRIPT_H

#include <stdint.h>

enum { THOR_SCRIPT_COMMON = 0, THOR_SCRIPT_INHERITED = 1 };

/* A number for the script; 0 for digits, punctuation and everything unassigned. Hiragana, Katakana and Han are one. */
int thor_script(uint32_t code);

#endif
