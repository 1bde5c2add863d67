/* whole.c - a draft is started with all that its packages installed, and traced. */
#include "draft/whole.h"

#include "base/cache.h"
#include "base/msg.h"
#include "draft/tryout.h"
#include "trace/diagnose.h"
#include "trace/trace.h"

#include <string.h>

#define SECONDS 40 /* strace makes it several times slower than a try-out */

/* What it asked for in vain, and what brings that. */
static void
note_failed(Draft *draft, const GPtrArray *failed) {
  for (guint i = 0; i < failed->len; i++) {
    const FailedCall *call = failed->pdata[i];
    if (call->cure != NULL)
      g_ptr_array_add(draft->notes,
                      g_strdup_printf("when it was tried, %s failed (%s); %s would bring it: %s",
                                      call->call, call->error, call->cure, call->reason));
  }
}

/* Traces the start of the recipe in the folder PLACE, DRAFT's. Returns its files.lock; *ADDED: how
 * many files that has. */
static FilesLock *
trace_whole(Draft *draft, const char *place, guint *added, GError **error) {
  g_autoptr(Recipe) recipe = recipe_load(place, error);
  g_auto(Trace) trace = {0};
  if (recipe == NULL || !trace_start(recipe, SECONDS, &trace, error))
    return NULL;
  note_failed(draft, trace.failed);
  *added = trace.coverage.added->len;
  return trace_lock(recipe, &trace, error);
}

static FilesLock *
trace_draft(Draft *draft, guint *added, GError **error) {
  g_autofree char *folder = cache_begin("try-out", "folder", error);
  FilesLock *lock = NULL;
  if (folder == NULL)
    return NULL;
  g_autofree char *place = g_build_filename(folder, draft->recipe->name, NULL);
  if (draft_write(draft, place, TRUE, error))
    lock = trace_whole(draft, place, added, error);
  cache_discard(folder);
  return lock;
}

/* What the draft leaves out by name (a private key that a maintainer script made) stays out, though
 * it was opened: an image with it would not be built. */
static void
leave_excluded(FilesLock *lock, const Recipe *recipe, guint *added) {
  for (guint i = lock->lines->len; i-- > 0;) {
    const FilesLine *line = lock->lines->pdata[i];
    if (recipe->exclude != NULL &&
        g_strv_contains((const char *const *)recipe->exclude, line->path)) {
      g_ptr_array_remove_index(lock->lines, i);
      (*added)--;
    }
  }
}

gboolean
draft_learn_whole(Draft *draft, gboolean *learned, GError **error) {
  g_autoptr(GError) why = NULL;
  g_autoptr(FilesLock) lock = NULL;
  guint added = 0;
  *learned = FALSE;
  if (draft->opened != NULL)
    return TRUE;
  msg_stage_detail("running it with all that was installed");
  lock = trace_draft(draft, &added, &why);
  if (why != NULL && why->code == TINYX_ERROR_INTERRUPTED) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  if (why != NULL)
    msg_verbose("%s", why->message);
  if (lock != NULL)
    leave_excluded(lock, draft->recipe, &added);
  *learned = added > 0;
  if (!*learned)
    return TRUE;
  draft->opened = g_steal_pointer(&lock);
  g_ptr_array_add(draft->notes,
                  g_strdup_printf("files.lock has %u files that it opened when it was tried with "
                                  "all that its packages installed",
                                  added));
  return TRUE;
}
