#include "report/compare_step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/element.h"

typedef struct {
    double both, ours, theirs;  /* sums of products of the moves */
} sums;

static void add(sums *s, const thor_tensor *ours, const thor_tensor *theirs, const thor_tensor *initial)
{
    for (int64_t i = 0; i < thor_tensor_count(ours); i++) {
        double began = thor_element(initial, i), a = thor_element(ours, i) - began, b = thor_element(theirs, i) - began;
        s->both += a * b;
        s->ours += a * a;
        s->theirs += b * b;
    }
}

void thor_compare_steps(char *text, size_t room, const thor_tensor_list *ours, const thor_tensor_list *theirs,
                        const thor_tensor_list *initial)
{
    sums s = { 0, 0, 0 };
    text[0] = '\0';
    for (size_t i = 0; i < ours->count; i++) {
        const thor_tensor *a = &ours->items[i], *b = thor_tensor_list_find(theirs, a->name);
        const thor_tensor *began = thor_tensor_list_find(initial, a->name);
        int64_t count = thor_tensor_count(a);
        if (b && began && thor_tensor_count(b) == count && thor_tensor_count(began) == count)
            add(&s, a, b, began);
    }
    if (!(s.ours > 0) || !isfinite(s.theirs))
        return;
    double ratio = s.both / s.ours, left = sqrt(fmax(0, s.theirs - ratio * s.both) / s.ours);
    snprintf(text, room, "theirs moved %.6g times as far as ours, %s (what is left: %.2g)", ratio,
             left <= 0.02 * fabs(ratio) ? "nearly alike in all elements" : "not alike in all elements", left);
}
