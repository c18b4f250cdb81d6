/* The tables that exist; which of them are built stands in THOR_HAVE_AVX2, THOR_HAVE_AVX512 and THOR_HAVE_NEON. */
#ifndef THOR_SIMD_TABLES_H
#define THOR_SIMD_TABLES_H

#include "simd/kernels.h"

extern const thor_kernels thor_kernels_scalar, thor_kernels_avx2, thor_kernels_avx512, thor_kernels_neon;

/* Tables that compute with one of the above and with scalar, and stop the program where their bits differ. */
extern const thor_kernels thor_checked_scalar, thor_checked_avx2, thor_checked_avx512, thor_checked_neon;

/* Register tiles: as many sums as leave room for a row of B and an element of A. */
enum {
    TILE_ROWS_scalar = 4, TILE_COLUMNS_scalar = 16,
    TILE_ROWS_neon = 6, TILE_COLUMNS_neon = 16,         /* 24 sums, 4 of B, 2 of A in 32 registers */
    TILE_ROWS_avx2 = 6, TILE_COLUMNS_avx2 = 16,         /* 12 sums, 2 of B, 1 of A in 16 registers */
    TILE_ROWS_avx512 = 8, TILE_COLUMNS_avx512 = 48      /* 24 sums, 3 of B, 1 of A in 32 registers */
};

#endif
