/* loader-environment.c - reads LD_LIBRARY_PATH, LD_PRELOAD and LD_AUDIT as ld.so(8) does. */
#include "rootfs/loader-environment.h"

#include <string.h>

void
loader_environment_clear(LoaderEnvironment *environment) {
  g_clear_pointer(&environment->ld_library_path, g_free);
  g_clear_pointer(&environment->preload, g_free);
}

/* The last value that RUN gives NAME; NULL: none. */
static const char *
value_of(const RecipeRun *run, const char *name) {
  const char *value = NULL;
  gsize length = strlen(name);
  for (char **word = run->environment; word != NULL && *word != NULL; word++)
    if (strncmp(*word, name, length) == 0 && (*word)[length] == '=')
      value = *word + length + 1;
  return value;
}

static void
append_word(GString *list, const char *word) {
  g_string_append_printf(list, "%s%s", list->len > 0 ? ":" : "", word);
}

/* The folders of RUN's LD_LIBRARY_PATH. "$ORIGIN/x" is the loader's to make absolute. */
static void
append_folders(GString *list, const RecipeRun *run) {
  const char *value = value_of(run, "LD_LIBRARY_PATH");
  if (value == NULL || *value == '\0')
    return;
  g_auto(GStrv) folders = g_strsplit_set(value, ":;", -1);
  for (char **folder = folders; *folder != NULL; folder++) {
    gboolean whole = **folder == '/' || **folder == '$';
    g_autofree char *path =
        whole ? g_strdup(*folder)
              : g_build_filename(run->directory != NULL ? run->directory : "/", *folder, NULL);
    append_word(list, path);
  }
}

static void
append_names(GString *list, const RecipeRun *run) {
  static const char *const variables[] = {"LD_PRELOAD", "LD_AUDIT"};
  for (guint i = 0; i < G_N_ELEMENTS(variables); i++) {
    const char *value = value_of(run, variables[i]);
    g_auto(GStrv) names = g_strsplit_set(value != NULL ? value : "", " :", -1);
    for (char **name = names; *name != NULL; name++)
      if (**name != '\0')
        append_word(list, *name);
  }
}

/* LIST's text; NULL for an empty one. Frees LIST. */
static char *
take_text(GString *list) {
  gboolean empty = list->len == 0;
  char *text = g_string_free(list, empty);
  return empty ? NULL : text;
}

static gboolean
has_files(const Recipe *recipe) {
  g_autofree char *folder =
      recipe->folder != NULL ? g_build_filename(recipe->folder, "files", NULL) : NULL;
  return (recipe->files != NULL && recipe->files[0] != NULL) ||
         (folder != NULL && g_file_test(folder, G_FILE_TEST_IS_DIR));
}

LoaderEnvironment
loader_environment(const Recipe *recipe) {
  LoaderEnvironment environment = {0};
  GString *folders = g_string_new(NULL), *names = g_string_new(NULL);
  guint count = recipe->runs != NULL ? recipe->runs->len : 0;
  const RecipeRun *first = count > 0 ? recipe->runs->pdata[0] : NULL;
  for (guint i = 0; i < count; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    append_folders(folders, run);
    append_names(names, run);
    environment.differs = environment.differs || g_strcmp0(value_of(first, "LD_LIBRARY_PATH"),
                                                           value_of(run, "LD_LIBRARY_PATH")) != 0;
  }
  environment.has_files = has_files(recipe);
  environment.ld_library_path = take_text(folders);
  environment.preload = take_text(names);
  return environment;
}
