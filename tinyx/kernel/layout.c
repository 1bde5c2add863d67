#include "kernel/layout.h"

#include "base/files.h"

#include <string.h>

#define ARROW " => "
#define REASON "  # "

static void
change_free(gpointer data) {
  LayoutChange *change = data;
  g_free(change->from);
  g_free(change->to);
  g_free(change);
}

static LayoutChange *
parse_line(const char *line) {
  const char *arrow = strstr(line, ARROW);
  const char *to = arrow != NULL ? arrow + strlen(ARROW) : NULL;
  const char *reason = to != NULL ? strstr(to, REASON) : NULL;
  LayoutChange *change;
  if (reason == NULL || arrow == line || reason == to || reason[strlen(REASON)] == '\0')
    return NULL;
  change = g_new0(LayoutChange, 1);
  change->from = g_strndup(line, (gsize)(arrow - line));
  change->to = g_strndup(to, (gsize)(reason - to));
  return change;
}

GPtrArray *
layout_parse(const char *text, const char *file, GError **error) {
  g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(change_free);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    LayoutChange *change;
    if (lines[i][0] == '#' || lines[i][0] == '\0')
      continue;
    if ((change = parse_line(lines[i])) == NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s:%u: '%s': expected OLD => NEW  # REASON", file, i + 1, lines[i]);
      return NULL;
    }
    g_ptr_array_add(changes, change);
  }
  return g_steal_pointer(&changes);
}

GPtrArray *
layout_load(const char *platform, GError **error) {
  g_autofree char *name = g_strdup_printf("kconfig-heuristics/platforms/%s.layout", platform);
  g_autofree char *path = data_path(name);
  g_autofree char *text = NULL;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return layout_parse("", name, error);
  return g_file_get_contents(path, &text, NULL, error) ? layout_parse(text, name, error) : NULL;
}

char *
layout_apply(const GPtrArray *changes, const char *script, const char **missing) {
  GString *text = g_string_new(script);
  if (missing != NULL)
    *missing = NULL;
  for (guint i = 0; i < changes->len; i++) {
    const LayoutChange *change = changes->pdata[i];
    if (g_string_replace(text, change->from, change->to, 0) == 0 && missing != NULL &&
        *missing == NULL)
      *missing = change->from;
  }
  return g_string_free(text, FALSE);
}
