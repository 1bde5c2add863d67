/* values.h - kconfig-heuristics/values.config: other values of symbols that are worth a trial, with
 * what each is expected to save. A line is the bytes, and then a line as in a fragment:
 *
 *   250000  CONFIG_KERNEL_XZ=y  # xz packs a fifth tighter than gzip
 */
#ifndef TINYX_MINIMIZE_VALUES_H
#define TINYX_MINIMIZE_VALUES_H

#include "kernel/kernel.h"

typedef struct {
  SymbolRequest *request;
  guint64 saves; /* bytes of the packed kernel; 0: it saves something else */
} ValueChoice;

ValueChoice *value_choice_new(SymbolRequest *request, guint64 saves); /* takes REQUEST */
void value_choice_free(gpointer choice);

/* The lines of TEXT (ValueChoice*), blank ones and comments passed over. FILE is for messages.
 * INPUT, also for a symbol that comes twice. g_ptr_array_unref. */
GPtrArray *value_choices_parse(const char *text, gsize size, const char *file, GError **error);
GPtrArray *value_choices_load(const char *path, const char *name, GError **error);
/* What CHOICES have for SYMBOL (without CONFIG_), or NULL. */
const ValueChoice *value_choice_find(const GPtrArray *choices, const char *symbol);

#endif
