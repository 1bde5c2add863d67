/* scan.c - what a start needs besides its program: read from its shell scripts and its packages. */
#include "draft/scan.h"

#include "base/strings.h"
#include "draft/find.h"
#include "draft/learn.h"
#include "draft/shell.h"
#include "rootfs/busybox-use.h"
#include "rootfs/install.h"
#include "rootfs/scripts.h"

#include <string.h>

#define TEXT_MOST 65536                 /* bytes: a longer script is not read */
#define DEPTH 16                        /* of scripts that name scripts */
#define PLUGINS_MOST (16 * 1024 * 1024) /* bytes: a package with more is not taken whole */
#define SEPARATORS " \t\n;&|(){}<>\"'`$=:"

typedef struct {
  Recipe *recipe;
  const Tree *installed;
  char **applets;   /* the words of a script that mean an applet */
  GHashTable *seen; /* char*: the scripts that were read already */
  GHashTable *real; /* char*: applets that cannot do what is asked of them */
  BusyboxRules *rules;
  int depth;
} Scan;

static void
include_add(Scan *scan, const TreeEntry *entry, const char *word) {
  const char *const *packages = (const char *const *)scan->recipe->packages;
  if (entry->package != NULL && g_strv_contains(packages, entry->package) &&
      !g_str_has_prefix(entry->path, "/etc/"))
    return;
  strv_add_once(&scan->recipe->include, word);
}

static gboolean
is_shell_script(const char *text) {
  g_autofree char *line = g_strndup(text, strcspn(text, "\n"));
  return g_str_has_prefix(line, "#!") && strstr(line, "sh") != NULL;
}

static void scan_script(Scan *scan, const char *path, gboolean sourced);

static gboolean
is_applet(const char *name, gpointer data) {
  const Scan *scan = data;
  return g_strv_contains((const char *const *)scan->applets, name) &&
         !g_hash_table_contains(scan->real, name);
}

static gboolean
is_busybox(const char *name, gpointer data) {
  return g_str_equal(name, "sh") || is_applet(name, data);
}

/* What the build asks of BusyBox, it finds in the scripts itself. */
static void
wants(const char *symbol, const char *origin, gpointer data) {
  (void)symbol, (void)origin, (void)data;
}

/* The installation's program takes the place of an applet that cannot do what WORD asks for. */
static void
lacks(const char *name, const char *word, guint line, gpointer data) {
  Scan *scan = data;
  g_autofree char *path = tree_find_program(scan->installed, name);
  (void)word, (void)line;
  if (path == NULL || g_str_equal(name, "sh") || !g_hash_table_add(scan->real, g_strdup(name)))
    return;
  strv_remove(&scan->recipe->applets, name);
  strv_add_once(&scan->recipe->include, tree_find(scan->installed, path) != NULL
                                            ? path
                                            : tree_resolve(scan->installed, path)->path);
}

static void
scan_options(Scan *scan, const char *text) {
  const BusyboxUse use = {.is_applet = is_busybox, .wants = wants, .lacks = lacks, .data = scan};
  busybox_rules_read(scan->rules, text, &use);
}

/* One WORD of a script or a command; PREVIOUS stands before it. SHELL: it is read by a shell. */
static void
scan_word(Scan *scan, const char *word, const char *previous, gboolean shell) {
  const TreeEntry *entry =
      word[0] == '/' && word[1] != '\0' ? tree_resolve(scan->installed, word) : NULL;
  g_autofree char *base = g_path_get_basename(word);
  gboolean applet = is_applet(base, scan) && (word[0] != '/' || strstr(word, "bin/") != NULL);
  gboolean sourced = strcmp(previous, ".") == 0 || strcmp(previous, "source") == 0;
  if (applet && shell) {
    strv_add_once(&scan->recipe->applets, base);
  } else if (entry != NULL && entry->type == TREE_FILE &&
             (sourced || g_str_has_prefix(entry->path, "/etc/default/"))) {
    include_add(scan, entry, word);
    scan_script(scan, word, TRUE);
  } else if (entry != NULL && entry->type == TREE_FILE && (entry->mode & 0111) != 0 &&
             !g_str_has_suffix(entry->path, "/dash") &&
             !g_str_has_suffix(entry->path, "/busybox")) {
    include_add(scan, entry, word);
    scan_script(scan, word, FALSE);
  }
}

static void
scan_text(Scan *scan, const char *text, gboolean shell) {
  g_auto(GStrv) words = g_strsplit_set(text, SEPARATORS, -1);
  const char *previous = "";
  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] == '\0')
      continue;
    scan_word(scan, words[i], previous, shell);
    previous = words[i];
  }
}

/* The shell script TEXT: as it is, and once more with its variables replaced by the values that it
 * gives them. */
static void
scan_shell(Scan *scan, const char *text) {
  g_autofree char *plain = shell_without_comments(text);
  g_autoptr(Shell) shell = shell_new(plain);
  g_autofree char *expanded = shell_expand(shell, plain);
  scan->depth++;
  scan_options(scan, text);
  scan_text(scan, plain, TRUE);
  scan_text(scan, expanded, TRUE);
  scan->depth--;
}

/* The script PATH, unless it was read before. SOURCED: it may lack the "#!" of a script that is
 * run. */
static void
scan_script(Scan *scan, const char *path, gboolean sourced) {
  g_autofree char *text = scan->depth < DEPTH ? find_text(scan->installed, path) : NULL;
  if (text == NULL || strlen(text) > TEXT_MOST || !g_utf8_validate(text, -1, NULL) ||
      (!sourced && !is_shell_script(text)) || !g_hash_table_add(scan->seen, g_strdup(path)))
    return;
  scan_shell(scan, text);
}

/* What reads scripts for DRAFT; FALSE with ERROR. */
static gboolean
scan_begin(Scan *scan, Draft *draft, const Tree *installed, GError **error) {
  *scan = (Scan){.recipe = draft->recipe, .installed = installed};
  scan->applets = scripts_common_applets(error);
  scan->rules = scan->applets != NULL ? busybox_rules_load(error) : NULL;
  scan->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  scan->real = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return scan->rules != NULL;
}

static void
scan_clear(Scan *scan) {
  g_strfreev(scan->applets);
  busybox_rules_free(scan->rules);
  g_clear_pointer(&scan->seen, g_hash_table_unref);
  g_clear_pointer(&scan->real, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scan, scan_clear)

gboolean
scan_start(Draft *draft, const Service *service, const Tree *installed, GError **error) {
  g_auto(Scan) scan = {0};
  if (!scan_begin(&scan, draft, installed, error))
    return FALSE;
  if (service->run->before != NULL)
    scan_options(&scan, service->run->before);
  scan_text(&scan, service->run->command, g_str_has_suffix(service->program, "/sh"));
  if (service->run->before != NULL)
    scan_text(&scan, service->run->before, TRUE);
  scan_script(&scan, service->program, FALSE);
  return TRUE;
}

gboolean
scan_script_text(Draft *draft, const char *text, const Tree *installed, GError **error) {
  g_auto(Scan) scan = {0};
  if (!scan_begin(&scan, draft, installed, error))
    return FALSE;
  scan_shell(&scan, text);
  return TRUE;
}

/* For a shared object: 0 in a folder that the loader searches, as libraries are that programs are
 * linked with; 1 below such a folder. -1 for anything else. */
static int
library_depth(const TreeEntry *entry) {
  static const char *const roots[] = {"/usr/lib/x86_64-linux-gnu/", "/usr/lib/"};
  if (entry->type == TREE_DIR || !installation_is_new(entry) ||
      strstr(entry->path, ".so") == NULL || strstr(entry->path, "/debug/") != NULL)
    return -1;
  for (guint i = 0; i < G_N_ELEMENTS(roots); i++)
    if (g_str_has_prefix(entry->path, roots[i]))
      return strchr(entry->path + strlen(roots[i]), '/') != NULL;
  return -1;
}

/* The plugins of PACKAGE (char*, not owned). None of a package that has libraries, too: its plugins
 * belong to the library, and the programs that use it are other packages'. */
static GPtrArray *
plugins_of(const Tree *installed, const char *package) {
  const GPtrArray *entries = tree_entries((Tree *)installed);
  GPtrArray *found = g_ptr_array_new();
  guint64 bytes = 0;
  for (guint j = 0; j < entries->len; j++) {
    const TreeEntry *entry = entries->pdata[j];
    int depth = g_strcmp0(entry->package, package) == 0 ? library_depth(entry) : -1;
    if (depth == 0)
      bytes = G_MAXUINT32;
    if (depth != 1 || entry->type != TREE_FILE)
      continue;
    bytes += entry->size;
    g_ptr_array_add(found, entry->path);
  }
  if (bytes > PLUGINS_MOST)
    g_ptr_array_set_size(found, 0);
  return found;
}

void
scan_plugins(Draft *draft, const Tree *installed, const char *const *direct) {
  for (guint i = 0; direct[i] != NULL; i++) {
    g_autoptr(GPtrArray) found = plugins_of(installed, direct[i]);
    for (guint j = 0; j < found->len; j++)
      strv_add_once(&draft->recipe->include, found->pdata[j]);
  }
}
