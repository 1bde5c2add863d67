/* container.h - an application and its test on this machine, without a guest: traced, in
 * namespaces of their own, in a root that has all that was installed below what the image has.
 */
#ifndef TINYX_TRACE_CONTAINER_H
#define TINYX_TRACE_CONTAINER_H

#include "recipe/recipe.h"
#include "tree/tree.h"

/* Runs the applications of RECIPE as init does in a guest, and its test beside them. PLAN is the
 * image (a writable one: ROOTFS_CPIO), INSTALLED what the packages installed; where both have a
 * path, the image's counts, so that BusyBox stands where it stands in a guest. BUNDLE is
 * test_bundle(). Returns the uses of files (Use*). FAILED with the test's and the application's
 * last words where the test does not pass; TOOL where there are no namespaces, or no strace. */
GPtrArray *container_trace(const Recipe *recipe, Tree *plan, Tree *installed, const char *bundle,
                           GError **error);

/* The same of a draft, whose test may not pass yet: for SECONDS, or until its port is open. What it
 * used until then counts. FAILED gets what it asked for in vain (FailedCall*, see diagnose.h). */
GPtrArray *container_watch(const Recipe *recipe, Tree *plan, Tree *installed, const char *bundle,
                           int seconds, GPtrArray *failed, GError **error);

/* PLAN over INSTALLED, as described; for tests. */
Tree *container_tree(Tree *plan, Tree *installed, GError **error);

#endif
