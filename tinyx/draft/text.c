/* text.c - a draft as a folder: recipe.conf, files/. */
#include "base/files.h"
#include "draft/draft.h"
#include "draft/service.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

/* As GKeyFile reads it back: escapes for backslashes, lines and tabs. */
static void
append_key(GString *text, const char *key, const char *value) {
  g_string_append_printf(text, "%s=", key);
  for (const char *c = value; *c != '\0'; c++) {
    if (*c == '\\')
      g_string_append(text, "\\\\");
    else if (*c == '\n')
      g_string_append(text, "\\n");
    else if (*c == '\t')
      g_string_append(text, "\\t");
    else
      g_string_append_c(text, *c);
  }
  g_string_append_c(text, '\n');
}

static void
append_words(GString *text, const char *key, const GPtrArray *words) {
  g_autoptr(GString) line = g_string_new(NULL);
  for (guint i = 0; i < words->len; i++)
    g_string_append_printf(line, "%s%s", i > 0 ? " " : "", (char *)words->pdata[i]);
  if (words->len > 0)
    append_key(text, key, line->str);
}

static void
append_environment(GString *text, char **environment) {
  g_autoptr(GString) line = g_string_new(NULL);
  for (guint i = 0; environment != NULL && environment[i] != NULL; i++) {
    const char *equals = strchr(environment[i], '=');
    g_autofree char *value = g_shell_quote(equals + 1);
    g_string_append_printf(line, "%s%.*s=%s", i > 0 ? " " : "", (int)(equals - environment[i]),
                           environment[i], value);
  }
  if (line->len > 0)
    append_key(text, "environment", line->str);
}

static void
append_run(GString *text, const Service *service) {
  const RecipeRun *run = &service->run;
  if (run->name[0] == '\0')
    g_string_append_printf(text, "\n[run]\n# %s\n", service->origin);
  else
    g_string_append_printf(text, "\n[run %s]\n# %s\n", run->name, service->origin);
  append_key(text, "command", run->command);
  if (run->before != NULL)
    append_key(text, "before", run->before);
  if (run->user != NULL)
    append_key(text, "user", run->user);
  if (run->group != NULL)
    append_key(text, "group", run->group);
  if (strcmp(run->directory, "/") != 0)
    append_key(text, "directory", run->directory);
  append_environment(text, run->environment);
  if (run->on_exit == RECIPE_POWEROFF)
    append_key(text, "on-exit", "poweroff");
  if (run->forks)
    append_key(text, "forks", "yes");
  if (run->pid_file != NULL)
    append_key(text, "pid-file", run->pid_file);
}

static int
first_port(const Draft *draft, const char **from) {
  for (guint i = 0; i < draft->ports->len; i++)
    if (g_array_index(draft->ports, int, i) > 0) {
      *from = draft->port_from->pdata[i];
      return g_array_index(draft->ports, int, i);
    }
  return 0;
}

gboolean
draft_is_daemon(const Draft *draft) {
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    if (service->run.on_exit != RECIPE_POWEROFF)
      return TRUE;
  }
  return FALSE;
}

gboolean
draft_is_testable(const Draft *draft) {
  const Service *first = draft->services->pdata[0];
  const char *from;
  return first_port(draft, &from) > 0 || draft->ready_udp > 0 ||
         first->run.on_exit == RECIPE_POWEROFF;
}

/* What the test does. */
static const char *
test_remark(const Draft *draft) {
  const char *from;
  if (first_port(draft, &from) > 0 || draft->ready_udp > 0)
    return "# Nobody has written a test: this one only asks whether the port is open.\n";
  if (draft_is_testable(draft))
    return "# Nobody has written a test: this one only asks whether it ends by itself.\n";
  return "# Nobody has written a test, and no port is known: this recipe cannot be tested yet. "
         "Write "
         "test.sh, or\n# draft it again with --port.\n";
}

/* A daemon's draft has what daemons use, whatever else is found: see the feature's own note. */
static void
append_kernel(GString *text, const Draft *draft, gboolean sysctl) {
  gboolean daemon = draft_is_daemon(draft);
  g_autoptr(GPtrArray) with = g_ptr_array_new();
  if (daemon)
    g_ptr_array_add(with, (gpointer) "server");
  for (guint i = 0; i < draft->with->len; i++)
    g_ptr_array_add(with, draft->with->pdata[i]);
  if (with->len == 0 && !sysctl)
    return;
  g_string_append(text, "\n[kernel]\n");
  if (daemon)
    g_string_append(text,
                    "# server: what daemons commonly use; drafts share its kernel. Without it the "
                    "kernel is smaller.\n");
  append_words(text, "with", with);
  if (sysctl)
    append_key(text, "options", "PROC_FS=y SYSCTL=y PROC_SYSCTL=y");
}

char *
draft_text(const Draft *draft) {
  GString *text = g_string_new(NULL);
  g_autoptr(GPtrArray) applets = g_ptr_array_new(), writable = g_ptr_array_new();
  const char *from = "";
  int port = first_port(draft, &from);
  gboolean sysctl = FALSE;
  g_string_append(
      text, "# Drafted by tinyx init from the package's own files: read it, and write a test.\n");
  for (guint i = 0; i < draft->notes->len; i++)
    g_string_append_printf(text, "# note: %s\n",
                           g_strdelimit((char *)draft->notes->pdata[i], "\n", ' '));
  g_string_append(text, "\n[recipe]\n");
  append_key(text, "description", draft->description);
  append_words(text, "packages", draft->packages);
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    append_run(text, service);
    sysctl |= service->sysctl;
    for (guint j = 0; j < service->applets->len; j++)
      if (!g_ptr_array_find_with_equal_func(applets, service->applets->pdata[j], g_str_equal, NULL))
        g_ptr_array_add(applets, service->applets->pdata[j]);
    for (guint j = 0; j < service->writable->len; j++)
      g_ptr_array_add(writable, service->writable->pdata[j]);
  }
  g_string_append(text, "\n[image]\n");
  if (port > 0)
    g_string_append_printf(text, "# %s\nport=%d\n", from, port);
  g_string_append_printf(text, "memory=%d\n", draft->memory);
  append_words(text, "include", draft->include);
  append_words(text, "applets", applets);
  append_words(text, "writable", writable);
  append_kernel(text, draft, sysctl);
  g_string_append_printf(text, "\n[test]\n%sweak=yes\n", test_remark(draft));
  if (port > 0)
    g_string_append_printf(text, "ready=%d\n", port);
  else if (draft->ready_udp > 0)
    g_string_append_printf(text, "ready-udp=%d\n", draft->ready_udp);
  return g_string_free(text, FALSE);
}

/* ---- the folder -------------------------------------------------------- */

/* Early: installing and trying the packages takes a minute. */
static gboolean
can_be_made(const char *folder, GError **error) {
  g_autofree char *at = g_strdup(folder);
  while (!g_file_test(at, G_FILE_TEST_EXISTS)) {
    char *parent = g_path_get_dirname(at);
    g_free(at);
    at = parent;
  }
  if (g_file_test(at, G_FILE_TEST_IS_DIR) && access(at, W_OK) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: %s; expected a folder (-o) that can be written", folder,
              g_file_test(at, G_FILE_TEST_IS_DIR) ? "no permission" : "a file is in its path");
  return FALSE;
}

gboolean
draft_folder_check(const char *folder, gboolean force, GError **error) {
  static const char *const names[] = {"recipe.conf", "files", "files.lock"}; /* what is replaced */
  g_autofree char *whole = path_absolute(folder);
  g_autofree char *name = g_path_get_basename(whole);
  if (!recipe_name_valid(name)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: a recipe cannot be called '%s'; expected a folder (-o) named of %s", folder,
                name, RECIPE_NAME_EXPECTED);
    return FALSE;
  }
  for (guint i = 0; !force && i < G_N_ELEMENTS(names); i++) {
    g_autofree char *file = g_build_filename(folder, names[i], NULL);
    if (g_file_test(file, G_FILE_TEST_EXISTS)) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s is there already; expected another folder (-o), or --force", file);
      return FALSE;
    }
  }
  return can_be_made(whole, error);
}

static gboolean
write_files(const Draft *draft, const char *folder, GError **error) {
  GHashTableIter iter;
  gpointer path, content;
  g_hash_table_iter_init(&iter, draft->files);
  while (g_hash_table_iter_next(&iter, &path, &content)) {
    g_autofree char *copy = g_build_filename(folder, path, NULL);
    g_autofree char *parent = g_path_get_dirname(copy);
    if (!dir_make(parent, error) || !file_write(copy, content, strlen(content), 0644, error))
      return FALSE;
  }
  return TRUE;
}

/* FOLDER/files, beside first: an earlier draft's stay until these are there. */
static gboolean
replace_files(const Draft *draft, const char *folder, GError **error) {
  g_autofree char *files = g_build_filename(folder, "files", NULL);
  g_autofree char *beside = g_build_filename(folder, ".files.new", NULL);
  if (!dir_remove(beside, error))
    return FALSE;
  if (!write_files(draft, beside, error)) {
    dir_remove(beside, NULL);
    return FALSE;
  }
  if (!dir_remove(files, error))
    return FALSE;
  if (g_hash_table_size(draft->files) == 0 || g_rename(beside, files) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", files, g_strerror(errno));
  return FALSE;
}

/* FOLDER/files.lock; an earlier draft's goes where this one has none. */
static gboolean
replace_lock(const Draft *draft, const char *folder, GError **error) {
  g_autofree char *path = g_build_filename(folder, "files.lock", NULL);
  if (draft->opened != NULL) {
    g_autofree char *text = files_lock_text(draft->opened);
    return file_write(path, text, strlen(text), 0644, error);
  }
  if (g_unlink(path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
  return FALSE;
}

gboolean
draft_write(const Draft *draft, const char *folder, gboolean force, GError **error) {
  g_autofree char *file = g_build_filename(folder, "recipe.conf", NULL);
  g_autofree char *text = draft_text(draft);
  return draft_folder_check(folder, force, error) && dir_make(folder, error) &&
         replace_files(draft, folder, error) && replace_lock(draft, folder, error) &&
         file_write(file, text, strlen(text), 0644, error);
}
