/* busybox-config.c - parses BusyBox's applet table, and edits its .config, as texts. */
#include "rootfs/busybox-private.h"

#include "base/dotconfig.h"
#include "base/place.h"
#include "base/strings.h"

#include <string.h>

#define DOTCONFIG "BusyBox's .config"
#define NEAR 1 /* edits up to which a name is near another; most names are short */

static void
applet_free(gpointer data) {
  Applet *applet = data;
  g_free(applet->name);
  g_free(applet->symbol);
  g_free(applet->folder);
  g_free(applet);
}

static const char *
folder_of(const char *place) {
  static const struct {
    const char *place, *folder;
  } folders[] = {{"BB_DIR_ROOT", "/"},
                 {"BB_DIR_BIN", "/bin"},
                 {"BB_DIR_SBIN", "/sbin"},
                 {"BB_DIR_USR_BIN", "/usr/bin"},
                 {"BB_DIR_USR_SBIN", "/usr/sbin"}};
  for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
    if (strcmp(folders[i].place, place) == 0)
      return folders[i].folder;
  return NULL;
}

/* include/applets.h, made by scripts/gen_build_files.sh, has lines like
 *   IF_CAT(APPLET_NOFORK(cat, cat, BB_DIR_BIN, BB_SUID_DROP, cat))
 *   IF_LSMOD(IF_NOT_MODPROBE_SMALL(APPLET_NOEXEC(lsmod, lsmod, …)))
 * The outermost IF_ is the applet's own symbol. */
GHashTable *
applet_table_parse(const char *text) {
  GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, applet_free);
  g_autoptr(GRegex) line = g_regex_new("^\\s*IF_([A-Z0-9_]+)\\(.*?\\bAPPLET(?:_[A-Z]+)?\\(\\s*"
                                       "([^,\\s]+)\\s*,.*?\\b(BB_DIR_[A-Z_]+)",
                                       G_REGEX_MULTILINE, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  g_autofree char *valid = g_utf8_make_valid(text, -1); /* as g_regex_match() needs it */
  for (g_regex_match(line, valid, 0, &match); g_match_info_matches(match);
       g_match_info_next(match, NULL)) {
    g_autofree char *place = g_match_info_fetch(match, 3);
    g_autofree char *name = g_match_info_fetch(match, 2);
    if (folder_of(place) == NULL || g_hash_table_contains(table, name))
      continue;
    Applet *applet = g_new0(Applet, 1);
    applet->name = g_steal_pointer(&name);
    applet->symbol = g_match_info_fetch(match, 1);
    applet->folder = g_strdup(folder_of(place));
    g_hash_table_insert(table, applet->name, applet);
  }
  return table;
}

/* Levenshtein's distance; names are short. */
static guint
distance(const char *a, const char *b) {
  gsize width = strlen(b) + 1;
  g_autofree guint *row = g_new(guint, width);
  for (gsize j = 0; j < width; j++)
    row[j] = (guint)j;
  for (gsize i = 1; i <= strlen(a); i++) {
    guint corner = row[0];
    row[0] = (guint)i;
    for (gsize j = 1; j < width; j++) {
      guint change = corner + (a[i - 1] != b[j - 1]);
      corner = row[j];
      row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
    }
  }
  return row[width - 1];
}

static void
unknown_applet(GHashTable *table, const char *name, GError **error) {
  g_autoptr(GPtrArray) near = g_ptr_array_new();
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init(&iter, table);
  while (g_hash_table_iter_next(&iter, &key, NULL))
    if (strlen(name) > NEAR && distance(name, key) <= NEAR)
      g_ptr_array_add(near, key);
  strings_sort(near);
  g_ptr_array_add(near, NULL);
  g_autofree char *names = g_strjoinv(", ", (char **)near->pdata);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "BusyBox has no applet '%s'%s%s%s", name,
              near->len > 1 ? " (near: " : "", names, near->len > 1 ? ")" : "");
}

static int
compare_applets(gconstpointer a, gconstpointer b) {
  return strcmp((*(Applet *const *)a)->name, (*(Applet *const *)b)->name);
}

GPtrArray *
applet_table_pick(GHashTable *table, const char *const *names, GError **error) {
  g_autoptr(GPtrArray) picked = g_ptr_array_new();
  for (guint i = 0; names[i] != NULL; i++) {
    Applet *applet = g_hash_table_lookup(table, names[i]);
    if (applet == NULL) {
      unknown_applet(table, names[i], error);
      return NULL;
    }
    if (!g_ptr_array_find(picked, applet, NULL))
      g_ptr_array_add(picked, applet);
  }
  g_ptr_array_sort(picked, compare_applets);
  return g_steal_pointer(&picked);
}

static void
option_free(gpointer data) {
  BusyboxOption *option = data;
  g_free(option->symbol);
  g_free(option->value);
  g_free(option->origin);
  g_free(option);
}

GPtrArray *
busybox_options_new(void) {
  return g_ptr_array_new_with_free_func(option_free);
}

void
busybox_option_add(GPtrArray *options, const char *symbol, const char *value, const char *origin) {
  BusyboxOption *option = g_new0(BusyboxOption, 1);
  option->symbol = g_strdup(symbol);
  option->value = g_strdup(value);
  option->origin = g_strdup(origin);
  g_ptr_array_add(options, option);
}

/* TRUE if a line with this REASON counts: "when APPLET; reason" does if APPLET is in the image, any
 * other reason always. */
static gboolean
counts(const char *reason, const char *const *applets) {
  if (!g_str_has_prefix(reason, "when "))
    return TRUE;
  const char *name = reason + strlen("when ");
  g_autofree char *applet = g_strndup(name, strcspn(name, "; "));
  return g_strv_contains(applets, applet);
}

static gboolean
parse_line(GPtrArray *options, const char *line, const char *origin, const char *const *applets,
           GError **error) {
  static const char form[] = "^CONFIG_([A-Z0-9_]+)=(y|[0-9]+|\"[^\"]*\")\\s+#\\s+(\\S.*)$";
  g_autoptr(GRegex) regex = g_regex_new(form, 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;
  if (!g_regex_match(regex, line, 0, &match)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: \"%s\"; expected CONFIG_SYMBOL=y|NUMBER|\"TEXT\"  # [when APPLET; ]reason",
                origin, line);
    return FALSE;
  }
  g_autofree char *symbol = g_match_info_fetch(match, 1);
  g_autofree char *value = g_match_info_fetch(match, 2);
  g_autofree char *reason = g_match_info_fetch(match, 3);
  if (counts(reason, applets))
    busybox_option_add(options, symbol, value, origin);
  return TRUE;
}

GPtrArray *
busybox_fragment_parse(const char *text, const char *file, const char *const *applets,
                       GError **error) {
  g_autoptr(GPtrArray) options = busybox_options_new();
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  if (!place_check_text(text, strlen(text), file, error))
    return NULL;
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *origin = place_text(file, i + 1);
    const char *line = g_strstrip(lines[i]);
    if (*line != '\0' && *line != '#' && !parse_line(options, line, origin, applets, error))
      return NULL;
  }
  return g_steal_pointer(&options);
}

char *
busybox_config_merge(const char *config, const GPtrArray *options, GError **error) {
  g_autoptr(DotConfig) merged = config_parse(config, strlen(config), DOTCONFIG, error);
  for (guint i = 0; merged != NULL && i < options->len; i++) {
    const BusyboxOption *option = options->pdata[i];
    if (!config_has(merged, option->symbol)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                  "%s: this BusyBox has no option CONFIG_%s; expected one of its Config.in",
                  option->origin, option->symbol);
      return NULL;
    }
    config_set(merged, option->symbol, option->value);
  }
  return merged != NULL ? config_text(merged) : NULL;
}

gboolean
busybox_config_verify(const char *config, const GPtrArray *options, GError **error) {
  g_autoptr(DotConfig) final = config_parse(config, strlen(config), DOTCONFIG, error);
  g_autoptr(GString) lost = g_string_new(NULL);
  for (guint i = 0; final != NULL && i < options->len; i++) {
    const BusyboxOption *option = options->pdata[i];
    const char *value = config_value(final, option->symbol);
    if (!config_value_equal(option->value, value))
      g_string_append_printf(lost, "\n  %s: asked CONFIG_%s=%s, came out as %s", option->origin,
                             option->symbol, option->value,
                             config_has(final, option->symbol) ? value : "nothing");
  }
  if (lost->len > 0)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "BusyBox's configuration dropped what was asked:%s", lost->str);
  return final != NULL && lost->len == 0;
}
