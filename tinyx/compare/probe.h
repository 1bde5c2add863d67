/* probe.h - what is asked of a running domain from outside: open ports, requests a second. */
#ifndef TINYX_COMPARE_PROBE_H
#define TINYX_COMPARE_PROBE_H

#include "compare/figures.h"
#include "recipe/recipe.h"

typedef struct {
  Recipe recipe;   /* RECIPE with another test: for guest_test() */
  gboolean loaded; /* the recipe has a load */
} Probe;

/* TRUE if RECIPE has a load.sh. */
gboolean probe_has_load(const Recipe *recipe);

/* The script is compare/probe.sh and, where there is one, RECIPE's load.sh ("# package: NAME" and
 * "# program: NAME" lines in it say what it needs). RECIPE must outlive it. */
gboolean probe_init(Probe *probe, const Recipe *recipe, GError **error);
void probe_clear(Probe *probe);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Probe, probe_clear)

/* What the script printed, into RESULT. */
void probe_read(const Probe *probe, const char *output, Result *result);

/* "Memory: 21416K/32764K available (4098K kernel code, …": bytes of kernel code, or -1. */
gint64 probe_kernel_code(const char *console);

#endif
