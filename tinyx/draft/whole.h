/* whole.h - a draft that does not start with the files that were found for it is started once with
 * all that its packages installed, and what it opens there is noted.
 *
 * No analysis finds what a program loads by a computed name, as interpreters do (Lua, Ruby, Java,
 * ...). A trace does, as for `tinyx build --trace` (trace/trace.h); but a draft has no test yet, so
 * only its start is traced.
 */
#ifndef TINYX_DRAFT_WHOLE_H
#define TINYX_DRAFT_WHOLE_H

#include "draft/draft.h"

/* Gives DRAFT a files.lock with the files that it opens there and lacks. *LEARNED: there were some.
 * The only error is INTERRUPTED; without a trace nothing is learned. */
gboolean draft_learn_whole(Draft *draft, gboolean *learned, GError **error);

#endif
