/* companions.h - the services that a draft's own are started with, and in which order.
 *
 * A unit may require another one (Requires=, BindsTo=), or a message bus (Type=dbus): that becomes
 * an application of its own in the image. Who is started after whom (also by Wants= and After=) is
 * a line before the start that waits. rootfs/unit.companions has what a unit does not say.
 */
#ifndef TINYX_DRAFT_COMPANIONS_H
#define TINYX_DRAFT_COMPANIONS_H

#include "draft/draft.h"

/* What the unit of SERVICE says of others goes to SERVICE->wanted and ->after. */
void companions_read(Service *service, const Unit *unit);
/* Adds what the services of DRAFT require, and makes each wait for those it comes after. INPUT with
 * the unit's line for what no package brings where the service cannot do without. */
gboolean companions_add(Draft *draft, Tree *installed, GError **error);

#endif
