/* open-up.h - a daemon that listens on the loopback alone serves nobody: in a machine of its own it
 * is the only program. */
#ifndef TINYX_DRAFT_OPEN_UP_H
#define TINYX_DRAFT_OPEN_UP_H

#include "draft/draft.h"
#include "draft/ports.h"
#include "draft/service.h"

/* Changes SERVICE's command and adds to DRAFT's files, packages and notes what makes it listen for
 * others, by RULES and by rootfs/open-up. */
void open_up(Draft *draft, Service *service, Tree *installed, const PortRules *rules);

#endif
