/* service-credentials.c - LoadCredential= and SetCredential= of a unit: systemd.exec(5),
 * "CREDENTIALS". */
#include "draft/service-private.h"

#include "base/place.h"
#include "base/strings.h"
#include "draft/specifiers.h"

#include <string.h>

typedef struct {
  Service *service;
  const Unit *unit;
  const Tree *installed;
  char *folder;
  gboolean any;
} Credentials;

/* A name is a file's in the folder. */
static gboolean
check_name(const UnitEntry *entry, const char *name, GError **error) {
  if (name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
      strcmp(name, "..") != 0)
    return TRUE;
  place_set_error(error, entry->file, entry->line,
                  "%s=%s: expected NAME:VALUE, where NAME is no path", entry->key, entry->value);
  return FALSE;
}

static void
add_line(Credentials *all, const char *line) {
  if (!all->any) {
    const char *const make[] = {"mkdir", "-p", all->folder, NULL};
    g_autofree char *first = words_join(make);
    strings_add_once(all->service->applets, "mkdir");
    service_add_before(all->service, first);
  }
  all->any = TRUE;
  service_add_before(all->service, line);
}

/* The file of the credential NAME, for a shell; g_free. */
static char *
target_word(const Credentials *all, const char *name) {
  g_autofree char *path = g_build_filename(all->folder, name, NULL);
  const char *const words[] = {path, NULL};
  return words_join(words);
}

/* "NAME:PATH" copies PATH. "NAME" alone, or a relative path, is looked for among the credentials of
 * the machine, which has none; the service then runs without. */
static gboolean
load(Credentials *all, const UnitEntry *entry, const char *text, GError **error) {
  const char *colon = strchr(text, ':');
  g_autofree char *name = g_strndup(text, colon != NULL ? (gsize)(colon - text) : strlen(text));
  const char *path = colon != NULL ? colon + 1 : "";
  if (!check_name(entry, name, error))
    return FALSE;
  if (path[0] != '/') {
    service_note(all->service, all->unit, entry,
                 "%s=%s is left out: the machine has no credentials of its own", entry->key, text);
    return TRUE;
  }
  if (all->installed != NULL && tree_resolve(all->installed, path) != NULL)
    strings_add_once(all->service->include, path);
  else
    service_note(all->service, all->unit, entry, "%s=%s: no package brings it: write files%s",
                 entry->key, text, path);
  const char *const from[] = {path, NULL};
  g_autofree char *source = words_join(from), *target = target_word(all, name);
  g_autofree char *line = g_strdup_printf("cp %s %s", source, target);
  strings_add_once(all->service->applets, "cp");
  add_line(all, line);
  return TRUE;
}

/* "NAME:TEXT" is what the service gets where LoadCredential= has brought nothing of that name. */
static gboolean
set(Credentials *all, const UnitEntry *entry, const WordsContext *context, GError **error) {
  g_autofree char *text = specifiers_resolve(entry->value, context, error);
  if (text == NULL) {
    service_prefix_error(error, entry);
    return FALSE;
  }
  const char *colon = strchr(text, ':');
  g_autofree char *name = g_strndup(text, colon != NULL ? (gsize)(colon - text) : 0);
  if (!check_name(entry, name, error))
    return FALSE;
  /* printf's %b undoes the escapes that systemd knows, so that a line break stays in the line. */
  g_autofree char *quoted = g_shell_quote(colon + 1), *target = target_word(all, name);
  g_autofree char *line = g_strdup_printf("[ -e %s ] || printf %%b %s >%s", target, quoted, target);
  strings_add_once(all->service->applets, "printf");
  add_line(all, line);
  return TRUE;
}

/* Only the service's user may read them. */
static void
close_folder(Credentials *all) {
  const char *user = all->service->user != NULL ? all->service->user : "root";
  const char *const give[] = {"chown", "-R", user, all->folder, NULL};
  const char *const allow[] = {"chmod", "-R", "u=rX,go=", all->folder, NULL};
  const char *const *const lines[] = {give, allow};
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
    g_autofree char *line = words_join(lines[i]);
    strings_add_once(all->service->applets, lines[i][0]);
    service_add_before(all->service, line);
  }
}

gboolean
service_read_credentials(Service *service, const Unit *unit, const Tree *installed,
                         const WordsContext *context, GError **error) {
  g_autoptr(GPtrArray) loaded = unit_all(unit, SERVICE, "LoadCredential");
  g_autoptr(GPtrArray) given = unit_all(unit, SERVICE, "SetCredential");
  g_autofree char *folder = g_strconcat("/run/credentials/", context->unit, NULL);
  Credentials all = {.service = service, .unit = unit, .installed = installed, .folder = folder};
  for (guint i = 0; i < loaded->len; i++) {
    const UnitEntry *entry = loaded->pdata[i];
    g_auto(GStrv) words = service_words(entry, context, error);
    if (words == NULL || !load(&all, entry, words[0] != NULL ? words[0] : "", error))
      return FALSE;
  }
  for (guint i = 0; i < given->len; i++) {
    const UnitEntry *entry = given->pdata[i];
    if (!set(&all, entry, context, error))
      return FALSE;
  }
  if (all.any)
    close_folder(&all);
  if (loaded->len + given->len > 0)
    g_hash_table_replace(context->environment, g_strdup("CREDENTIALS_DIRECTORY"), g_strdup(folder));
  return TRUE;
}
