/* own-draft.c - drafts a recipe for a person's own program. */
#include "base/files.h"
#include "base/msg.h"
#include "base/script.h"
#include "base/strings.h"
#include "deps/packages.h"
#include "draft/draft-private.h"
#include "draft/own-private.h"
#include "draft/scan.h"
#include "draft/try.h"
#include "draft/tryout.h"
#include "rootfs/install.h"

#include <string.h>

#define USER "nobody" /* whom no file belongs to */

char *
draft_own_folder(const char *path) {
  if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
    char *folder = g_strdup(path); /* "site/" is shown as "site" */
    for (gsize length = strlen(folder); length > 1 && folder[length - 1] == '/'; length--)
      folder[length - 1] = '\0';
    return folder;
  }
  g_autofree char *name = g_path_get_basename(path);
  char *dot = strrchr(name, '.');
  if (dot != NULL && dot != name)
    *dot = '\0';
  if (!g_file_test(name, G_FILE_TEST_EXISTS) || g_file_test(name, G_FILE_TEST_IS_DIR))
    return g_strdup(name);
  return g_strconcat(name, "-vm", NULL); /* the program itself has the name */
}

/* NAME as the first half of a word of files=. g_free. */
static char *
escaped(const char *name) {
  g_autofree char *slashes = own_put_in(name, "\\", "\\\\");
  return own_put_in(slashes, ":", "\\:");
}

static void
add_files(Draft *draft, const OwnProgram *own) {
  draft->own_folder = g_strdup(own->folder);
  draft->own = strings_new();
  for (guint i = 0; i < own->entries->len; i++) {
    const char *name = own->entries->pdata[i];
    g_autofree char *from = escaped(name);
    g_autofree char *target = g_build_filename(own->root, name, NULL);
    g_autofree char *to = escaped(target);
    g_autofree char *word = g_strdup_printf("%s:%s", from, to);
    strv_add_once(&draft->recipe->files, word);
    g_ptr_array_add(draft->own, g_strdup(name));
  }
  draft_set_from(draft, "recipe", "files", g_strdup("what is named here goes into the image"));
}

/* What stays out of folders that are taken, if it is there. */
static void
add_exclude(Draft *draft, const OwnProgram *own) {
  for (guint i = 0; i < own->leave->len; i++) {
    const char *path = own->leave->pdata[i];
    g_autoptr(GPtrArray) found = own_match(own->folder, path + strlen(own->root) + 1);
    if (found->len > 0)
      strv_add_once(&draft->recipe->exclude, path);
  }
}

/* The program that is started, if a shell runs it: its applets. */
static gboolean
scan_main(Draft *draft, const OwnProgram *own, const Tree *installed, GError **error) {
  for (guint i = 0; i < own->entries->len; i++) {
    g_autofree char *path = g_build_filename(own->folder, own->entries->pdata[i], NULL);
    g_autofree char *text = NULL;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
        !file_read(path, SCRIPT_MAX, &text, NULL, NULL))
      continue;
    g_autofree char *interpreter = script_interpreter(text);
    gboolean shell =
        interpreter != NULL ? script_is_shell(interpreter) : g_str_has_suffix(path, ".sh");
    if (shell && g_utf8_validate(text, -1, NULL) &&
        !scan_script_text(draft, text, installed, error))
      return FALSE;
  }
  return TRUE;
}

static void
fill_recipe(Draft *draft, const OwnProgram *own) {
  Recipe *recipe = draft->recipe;
  recipe->description = g_strdup_printf("%s: %s", own->name, own->kind);
  for (guint i = 0; i < own->packages->len; i++)
    strv_add_once(&recipe->packages, own->packages->pdata[i]);
  for (guint i = 0; own->applets != NULL && own->applets[i] != NULL; i++)
    strv_add_once(&recipe->applets, own->applets[i]);
  for (guint i = 0; i < own->notes->len; i++)
    g_ptr_array_add(draft->notes, g_strdup(own->notes->pdata[i]));
  add_files(draft, own);
  add_exclude(draft, own);
}

/* Drafts OWN, run as USER_NAME (NULL: root). */
static gboolean
draft_own(const OwnProgram *own, const DraftOptions *options, const char *user_name,
          const Tree *installed, Draft *draft, GError **error) {
  const char *given = options->commands != NULL ? options->commands[0] : NULL;
  draft_init(draft, own->name);
  fill_recipe(draft, own);
  Service *service = service_from_command(own->name, given != NULL ? given : own->command, error);
  if (service == NULL)
    return FALSE;
  RecipeRun *run = service->run;
  g_free(run->directory);
  run->directory = g_strdup(own->root);
  g_strfreev(run->environment);
  run->environment = g_strdupv(own->environment);
  run->user = g_strdup(user_name);
  draft_take_service(draft, service, own->name);
  if (own->evidence_only) {
    strv_remove(&draft->recipe->with, "server");
    draft_set_from(draft, "kernel", "with", NULL);
  }
  draft_set_from(draft, "run", NULL, g_strdup(own->kind));
  if (!scan_main(draft, own, installed, error))
    return FALSE;
  if (options->n_ports > 0)
    draft_set_port(draft, service, options->ports[0], g_strdup("given"));
  else
    draft_set_port(draft, service, own->port, own->port > 0 ? g_strdup("the command's") : NULL);
  return options->untried || draft_try(draft, installed, error);
}

/* TRUE if the last words of a try-out are about rights (errno(3): EACCES, EPERM, EROFS). */
static gboolean
lacked_rights(const Draft *draft) {
  for (guint i = 0; i < draft->notes->len; i++)
    if (g_regex_match_simple("permission denied|not permitted|EACCES|EPERM|read-only file system",
                             draft->notes->pdata[i], G_REGEX_CASELESS, 0))
      return TRUE;
  return FALSE;
}

/* Nobody's rights are enough for most; where they are not, root's are tried. */
static gboolean
draft_and_fall_back(const OwnProgram *own, const DraftOptions *options, const Tree *installed,
                    Draft *draft, GError **error) {
  g_auto(Draft) other = {0};
  if (!draft_own(own, options, USER, installed, draft, error))
    return FALSE;
  if (!draft->silent || !lacked_rights(draft))
    return TRUE;
  msg_stage_detail("as root");
  if (!draft_own(own, options, NULL, installed, &other, error))
    return FALSE;
  if (other.silent)
    return TRUE;
  g_ptr_array_add(other.notes, g_strdup("it runs as root: as " USER " it opened no port"));
  Draft first = *draft;
  *draft = other;
  other = first; /* to be cleared */
  return TRUE;
}

/* Where it starts a program of its own folder that is a link, that has to lead into the image. */
static gboolean
check_link(const OwnProgram *own, const Tree *installed, GError **error) {
  g_auto(GStrv) words = NULL;
  gsize root = strlen(own->root);
  if (!g_shell_parse_argv(own->command, NULL, &words, NULL) ||
      !g_str_has_prefix(words[0], own->root) || words[0][root] != '/')
    return TRUE;
  g_autofree char *path = g_build_filename(own->folder, words[0] + root + 1, NULL);
  g_autofree char *target = g_file_read_link(path, NULL);
  if (target == NULL || target[0] != '/' || tree_resolve(installed, target) != NULL)
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "%s leads to %s, which no package brings; expected one that was made by a "
                    "program of Debian's packages",
                    path, target);
}

static gboolean
check_same(const OwnProgram *own, const Tree *installed, GError **error) {
  if (own->same == NULL)
    return TRUE;
  g_autoptr(GPtrArray) found = own_match(own->folder, own->same);
  for (guint i = 0; i < found->len; i++) {
    g_autofree char *name = g_path_get_basename(found->pdata[i]);
    g_autofree char *path = g_build_filename(own->same_as, name, NULL);
    if (tree_resolve(installed, path) == NULL)
      return tinyx_fail(error, TINYX_ERROR_INPUT,
                        "%s/%s is of another version: the image has no %s; expected it to be made "
                        "anew by Debian's",
                        own->folder, (char *)found->pdata[i], path);
  }
  return TRUE;
}

static gboolean
check_counts(const DraftOptions *options, GError **error) {
  guint commands = options->commands != NULL ? g_strv_length((char **)options->commands) : 0;
  if (commands <= 1 && options->n_ports <= 1)
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "one program, %u --command, %u --port; expected at most one of each", commands,
                    options->n_ports);
}

gboolean
draft_make_own(const char *path, const DraftOptions *options, Draft *draft, GError **error) {
  g_auto(OwnProgram) own = {0};
  g_auto(Installation) installation = {0};
  if (!check_counts(options, error) || !own_find(path, &own, error))
    return FALSE;
  for (const char *const *word = options->packages; *word != NULL; word++)
    strings_add_once(own.packages, *word);
  g_auto(GStrv) packages = strings_copy(own.packages);
  g_autoptr(GPtrArray) closure = package_closure((const char *const *)packages, NULL, NULL, error);
  if (closure == NULL || !installation_get((const char *const *)packages, &installation, error) ||
      !check_link(&own, installation.tree, error) || !check_same(&own, installation.tree, error) ||
      !draft_and_fall_back(&own, options, installation.tree, draft, error))
    return FALSE;
  if (options->platform != NULL)
    draft_note_devices(draft, options->platform);
  return draft_check(draft, error);
}
