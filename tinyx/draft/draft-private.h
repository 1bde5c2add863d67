/* draft-private.h - between make.c and draft.c. */
#ifndef TINYX_DRAFT_DRAFT_PRIVATE_H
#define TINYX_DRAFT_DRAFT_PRIVATE_H

#include "draft/draft.h"

/* An empty draft of the recipe NAME. */
void draft_init(Draft *draft, const char *name);
/* What the kernel has for SERVICE, whatever evidence its files give. */
void draft_add_kernel(Draft *draft, const Service *service);

#endif
