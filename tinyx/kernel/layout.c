/* layout.c - reads a platform's changes of the linker script, and makes them. */
#include "kernel/layout.h"

#include "base/files.h"
#include "base/rulelines.h"

#include <string.h>

#define ARROW " => "
#define REASON "  # "
#define GC_SECTIONS "gc-sections" REASON
#define IF REASON "if "

static void
change_free(gpointer data) {
  LayoutChange *change = data;
  g_free(change->from);
  g_free(change->to);
  g_free(change->symbol);
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
  if (g_str_has_prefix(reason, IF)) {
    const char *symbol = reason + strlen(IF);
    change->symbol = g_strndup(symbol, strcspn(symbol, ":"));
  }
  return change;
}

/* Takes out what does not count for CONFIG. */
static void
drop_others(Layout *layout, const char *config) {
  g_autofree char *lines = g_strconcat("\n", config, NULL);
  for (guint i = layout->changes->len; i > 0; i--) {
    const LayoutChange *change = layout->changes->pdata[i - 1];
    g_autofree char *wanted =
        change->symbol != NULL ? g_strdup_printf("\n%s=y\n", change->symbol) : NULL;
    if (wanted != NULL && strstr(lines, wanted) == NULL)
      g_ptr_array_remove_index(layout->changes, i - 1);
  }
}

void
layout_free(Layout *layout) {
  if (layout == NULL)
    return;
  g_ptr_array_unref(layout->changes);
  g_free(layout);
}

static char *
take_line(gpointer data, char *line, guint number) {
  Layout *layout = data;
  LayoutChange *change;
  (void)number;
  if (g_str_has_prefix(line, GC_SECTIONS) && line[strlen(GC_SECTIONS)] != '\0') {
    layout->gc_sections = TRUE;
    return NULL;
  }
  if ((change = parse_line(line)) == NULL)
    return g_strdup_printf("'%s': expected OLD => NEW  # REASON, or gc-sections  # REASON", line);
  g_ptr_array_add(layout->changes, change);
  return NULL;
}

Layout *
layout_parse(const char *text, const char *file, GError **error) {
  g_autoptr(Layout) layout = g_new0(Layout, 1);
  layout->changes = g_ptr_array_new_with_free_func(change_free);
  return rule_lines_read(text, strlen(text), file, take_line, layout, error)
             ? g_steal_pointer(&layout)
             : NULL;
}

Layout *
layout_load(const char *file, const char *config, GError **error) {
  if (file == NULL)
    return layout_parse("", "", error);
  g_autofree char *name = g_build_filename("kconfig-heuristics/platforms", file, NULL);
  g_autofree char *path = data_path(name);
  g_autofree char *text = NULL;
  g_autoptr(Layout) layout =
      file_read(path, FILE_OWN_MAX, &text, NULL, error) ? layout_parse(text, name, error) : NULL;
  if (layout != NULL)
    drop_others(layout, config);
  return g_steal_pointer(&layout);
}

char *
layout_text(const Layout *layout) {
  GString *text = g_string_new(layout->gc_sections ? "gc-sections\n" : "");
  for (guint i = 0; i < layout->changes->len; i++) {
    const LayoutChange *change = layout->changes->pdata[i];
    g_string_append_printf(text, "%s => %s\n", change->from, change->to);
  }
  return g_string_free(text, FALSE);
}

/* ---- what may be left out ---------------------------------------------- */

/* TRUE if NAMES, the input sections of one "*(...)", are all of single functions or variables.
 * Those that the kernel makes itself have two dots: .data..percpu. */
static gboolean
names_single(const char *names, gsize length) {
  static const char *const kinds[] = {".text", ".rodata", ".data", ".bss"};
  g_autofree char *copy = g_strndup(names, length);
  g_auto(GStrv) words = g_strsplit(copy, " ", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    gboolean single = words[i][0] == '\0';
    for (guint j = 0; j < G_N_ELEMENTS(kinds) && !single; j++) {
      const char *rest = g_str_has_prefix(words[i], kinds[j]) ? words[i] + strlen(kinds[j]) : NULL;
      single = rest != NULL && (rest[0] == '\0' || (rest[0] == '.' && rest[1] != '.'));
    }
    if (!single)
      return FALSE;
  }
  return TRUE;
}

/* TRUE if the "*(" at AT stands in the output section /DISCARD/. */
static gboolean
is_discarded(const char *script, const char *at) {
  const char *open = g_strrstr_len(script, at - script, "{");
  const char *before = open != NULL ? g_strrstr_len(script, open - script, "}") : NULL;
  before = before != NULL ? before : script;
  return open != NULL && g_strstr_len(before, open - before, "/DISCARD/") != NULL;
}

/* The ')' of the '(' at OPEN, or NULL. */
static const char *
closing(const char *open) {
  int depth = 0;
  for (const char *at = open; *at != '\0'; at++) {
    depth += (*at == '(') - (*at == ')');
    if (depth == 0)
      return at;
  }
  return NULL;
}

#define KEEP "KEEP("

static char *
keep_tables(const char *script) {
  GString *text = g_string_new(NULL);
  const char *from = script, *at, *end;
  while ((at = strstr(from, "*(")) != NULL && (end = closing(at + 1)) != NULL) {
    gboolean kept =
        at - script >= (gssize)strlen(KEEP) && strncmp(at - strlen(KEEP), KEEP, strlen(KEEP)) == 0;
    gboolean keep =
        !kept && !names_single(at + 2, (gsize)(end - at - 2)) && !is_discarded(script, at);
    g_string_append_len(text, from, at - from);
    g_string_append(text, keep ? KEEP : "");
    g_string_append_len(text, at, end + 1 - at);
    g_string_append(text, keep ? ")" : "");
    from = end + 1;
  }
  g_string_append(text, from);
  return g_string_free(text, FALSE);
}

char *
layout_apply(const Layout *layout, const char *script, const char **missing) {
  g_autoptr(GString) text = g_string_new(script);
  if (missing != NULL)
    *missing = NULL;
  for (guint i = 0; i < layout->changes->len; i++) {
    const LayoutChange *change = layout->changes->pdata[i];
    if (g_string_replace(text, change->from, change->to, 0) == 0 && missing != NULL &&
        *missing == NULL)
      *missing = change->from;
  }
  return layout->gc_sections ? keep_tables(text->str) : g_strdup(text->str);
}
