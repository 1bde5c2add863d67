/* whole.h - a draft that does not start from the files that were found for it: what does it open
 * when it starts from all that its packages installed?
 *
 * What an interpreter's program loads by name (Lua, Ruby, Java, ...) no analysis finds. The trace
 * of `tinyx build --trace` does (trace/trace.h); a draft has no test yet, so it is the start that
 * is traced.
 */
#ifndef TINYX_DRAFT_WHOLE_H
#define TINYX_DRAFT_WHOLE_H

#include "draft/draft.h"

/* *LEARNED: DRAFT got a files.lock with files that it lacked, worth another tryout. INTERRUPTED
 * only. */
gboolean draft_learn_whole(Draft *draft, gboolean *learned, GError **error);

#endif
