/* given.c - what a recipe brings along: files/ and files=. */
#include "rootfs/given.h"

#include "base/files.h"
#include "base/folder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void
given_free(gpointer data) {
  Given *given = data;
  g_free(given->source);
  g_free(given->path);
  g_free(given->place);
  g_free(given);
}

static void
given_add(GPtrArray *list, const Recipe *recipe, const char *source, const char *path,
          gboolean folder, TreeReasonKind kind) {
  Given *given = g_new0(Given, 1);
  given->source = g_strdup(source);
  given->path = g_strdup(path);
  given->folder = folder;
  given->kind = kind;
  given->place = recipe_place(recipe, "recipe", "files");
  g_ptr_array_add(list, given);
}

/* The absolute path of what WORD of files= takes. g_free. */
static char *
source_of(const Recipe *recipe, const char *word) {
  g_autofree char *name = NULL, *target = NULL;
  recipe_pair_split(word, &name, &target);
  g_autofree char *joined =
      g_path_is_absolute(name) ? g_strdup(name) : g_build_filename(recipe->folder, name, NULL);
  return path_absolute(joined);
}

/* Adds what WORD of files= names: "PATH" or "PATH:TARGET". A TARGET that ends with a slash is a
 * folder in which PATH keeps its name; without a TARGET that folder is the root. */
static gboolean
word_add(GPtrArray *list, const Recipe *recipe, const char *word, GError **error) {
  g_autofree char *name = NULL, *said = NULL;
  g_autofree char *source = source_of(recipe, word), *base = g_path_get_basename(source);
  recipe_pair_split(word, &name, &said);
  const char *target = said != NULL ? said : "/";
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
  given_add(list, recipe, source, path, S_ISDIR(info.st_mode), REASON_FILES);
  return TRUE;
}

/* Where others may not even read recipe.conf, the umask was so when the recipe was made, and says
 * nothing of what is meant for the image. */
static unsigned
withheld_by_umask(const Recipe *recipe) {
  struct stat info;
  if (recipe->file == NULL || stat(recipe->file, &info) != 0)
    return 0;
  return (info.st_mode & 0040 ? 0 : 0070) | (info.st_mode & 0004 ? 0 : 0007);
}

/* ---- how much, and from where ------------------------------------------- */

/* What cannot be read is an error of the recipe, which names it; ERROR says what and why. */
static gboolean
cannot_read(const Given *given, GError **error) {
  g_autoptr(GError) why = NULL;
  if (error == NULL || g_error_matches(*error, TINYX_ERROR, TINYX_ERROR_INTERRUPTED))
    return FALSE;
  why = g_steal_pointer(error);
  return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s", given->place, why->message);
}

/* Adds the bytes of SOURCE, if it is a file, to TOTAL. */
static gboolean
size_add(const char *source, guint64 *total, GError **error) {
  struct stat info;
  if (lstat(source, &info) != 0)
    return file_failed(source, error);
  *total += S_ISREG(info.st_mode) ? (guint64)info.st_size : 0;
  if (!S_ISREG(info.st_mode) || *total <= GIVEN_BYTES_MAX)
    return TRUE;
  g_autofree char *all = size_text(*total), *most = size_text(GIVEN_BYTES_MAX);
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "%s: files/ and files= have %s with it; expected at most %s", source, all,
                    most);
}

static gboolean
sizes_check(const GPtrArray *list, GError **error) {
  guint64 total = 0;
  for (guint i = 0; i < list->len; i++) {
    const Given *given = list->pdata[i];
    g_autofree char *target = realpath(given->source, NULL);
    g_autoptr(GPtrArray) below = NULL;
    if (!given->folder) {
      if (!size_add(target != NULL ? target : given->source, &total, error))
        return FALSE;
      continue;
    }
    if ((below = folder_paths(given->source, error)) == NULL)
      return cannot_read(given, error);
    for (guint j = 0; j < below->len; j++) {
      g_autofree char *source = g_strconcat(given->source, below->pdata[j], NULL);
      if (!size_add(source, &total, error))
        return FALSE;
    }
  }
  return TRUE;
}

/* Notes PATH, which KEY of SECTION names, in FOUND if it is, or leads, out of the recipe's folder.
 */
static void
outside_note(const Recipe *recipe, const char *section, const char *key, const char *path,
             GPtrArray *found) {
  g_autofree char *folder = realpath(recipe->folder, NULL), *real = realpath(path, NULL);
  gsize length = folder != NULL ? strlen(folder) : 0;
  if (folder == NULL || real == NULL || /* whoever needs it says that it is not there */
      (strncmp(real, folder, length) == 0 && (real[length] == '/' || folder[length - 1] == '/')))
    return;
  g_autofree char *place = recipe_place(recipe, section, key);
  g_ptr_array_add(found, g_strdup_printf("%s: %s%s%s", place, path,
                                         strcmp(path, real) != 0 ? ", which is " : "",
                                         strcmp(path, real) != 0 ? real : ""));
}

GPtrArray *
given_outside(const Recipe *recipe) {
  GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *folder = g_build_filename(recipe->folder, "files", NULL);
  outside_note(recipe, "recipe", "files", folder, found);
  for (guint i = 0; recipe->files[i] != NULL; i++) {
    g_autofree char *source = source_of(recipe, recipe->files[i]);
    outside_note(recipe, "recipe", "files", source, found);
  }
  if (recipe->test_script != NULL)
    outside_note(recipe, "test", "script", recipe->test_script, found);
  if (recipe->test_at_boot != NULL)
    outside_note(recipe, "test", "at-boot", recipe->test_at_boot, found);
  return found;
}

GPtrArray *
given_list(const Recipe *recipe, GError **error) {
  g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(given_free);
  g_autofree char *folder = g_build_filename(recipe->folder, "files", NULL);
  if (g_file_test(folder, G_FILE_TEST_IS_DIR))
    given_add(list, recipe, folder, "", TRUE, REASON_FILES_FOLDER);
  for (guint i = 0; recipe->files != NULL && recipe->files[i] != NULL; i++)
    if (!word_add(list, recipe, recipe->files[i], error))
      return NULL;
  for (guint i = 0; i < list->len; i++)
    ((Given *)list->pdata[i])->withheld = withheld_by_umask(recipe);
  return sizes_check(list, error) ? g_steal_pointer(&list) : NULL;
}

unsigned
given_mode(const Given *given, const struct stat *info) {
  if (S_ISDIR(info->st_mode) || (info->st_mode & 0111) != 0)
    return 0755;
  return 0600 | (0644 & (info->st_mode | given->withheld));
}

/* The modes of files that the image will not have as 0644, which folder_hash() does not look at. */
static gboolean
modes_add(GChecksum *sum, const Given *given, GError **error) {
  g_autoptr(GPtrArray) paths = given->folder ? folder_paths(given->source, error) : NULL;
  guint count = given->folder ? (paths != NULL ? paths->len : 0) : 1;
  for (guint i = 0; i < count; i++) {
    const char *below = given->folder ? paths->pdata[i] : "";
    g_autofree char *path = g_strconcat(given->source, below, NULL);
    struct stat info;
    if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode) || (given_mode(given, &info) & 04) != 0)
      continue;
    g_autofree char *line = g_strdup_printf("%s %o\n", below, given_mode(given, &info));
    g_checksum_update(sum, (const guchar *)line, -1);
  }
  return !given->folder || paths != NULL;
}

char *
given_hash(const GPtrArray *given, GError **error) {
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint i = 0; i < given->len; i++) {
    const Given *one = given->pdata[i];
    g_autofree char *content =
        one->folder ? folder_hash(one->source, error) : file_sha256(one->source, error);
    gboolean executable = !one->folder && g_file_test(one->source, G_FILE_TEST_IS_EXECUTABLE);
    if (content == NULL) {
      cannot_read(one, error);
      return NULL;
    }
    g_autofree char *line = g_strdup_printf("%s %d %s\n", one->path, executable, content);
    g_checksum_update(sum, (const guchar *)line, -1);
    if (!modes_add(sum, one, error))
      return NULL;
  }
  return g_strdup(g_checksum_get_string(sum));
}
