/* open-up.h - makes a daemon listen on all addresses that would listen on the loopback alone. There
 * it would serve nobody: in a machine of its own it is the only program. */
#ifndef TINYX_DRAFT_OPEN_UP_H
#define TINYX_DRAFT_OPEN_UP_H

#include "draft/draft.h"
#include "draft/ports.h"
#include "draft/service.h"

/* Changes the command of SERVICE and adds files, packages and notes to DRAFT, as RULES say, and as
 * rootfs/open-up has them for its program. */
void open_up(Draft *draft, Service *service, Tree *installed, const PortRules *rules);

#endif
