/* find.h - what a package runs: its unit, its init script, its desktop entry or its program. */
#ifndef TINYX_DRAFT_FIND_H
#define TINYX_DRAFT_FIND_H

#include "draft/service.h"

typedef struct {
  Service *service;
  char *package; /* the package that has its unit, script or program */
  guint others;  /* how many more units of the package are daemons */
} Found;

/* The service that a person most likely means by PACKAGE: one of its own or of the packages in
 * DIRECT, which it depends on, but none of the units OVER (may be NULL). NOTES (char*) gets the
 * services that were passed over. INPUT where there is none, with the reason. */
gboolean find_service(Tree *installed, const char *package, const char *const *direct,
                      const char *const *over, Found *found, GPtrArray *notes, GError **error);
/* The service of the installed unit NAME ("x.service", or an instance "x@y.service"). */
gboolean find_named(Tree *installed, const char *name, Found *found, GError **error);
void found_clear(Found *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

/* The text of the installed file PATH; NULL where it is not there, or is no text. g_free. */
char *find_text(const Tree *installed, const char *path);

#endif
