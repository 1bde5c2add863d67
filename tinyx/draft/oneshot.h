/* oneshot.h - a unit that ends by itself and that another one requires: it runs before that. */
#ifndef TINYX_DRAFT_ONESHOT_H
#define TINYX_DRAFT_ONESHOT_H

#include "draft/draft.h"
#include "draft/service.h"

/* Puts what ONCE, the service of the oneshot UNIT, runs before what FOR_WHOM does before its start,
 * once a boot, as its user and with its environment. DRAFT gets what that needs; what ONCE requires
 * itself, FOR_WHOM requires then. */
gboolean oneshot_add(Draft *draft, Tree *installed, Service *for_whom, Service *once,
                     GError **error);

#endif
