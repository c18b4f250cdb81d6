/* Asks for memory that will be read soon. A hint: nothing where the compiler has no such thing. */
#ifndef THOR_BASE_PREFETCH_H
#define THOR_BASE_PREFETCH_H

#if defined(__GNUC__)
#define THOR_PREFETCH(address) __builtin_prefetch(address)
#else
#define THOR_PREFETCH(address) ((void)(address))
#endif

#endif
