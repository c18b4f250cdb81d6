/* Names for what is written beside its final name. */
#ifndef THOR_BASE_ASIDE_H
#define THOR_BASE_ASIDE_H

/* Who makes one and finds it taken asks for another, so many times. */
enum { THOR_ASIDE_TRIES = 16 };

/* "PATH.KIND-N", N a number of 64 bits made of the machine's name, the process, the time and chance: processes on
 * several machines or in several containers that share a disk have different ones, though their process numbers are
 * the same. A new one for each call; the caller frees. NULL without memory. Make it exclusively (O_EXCL, mkdir): a name
 * that exists is somebody else's. */
char *thor_aside_name(const char *path, const char *kind);

#endif
