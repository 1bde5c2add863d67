/* find.h - what a package runs: its unit, its init script, its desktop entry or its program. */
#ifndef TINYX_DRAFT_FIND_H
#define TINYX_DRAFT_FIND_H

#include "draft/service.h"

typedef struct {
  Service *service;
  char *package; /* that owns it */
  guint others;  /* units of the package that run on, too */
} Found;

/* The likeliest of PACKAGE and the packages in DIRECT, none of the units OVER (or NULL); NOTES
 * (char*) gets what was passed over. INPUT where there is none, with the reason. */
gboolean find_service(Tree *installed, const char *package, const char *const *direct,
                      const char *const *over, Found *found, GPtrArray *notes, GError **error);
void found_clear(Found *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

/* The text of an installed file, or NULL; g_free. */
char *find_text(const Tree *installed, const char *path);

#endif
