/* checklist.c - reads a hardening checklist and compares a .config with it. */
#include "kernel/checklist.h"

#include "base/place.h"
#include "base/rulelines.h"

#include <fnmatch.h>
#include <string.h>

#define DATA "kconfig-heuristics/hardening.checklist"
#define LIST "list:"
#define VERSION "linux>="
#define OR " | "
#define AND " & "

static const char *const groups[] = {"self-protection", "policy", "attack-surface", "userspace",
                                     NULL};

static void
item_free(gpointer data) {
  ChecklistItem *item = data;
  g_free(item->group);
  g_free(item->condition);
  g_free(item->why);
  g_free(item);
}

void
checklist_free(Checklist *list) {
  if (list == NULL)
    return;
  g_free(list->name);
  g_ptr_array_unref(list->items);
  g_free(list);
}

static gboolean
version_valid(const char *text) {
  return g_ascii_isdigit(*text) && strspn(text, "0123456789.") == strlen(text);
}

static gboolean
term_valid(const char *term) {
  const char *equals = strchr(term, '=');
  if (g_str_has_prefix(term, VERSION))
    return version_valid(term + strlen(VERSION));
  g_autofree char *name = equals != NULL ? g_strndup(term, (gsize)(equals - term)) : g_strdup(term);
  return *name != '\0' && config_name_valid(name) &&
         (equals == NULL || (equals[1] != '\0' && strpbrk(equals, " |&") == NULL));
}

static gboolean
condition_valid(const char *condition) {
  g_auto(GStrv) sides = g_strsplit(condition, OR, -1);
  for (guint i = 0; sides[i] != NULL; i++) {
    g_auto(GStrv) terms = g_strsplit(sides[i], AND, -1);
    if (terms[0] == NULL)
      return FALSE;
    for (guint k = 0; terms[k] != NULL; k++)
      if (!term_valid(terms[k]))
        return FALSE;
  }
  return sides[0] != NULL;
}

/* NULL, or what was expected. */
static const char *
parse_line(Checklist *list, char *line) {
  if (g_str_has_prefix(line, LIST)) {
    if (list->name != NULL)
      return "\"" LIST "\" once";
    list->name = g_strstrip(g_strdup(line + strlen(LIST)));
    return *list->name != '\0' ? NULL : "a name behind \"" LIST "\"";
  }
  const char *reason = rule_line_reason(line);
  const char *blank = strchr(line, ' ');
  if (reason == NULL)
    return RULE_LINE_REASON;
  g_autofree char *group = blank != NULL ? g_strndup(line, (gsize)(blank - line)) : NULL;
  if (group == NULL || !g_strv_contains(groups, group))
    return "self-protection, policy, attack-surface or userspace, and a condition behind it";
  g_autofree char *condition = g_strdup(blank + 1);
  if (!condition_valid(condition))
    return "SYMBOL=VALUE, SYMBOL or " VERSION "VERSION, with \" & \" and \" | \" between them";
  ChecklistItem *item = g_new0(ChecklistItem, 1);
  item->group = g_steal_pointer(&group);
  item->condition = g_steal_pointer(&condition);
  item->why = g_strdup(reason);
  g_ptr_array_add(list->items, item);
  return NULL;
}

static char *
take_rule(gpointer data, char *line, guint number) {
  (void)number;
  const char *expected = parse_line(data, line);
  return expected != NULL ? rule_line_bad(line, expected) : NULL;
}

Checklist *
checklist_parse(const char *text, gsize size, const char *file, GError **error) {
  g_autoptr(Checklist) list = g_new0(Checklist, 1);
  list->items = g_ptr_array_new_with_free_func(item_free);
  if (!rule_lines_read(text, size, file, take_rule, list, error))
    return NULL;
  if (list->name != NULL && list->items->len > 0)
    return g_steal_pointer(&list);
  place_set_error(error, file, 0, "expected \"" LIST " NAME\" and at least one line");
  return NULL;
}

Checklist *
checklist_load(GError **error) {
  gsize size;
  g_autofree char *text = rule_lines_text(DATA, &size, error);
  return text != NULL ? checklist_parse(text, size, DATA, error) : NULL;
}

/* TRUE if VERSION is at least LEAST, number by number. */
static gboolean
version_at_least(const char *version, const char *least) {
  for (;;) {
    guint64 ours = g_ascii_strtoull(version, (char **)&version, 10);
    guint64 theirs = g_ascii_strtoull(least, (char **)&least, 10);
    if (ours != theirs)
      return ours > theirs;
    if (*least != '.')
      return TRUE;
    version += *version == '.';
    least++;
  }
}

static gboolean
term_holds(const char *term, const DotConfig *config, const char *version) {
  const char *equals = strchr(term, '=');
  if (g_str_has_prefix(term, VERSION))
    return version_at_least(version, term + strlen(VERSION));
  if (equals == NULL)
    return config_has(config, term);
  g_autofree char *name = g_strndup(term, (gsize)(equals - term));
  const char *value = config_value(config, name);
  return equals[1] == '*' ? fnmatch(equals + 1, value, 0) == 0
                          : config_value_equal(equals + 1, value);
}

gboolean
checklist_item_holds(const ChecklistItem *item, const DotConfig *config, const char *version) {
  g_auto(GStrv) sides = g_strsplit(item->condition, OR, -1);
  for (guint i = 0; sides[i] != NULL; i++) {
    g_auto(GStrv) terms = g_strsplit(sides[i], AND, -1);
    gboolean all = TRUE;
    for (guint k = 0; all && terms[k] != NULL; k++)
      all = term_holds(terms[k], config, version);
    if (all)
      return TRUE;
  }
  return FALSE;
}

guint
checklist_count(const Checklist *list, const DotConfig *config, const char *version) {
  guint on = 0;
  for (guint i = 0; i < list->items->len; i++)
    on += checklist_item_holds(list->items->pdata[i], config, version);
  return on;
}
