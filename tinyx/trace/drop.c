/* drop.c - finds out by tests which of the files that nobody opened can be dropped. */
#include "trace/drop.h"

#include "base/msg.h"
#include "search/search.h"

#include <string.h>

/* What a file costs beside its bytes: a header in the archive, an inode in memory. */
#define ENTRY_BYTES 150

typedef struct {
  const DropOracle *oracle;
  FilesLock *base;  /* with nothing dropped */
  GPtrArray *items; /* CoverageUnopened* */
  DropReport *report;
} Drop;

static void
drop_clear(Drop *drop) {
  files_lock_free(drop->base);
  g_clear_pointer(&drop->items, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Drop, drop_clear)

static FilesLock *
lock_copy(const FilesLock *lock, gboolean drops) {
  FilesLock *copy = files_lock_new(lock->file, lock->application);
  facts_add_all(copy->facts, lock->facts);
  copy->opened = lock->opened;
  copy->unopened = lock->unopened;
  copy->unopened_bytes = lock->unopened_bytes;
  for (guint i = 0; i < lock->lines->len; i++) {
    const FilesLine *line = lock->lines->pdata[i];
    if (drops || line->mark != FILES_DROP)
      files_lock_add(copy, line->mark, line->path, line->reason.kind,
                     line->reason.by != NULL ? line->reason.by : line->reason.detail);
  }
  return copy;
}

/* The lock that drops the items which REMOVED marks; NULL: all items. */
static FilesLock *
lock_without(const Drop *drop, const guint8 *removed) {
  FilesLock *lock = lock_copy(drop->base, FALSE);
  for (guint i = 0; i < drop->items->len; i++) {
    const CoverageUnopened *item = drop->items->pdata[i];
    if (removed == NULL || removed[i])
      files_lock_add(lock, FILES_DROP, item->path, REASON_LOCK,
                     "never opened; the test passes without it");
  }
  return lock;
}

static gboolean
try_lock(Drop *drop, const FilesLock *lock, gboolean *passed, char **why, GError **error) {
  drop->report->tries++;
  return drop->oracle->passes(lock, passed, why, drop->oracle->data, error);
}

static char *
set_key(guint8 *removed, gpointer data, GError **error) {
  const Drop *drop = data;
  (void)error;
  return g_compute_checksum_for_data(G_CHECKSUM_SHA256, removed, drop->items->len);
}

static gboolean
is_everything(const Drop *drop, const guint8 *removed) {
  return memchr(removed, 0, drop->items->len) == NULL;
}

static gboolean
is_used_up(const Drop *drop) {
  return drop->oracle->most_tries > 0 && drop->report->tries >= drop->oracle->most_tries;
}

/* Runs the test without the files that REMOVED marks. */
static gboolean
try_without(Drop *drop, const guint8 *removed, gboolean *passed, GError **error) {
  g_autoptr(FilesLock) lock = lock_without(drop, removed);
  g_autofree char *why = NULL;
  guint count = 0;
  for (guint i = 0; i < drop->items->len; i++)
    count += removed[i];
  msg_stage_detail("%u of %u files dropped, try %u", count, drop->items->len,
                   drop->report->tries + 1);
  if (!try_lock(drop, lock, passed, &why, error))
    return FALSE;
  msg_verbose("without %u files: %s", count, *passed ? "passed" : why != NULL ? why : "failed");
  return TRUE;
}

/* Answers SEARCH's questions, one at a time, until it has no more or the tries are used up. */
static gboolean
answer_questions(Drop *drop, Search *search, GError **error) {
  const SearchQuestion *question;
  while (search_next(search, &question, error)) {
    gboolean passed = FALSE, known = question != NULL && is_everything(drop, question->removed);
    if (question == NULL || (!known && is_used_up(drop)))
      return TRUE;
    /* That not everything can go was found out before the search. */
    if (!known && !try_without(drop, question->removed, &passed, error))
      return FALSE;
    search_answer(search, question, passed ? SEARCH_PASS : SEARCH_FAIL, 0);
  }
  return FALSE;
}

/* The guesses for the search. The test failed without all files together, so some are needed: few
 * of them, since the trace saw none opened, and most likely those whose existence was asked for. */
static SearchItem *
search_items(const Drop *drop) {
  guint n = drop->items->len;
  SearchItem *items = g_new0(SearchItem, n);
  double likely = MIN(0.3, 2.0 / n);
  for (guint i = 0; i < n; i++) {
    const CoverageUnopened *item = drop->items->pdata[i];
    items[i].weight = (double)item->size + ENTRY_BYTES;
    items[i].needed = item->looked_at ? MIN(0.5, 8 * likely) : likely;
    items[i].group = item->package;
  }
  return items;
}

static void
take_outcome(Drop *drop, const SearchOutcome *outcome, FilesLock *lock) {
  for (guint i = 0; i < drop->items->len; i++) {
    const CoverageUnopened *item = drop->items->pdata[i];
    if (outcome->removed[i]) {
      files_lock_add(lock, FILES_DROP, item->path, REASON_LOCK,
                     "never opened; the test passes without it");
      drop->report->dropped++;
      drop->report->bytes += item->size;
    } else if (outcome->items[i].fate == SEARCH_NEEDED) {
      files_lock_add(lock, FILES_KEEP, item->path, REASON_LOCK,
                     "never opened, but the test fails without it");
      drop->report->needed++;
    } else {
      drop->report->untried++;
    }
  }
  lock->untried = drop->report->untried;
}

static gboolean
search_groups(Drop *drop, FilesLock *lock, GError **error) {
  g_autofree SearchItem *items = search_items(drop);
  g_auto(SearchOutcome) outcome = {0};
  double sum = 0;
  for (guint i = 0; i < drop->items->len; i++)
    sum += items[i].weight;
  SearchOptions options = {.tolerance = sum / 100};
  g_autoptr(Search) search = search_new(items, drop->items->len, set_key, drop, &options);
  if (!answer_questions(drop, search, error))
    return FALSE;
  search_outcome(search, &outcome);
  take_outcome(drop, &outcome, lock);
  return TRUE;
}

/* The test must pass with nothing dropped, else its failures say nothing about dropped files. */
static gboolean
check_base(Drop *drop, const char *all_why, GError **error) {
  g_autofree char *why = NULL;
  gboolean passed = FALSE;
  if (!try_lock(drop, drop->base, &passed, &why, error))
    return FALSE;
  if (!passed)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "the test does not pass even with nothing dropped: %s",
                why != NULL       ? why
                : all_why != NULL ? all_why
                                  : "no reason is known");
  return passed;
}

static void
everything_drop(Drop *drop, FilesLock *lock) {
  for (guint i = 0; i < drop->items->len; i++) {
    const CoverageUnopened *item = drop->items->pdata[i];
    files_lock_add(lock, FILES_DROP, item->path, REASON_LOCK,
                   "never opened; the test passes without it");
    drop->report->dropped++;
    drop->report->bytes += item->size;
  }
}

static gboolean
find(Drop *drop, FilesLock *lock, GError **error) {
  g_autoptr(FilesLock) all = lock_without(drop, NULL);
  g_autofree char *why = NULL;
  gboolean passed = FALSE;
  msg_stage_detail("all %u dropped", drop->items->len);
  if (!try_lock(drop, all, &passed, &why, error))
    return FALSE;
  if (passed) {
    everything_drop(drop, lock);
    return TRUE;
  }
  msg_verbose("without all %u files: %s", drop->items->len, why != NULL ? why : "failed");
  return check_base(drop, why, error) && search_groups(drop, lock, error);
}

gboolean
drop_find(const Coverage *coverage, FilesLock *lock, const DropOracle *oracle, DropReport *report,
          GError **error) {
  g_auto(Drop) drop = {.oracle = oracle,
                       .base = lock_copy(lock, FALSE),
                       .items = g_ptr_array_new(),
                       .report = report};
  memset(report, 0, sizeof *report);
  for (guint i = 0; i < coverage->unopened->len; i++) {
    CoverageUnopened *item = coverage->unopened->pdata[i];
    const FilesLine *line = files_lock_find(lock, item->path);
    if (line != NULL && line->mark == FILES_KEEP)
      report->needed++; /* an earlier search found that */
    else
      g_ptr_array_add(drop.items, item);
  }
  for (guint i = lock->lines->len; i > 0; i--) /* what was dropped before is asked again */
    if (((FilesLine *)lock->lines->pdata[i - 1])->mark == FILES_DROP)
      g_ptr_array_remove_index(lock->lines, i - 1);
  if (drop.items->len > 0)
    return find(&drop, lock, error);
  return check_base(&drop, NULL, error);
}
