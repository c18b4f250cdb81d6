/* The other matrix back end. It is not part of the core: its last bits depend on the library, the CPU and the
 * threads. */
#ifndef THOR_SIMD_BLAS_H
#define THOR_SIMD_BLAS_H

#include "simd/compute.h"

/* Sets compute->backend by name: "reference" (the default) or "openblas". THOR_E_USAGE for another name, or where this
 * program was built without OpenBLAS. */
thor_status thor_backend_choose(thor_compute *compute, const char *name, thor_error *error);

/* OpenBLAS's version and core type, "OpenBLAS 0.3.21 … SkylakeX …"; "" where it was not built in. */
const char *thor_blas_name(void);

#endif
