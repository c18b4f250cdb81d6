#define _DEFAULT_SOURCE     /* MAP_ANONYMOUS */
#include "tests/simd/guard.h"

#include <check.h>
#include <sys/mman.h>
#include <unistd.h>

guard guard_make(size_t room)
{
    guard g = { .page = (size_t)sysconf(_SC_PAGESIZE) };
    g.room = (room + g.page - 1) / g.page * g.page;
    void *p = mmap(NULL, g.room + 2 * g.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(p != MAP_FAILED);
    g.pages = p;
    ck_assert_int_eq(mprotect(g.pages + g.page, g.room, PROT_READ | PROT_WRITE), 0);
    return g;
}

void guard_free(guard *g)
{
    munmap(g->pages, g->room + 2 * g->page);
}

void *guard_at_end(const guard *g, size_t bytes)
{
    return g->pages + g->page + g->room - bytes;
}

void *guard_at_start(const guard *g)
{
    return g->pages + g->page;
}
