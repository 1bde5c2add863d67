/* checklist.h - kconfig-heuristics/hardening.checklist: a published list of kernel options that
 * make attacks harder, and how much of it a configuration has. The file's head describes its lines.
 */
#ifndef TINYX_KERNEL_CHECKLIST_H
#define TINYX_KERNEL_CHECKLIST_H

#include "base/dotconfig.h"

typedef struct {
  char *group;     /* "self-protection" */
  char *condition; /* as the file has it: "DEBUG_CREDENTIALS=y | linux>=6.6.8" */
  char *why;       /* it is off, where it is */
} ChecklistItem;

typedef struct {
  char *name;
  GPtrArray *items; /* ChecklistItem* */
} Checklist;

void checklist_free(Checklist *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Checklist, checklist_free)

/* INPUT with file and line for what is none of it. */
Checklist *checklist_parse(const char *text, gsize size, const char *file, GError **error);
/* The one that comes with tinyx. */
Checklist *checklist_load(GError **error);

/* Whether CONFIG, of Linux VERSION ("6.1.192"), has what ITEM asks for. */
gboolean checklist_item_holds(const ChecklistItem *item, const DotConfig *config,
                              const char *version);
/* How many of LIST's items hold. */
guint checklist_count(const Checklist *list, const DotConfig *config, const char *version);

#endif
