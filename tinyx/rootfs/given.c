/* given.c - what a recipe brings along: files/ and files=. */
#include "rootfs/given.h"

#include "base/files.h"
#include "base/folder.h"

#include <string.h>
#include <sys/stat.h>

static void
given_free(gpointer data) {
  Given *given = data;
  g_free(given->source);
  g_free(given->path);
  g_free(given);
}

static void
given_add(GPtrArray *list, const char *source, const char *path, gboolean folder,
          TreeReasonKind kind) {
  Given *given = g_new0(Given, 1);
  given->source = g_strdup(source);
  given->path = g_strdup(path);
  given->folder = folder;
  given->kind = kind;
  g_ptr_array_add(list, given);
}

/* Adds what WORD of files= names: "PATH" or "PATH:TARGET". A TARGET that ends with a slash is a
 * folder in which PATH keeps its name; without a TARGET that folder is the root. */
static gboolean
word_add(GPtrArray *list, const Recipe *recipe, const char *word, GError **error) {
  const char *colon = g_strrstr(word, ":/");
  g_autofree char *name = colon != NULL ? g_strndup(word, (gsize)(colon - word)) : g_strdup(word);
  g_autofree char *joined =
      g_path_is_absolute(name) ? g_strdup(name) : g_build_filename(recipe->folder, name, NULL);
  g_autofree char *source = path_absolute(joined), *base = g_path_get_basename(source);
  const char *target = colon != NULL ? colon + 1 : "/";
  g_autofree char *whole = g_str_has_suffix(target, "/") ? g_strconcat(target, base, NULL) : NULL;
  g_autofree char *path = path_absolute(whole != NULL ? whole : target);
  struct stat info;
  if (stat(source, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))) {
    g_autofree char *place = recipe_place(recipe, "recipe", "files");
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: there is no file and no folder %s; expected a path relative to the recipe's "
                "folder, or an absolute one",
                place, source);
    return FALSE;
  }
  if (strcmp(path, "/") == 0) {
    g_autofree char *place = recipe_place(recipe, "recipe", "files");
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: '%s' would take the place of the root folder; expected the path of something "
                "in it",
                place, word);
    return FALSE;
  }
  given_add(list, source, path, S_ISDIR(info.st_mode), REASON_FILES);
  return TRUE;
}

GPtrArray *
given_list(const Recipe *recipe, GError **error) {
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(given_free);
  g_autofree char *folder = g_build_filename(recipe->folder, "files", NULL);
  if (g_file_test(folder, G_FILE_TEST_IS_DIR))
    given_add(list, folder, "", TRUE, REASON_FILES_FOLDER);
  for (guint i = 0; recipe->files != NULL && recipe->files[i] != NULL; i++)
    if (!word_add(list, recipe, recipe->files[i], error))
      return NULL;
  return g_steal_pointer(&list);
}

char *
given_hash(const GPtrArray *given, GError **error) {
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint i = 0; i < given->len; i++) {
    const Given *one = given->pdata[i];
    g_autofree char *content =
        one->folder ? folder_hash(one->source, error) : file_sha256(one->source, error);
    gboolean executable = !one->folder && g_file_test(one->source, G_FILE_TEST_IS_EXECUTABLE);
    if (content == NULL)
      return NULL;
    g_autofree char *line = g_strdup_printf("%s %d %s\n", one->path, executable, content);
    g_checksum_update(sum, (const guchar *)line, -1);
  }
  return g_strdup(g_checksum_get_string(sum));
}
