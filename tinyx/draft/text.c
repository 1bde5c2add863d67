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
  if (draft->with->len > 0 || sysctl)
    g_string_append(text, "\n[kernel]\n");
  append_words(text, "with", draft->with);
  if (sysctl)
    append_key(text, "options", "PROC_FS=y SYSCTL=y PROC_SYSCTL=y");
  g_string_append(text, "\n[test]\n# Nobody has written a test: this one only asks whether ");
  g_string_append(text, port > 0 || draft->ready_udp > 0 ? "the port is open.\n"
                                                         : "it ends by itself.\n");
  g_string_append(text, "weak=yes\n");
  if (port > 0)
    g_string_append_printf(text, "ready=%d\n", port);
  else if (draft->ready_udp > 0)
    g_string_append_printf(text, "ready-udp=%d\n", draft->ready_udp);
  return g_string_free(text, FALSE);
}

gboolean
draft_write(const Draft *draft, const char *folder, gboolean force, GError **error) {
  g_autofree char *file = g_build_filename(folder, "recipe.conf", NULL);
  GHashTableIter iter;
  gpointer path, content;
  g_autofree char *text = draft_text(draft);
  if (!force && g_file_test(file, G_FILE_TEST_EXISTS)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s is there already; expected another folder (-o), or --force", file);
    return FALSE;
  }
  if (!dir_make(folder, error))
    return FALSE;
  g_hash_table_iter_init(&iter, draft->files);
  while (g_hash_table_iter_next(&iter, &path, &content)) {
    g_autofree char *copy = g_build_filename(folder, "files", path, NULL);
    g_autofree char *parent = g_path_get_dirname(copy);
    if (!dir_make(parent, error) || !file_write(copy, content, strlen(content), 0644, error))
      return FALSE;
  }
  return file_write(file, text, strlen(text), 0644, error);
}
