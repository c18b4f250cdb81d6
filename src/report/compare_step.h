/* How far parameters moved. */
#ifndef THOR_REPORT_COMPARE_STEP_H
#define THOR_REPORT_COMPARE_STEP_H

#include "base/tensor_list.h"

/* A sentence on (theirs - initial) over (ours - initial), over all tensors that the three lists share; nothing where
 * there are none or nothing moved. */
void thor_compare_steps(char *text, size_t room, const thor_tensor_list *ours, const thor_tensor_list *theirs,
                        const thor_tensor_list *initial);

#endif
