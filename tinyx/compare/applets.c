/* applets.c - which BusyBox applets a recipe runs, and links for them in a Debian. */
#include "compare/applets.h"
#include "base/elffile.h"
#include "base/files.h"

#include <string.h>

#define BUSYBOX "/bin/busybox"

/* "" for a command that cannot be split. g_free. */
static char *
run_program(const RecipeRun *run) {
  g_auto(GStrv) words = NULL;
  return g_strdup(g_shell_parse_argv(run->command, NULL, &words, NULL) ? words[0] : "");
}

/* The program of a run whose last part is NAME, or NULL. g_free. */
static char *
program_named(const Recipe *recipe, const char *name) {
  for (guint i = 0; i < recipe->runs->len; i++) {
    g_autofree char *program = run_program(recipe->runs->pdata[i]);
    g_autofree char *base = g_path_get_basename(program);
    if (strcmp(base, name) == 0)
      return g_steal_pointer(&program);
  }
  return NULL;
}

gboolean
applets_wanted(const Recipe *recipe) {
  g_autofree char *busybox = program_named(recipe, "busybox");
  gboolean wanted = busybox != NULL;
  for (guint i = 0; recipe->applets != NULL && recipe->applets[i] != NULL; i++) {
    g_autofree char *program = program_named(recipe, recipe->applets[i]);
    wanted = wanted || program != NULL;
  }
  return wanted;
}

/* Where a link for APPLET has to be; NULL: something is there already. g_free. */
static char *
place_of(const Tree *tree, const Recipe *recipe, const char *applet) {
  static const char *const folders[] = {"/usr/bin", "/usr/sbin", "/bin", "/sbin"};
  g_autofree char *program = program_named(recipe, applet);
  if (program != NULL)
    return tree_resolve(tree, program) == NULL ? g_steal_pointer(&program) : NULL;
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_build_filename(folders[i], applet, NULL);
    if (tree_resolve(tree, path) != NULL)
      return NULL;
  }
  return g_build_filename(folders[0], applet, NULL);
}

/* BusyBox holds its applets' names one after the other, each with a zero behind it
 * (include/applet_tables.h): the first, "[", has one before it, too. */
static gboolean
has_applet(const char *bytes, gsize size, const char *applet) {
  gsize length = strlen(applet) + 2;
  g_autofree char *name = g_malloc0(length);
  memcpy(name + 1, applet, length - 2);
  return memmem(bytes, size, name, length) != NULL;
}

gboolean
applets_add(Tree *tree, const Recipe *recipe, GError **error) {
  const TreeEntry *busybox = tree_resolve(tree, BUSYBOX);
  g_autofree char *bytes = NULL;
  gsize size;
  if (busybox == NULL || busybox->source == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "the package busybox has no %s", BUSYBOX);
    return FALSE;
  }
  if (!file_read(busybox->source, ELF_BYTES_MAX, &bytes, &size, error))
    return FALSE;
  for (guint i = 0; recipe->applets != NULL && recipe->applets[i] != NULL; i++) {
    g_autofree char *path = place_of(tree, recipe, recipe->applets[i]);
    if (path != NULL && has_applet(bytes, size, recipe->applets[i]) &&
        tree_add_symlink(tree, path, BUSYBOX,
                         from_origin(ORIGIN_RECIPE, "applet of Debian's BusyBox"), error) == NULL)
      return FALSE;
  }
  return TRUE;
}

char *
applets_missing_program(const Tree *tree, const Recipe *recipe) {
  for (guint i = 0; i < recipe->runs->len; i++) {
    g_autofree char *program = run_program(recipe->runs->pdata[i]);
    if (tree_resolve(tree, program) == NULL)
      return g_steal_pointer(&program);
  }
  return NULL;
}
