/* Which kernel table to use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/tables.h"

enum { TABLES = 4 };

typedef struct candidate {
    const char *name;
    const thor_kernels *table, *checked;    /* NULL: not built */
    bool usable;
} candidate;

/* From the slowest to the fastest. */
static void list_candidates(candidate list[TABLES])
{
    thor_cpu cpu = thor_cpu_ask();
    list[0] = (candidate){ "scalar", &thor_kernels_scalar, &thor_checked_scalar, true };
    list[1] = (candidate){ "neon", NULL, NULL, cpu.neon };
    list[2] = (candidate){ "avx2", NULL, NULL, cpu.avx2 };
    list[3] = (candidate){ "avx512", NULL, NULL, cpu.avx512 };
#ifdef THOR_HAVE_NEON
    list[1].table = &thor_kernels_neon;
    list[1].checked = &thor_checked_neon;
#endif
#ifdef THOR_HAVE_AVX2
    list[2].table = &thor_kernels_avx2;
    list[2].checked = &thor_checked_avx2;
#endif
#ifdef THOR_HAVE_AVX512
    list[3].table = &thor_kernels_avx512;
    list[3].checked = &thor_checked_avx512;
#endif
}

static bool can_run(const candidate *c)
{
    return c->table && c->usable;
}

static thor_status refuse(const candidate list[TABLES], const char *isa, const char *reason, thor_error *error)
{
    char names[64] = "auto, checked";
    for (int i = 0; i < TABLES; i++)
        if (can_run(&list[i]))
            snprintf(names + strlen(names), sizeof names - strlen(names), ", %s", list[i].name);
    return thor_fail(error, THOR_E_USAGE, "instruction set '%.40s' %s; here one can choose: %s", isa, reason, names);
}

thor_status thor_kernels_choose(const thor_kernels **kernels, const char *isa, thor_error *error)
{
    if (!isa || !*isa)
        isa = getenv("THOR_ISA");
    if (!isa || !*isa)
        isa = "auto";
    candidate list[TABLES];
    list_candidates(list);
    bool checked = strcmp(isa, "checked") == 0;
    if (checked || strcmp(isa, "auto") == 0) {
        for (int i = 0; i < TABLES; i++)
            if (can_run(&list[i]))
                *kernels = checked ? list[i].checked : list[i].table;
        return THOR_OK;
    }
    for (int i = 0; i < TABLES; i++) {
        if (strcmp(isa, list[i].name) != 0)
            continue;
        if (!list[i].table)
            return refuse(list, isa, "was not built into this program", error);
        if (!list[i].usable)
            return refuse(list, isa, "is more than this CPU or operating system has", error);
        *kernels = list[i].table;
        return THOR_OK;
    }
    return refuse(list, isa, "is not known", error);
}

int thor_kernels_list(const thor_kernels *tables[], int room)
{
    candidate list[TABLES];
    int count = 0;
    list_candidates(list);
    for (int i = 0; i < TABLES && count < room; i++)
        if (can_run(&list[i]))
            tables[count++] = list[i].table;
    return count;
}
