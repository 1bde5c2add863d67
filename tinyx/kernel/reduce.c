/* reduce.c - leaves out requests that change nothing, asking Kconfig each time. */
#include "kernel/reduce.h"

#include "base/dotconfig.h"

#include <string.h>

static void
request_free(gpointer request) {
  symbol_request_free(request);
}

static void
add_copy(GPtrArray *requests, const SymbolRequest *from, const char *value) {
  g_ptr_array_add(requests, symbol_request_new(from->symbol, value, from->origin, from->reason));
}

char *
requests_apply(Kconfig *kconfig, const GPtrArray *base, const GPtrArray *extra, GError **error) {
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (guint i = 0; i < base->len; i++) {
    SymbolRequest *request = base->pdata[i];
    if (symbol_request_find(extra, request->symbol) == NULL)
      g_ptr_array_add(all, request);
  }
  for (guint i = 0; i < extra->len; i++)
    g_ptr_array_add(all, extra->pdata[i]);
  return kconfig_apply(kconfig, all, error);
}

/* What is on comes first, so that what is off is left out first: "XZ=y" says more than "GZIP=n". */
static int
compare_requests(gconstpointer a, gconstpointer b) {
  const SymbolRequest *first = *(const SymbolRequest *const *)a;
  const SymbolRequest *second = *(const SymbolRequest *const *)b;
  int off = (strcmp(first->value, "n") == 0) - (strcmp(second->value, "n") == 0);
  return off != 0 ? off : strcmp(first->symbol, second->symbol);
}

/* What CHOSEN asks for beyond BASE, and what it does not ask for although BASE does. */
static GPtrArray *
difference(const GPtrArray *base, const GPtrArray *chosen) {
  GPtrArray *extra = g_ptr_array_new_with_free_func(request_free);
  for (guint i = 0; i < chosen->len; i++) {
    const SymbolRequest *request = chosen->pdata[i];
    const SymbolRequest *same = symbol_request_find(base, request->symbol);
    if (same == NULL || !config_value_equal(same->value, request->value))
      add_copy(extra, request, request->value);
  }
  for (guint i = 0; i < base->len; i++) {
    const SymbolRequest *request = base->pdata[i];
    if (strcmp(request->value, "y") == 0 && symbol_request_find(chosen, request->symbol) == NULL)
      add_copy(extra, request, "n");
  }
  g_ptr_array_sort(extra, compare_requests);
  return extra;
}

typedef struct {
  Kconfig *kconfig;
  const GPtrArray *base;
  const char *wanted; /* the .config */
} Reduction;

/* Leaves out what it can of the COUNT requests from place FROM on. *LEFT: how many of them stay. */
static gboolean
leave_out(const Reduction *reduction, GPtrArray *requests, guint from, guint count, guint *left,
          GError **error) {
  g_autoptr(GPtrArray) others = g_ptr_array_new();
  g_autofree char *text = NULL;
  guint first, second;
  for (guint i = 0; i < requests->len; i++)
    if (i < from || i >= from + count)
      g_ptr_array_add(others, requests->pdata[i]);
  text = requests_apply(reduction->kconfig, reduction->base, others, error);
  if (text == NULL)
    return FALSE;
  if (strcmp(text, reduction->wanted) == 0) {
    g_ptr_array_remove_range(requests, from, count);
    *left = 0;
    return TRUE;
  }
  *left = count;
  if (count == 1)
    return TRUE;
  /* From the end: places before stay as they are. */
  if (!leave_out(reduction, requests, from + count / 2, count - count / 2, &second, error) ||
      !leave_out(reduction, requests, from, count / 2, &first, error))
    return FALSE;
  *left = first + second;
  return TRUE;
}

static gboolean
override_base(const GPtrArray *base, const char *text, GPtrArray *requests, GError **error) {
  g_autoptr(DotConfig) config = config_parse(text, strlen(text), "kconfig", error);
  for (guint i = 0; config != NULL && i < base->len; i++) {
    const SymbolRequest *request = base->pdata[i];
    const char *value = config_value(config, request->symbol);
    if (!request->may_vanish && symbol_request_find(requests, request->symbol) == NULL &&
        !config_value_equal(request->value, value))
      add_copy(requests, request, value);
  }
  return config != NULL;
}

GPtrArray *
requests_reduce(Kconfig *kconfig, const GPtrArray *base, const GPtrArray *chosen, GError **error) {
  g_autoptr(GPtrArray) requests = difference(base, chosen);
  g_autofree char *wanted = kconfig_apply(kconfig, chosen, error);
  g_autofree char *all = wanted != NULL ? requests_apply(kconfig, base, requests, error) : NULL;
  Reduction reduction = {kconfig, base, wanted};
  guint left;
  if (all == NULL)
    return NULL;
  if (strcmp(all, wanted) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "the configuration cannot be written as lines over its platform");
    return NULL;
  }
  if (requests->len > 0 && !leave_out(&reduction, requests, 0, requests->len, &left, error))
    return NULL;
  if (!override_base(base, wanted, requests, error))
    return NULL;
  g_ptr_array_sort(requests, compare_requests);
  return g_steal_pointer(&requests);
}
