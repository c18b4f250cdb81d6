/* Little-endian numbers on any machine. */
#ifndef THOR_BASE_LITTLE_ENDIAN_H
#define THOR_BASE_LITTLE_ENDIAN_H

#include <stdint.h>

uint32_t thor_get32(const unsigned char *p);
uint64_t thor_get64(const unsigned char *p);
void thor_put32(unsigned char *p, uint32_t value);
void thor_put64(unsigned char *p, uint64_t value);

#endif
