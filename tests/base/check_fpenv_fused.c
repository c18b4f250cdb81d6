/* The probe of fpenv.h where the compiler is told to fuse, against the command line. */
#if defined(__clang__)
#pragma clang fp contract(fast)
#else
#pragma GCC optimize("O2", "fp-contract=fast")   /* gcc fuses from -O2 on */
#endif
#include "base/fpenv.h"

bool fused_probe(void);

bool fused_probe(void)
{
    return thor_fp_contracts();
}
