/* try.h - a draft is tried out in containers, and corrected by what is seen there: its ports, what
 * was missing, a daemon that serves the loopback alone. What a kernel lacks shows in a domain only.
 */
#ifndef TINYX_DRAFT_TRY_H
#define TINYX_DRAFT_TRY_H

#include "draft/tryout.h"

/* Tries DRAFT out, and changes it, again as long as something is learned (some times at most).
 * INSTALLED has the files of its packages. That it could not be tried out is a note, not an error.
 */
gboolean draft_try(Draft *draft, const Tree *installed, GError **error);
/* What TRYOUT says goes into DRAFT: ports, memory, and notes for people. */
void draft_tryout_apply(const DraftTryout *tryout, Draft *draft);

#endif
