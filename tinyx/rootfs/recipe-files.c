/* recipe-files.c - the files that a recipe brings along, with what its programs need. */
#include "rootfs/recipe-files.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/proc.h"
#include "deps/closure.h"
#include "deps/suspects.h"
#include "rootfs/file-capabilities.h"
#include "rootfs/given.h"
#include "rootfs/loader-environment.h"
#include "rootfs/needed.h"
#include "rootfs/patterns.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_DEADLINE 300

static TreeFrom
from_given(const Given *given) {
  return (TreeFrom){.origin = ORIGIN_RECIPE, .kind = given->kind};
}

/* Adds the file SOURCE at PATH. Where it replaces a package's file, it gets that file's owner and
 * mode, so that no other users can read it than before; but it is executable only if SOURCE is, and
 * what others may not read here stays so. */
static gboolean
file_add(Tree *tree, const Given *given, const char *source, const char *path, unsigned mode,
         GError **error) {
  const TreeEntry *old = tree_resolve(tree, path);
  gboolean kept = old != NULL && old->type == TREE_FILE;
  unsigned uid = kept ? old->uid : 0, gid = kept ? old->gid : 0;
  gboolean closed = old != NULL && (old->mode & 0004) != 0 && (mode & 0004) == 0;
  if (kept && ((old->mode & 0111) != 0) == ((mode & 0111) != 0) && !closed)
    mode = old->mode & 0777;
  gboolean replaces = kept && old->package != NULL;
  TreeEntry *entry = tree_add_file(tree, path, source, mode, from_given(given), error);
  if (entry == NULL)
    return FALSE;
  entry->state = replaces ? STATE_CHANGED : STATE_NEW;
  entry->uid = uid;
  entry->gid = gid;
  entry->capabilities = file_capabilities_of(source);
  return TRUE;
}

/* Adds a pipe; sockets are made by who listens on them, and nodes by the glue: they are noted. */
static gboolean
special_add(Tree *tree, const Given *given, const char *source, const char *path, mode_t mode,
            GPtrArray *notes, GError **error) {
  if (S_ISFIFO(mode))
    return tree_add_node(tree, path, TREE_FIFO, mode & 0777, 0, 0, from_given(given), error) !=
           NULL;
  g_ptr_array_add(notes, g_strdup_printf("%s: a %s; it is not in the image", source,
                                         S_ISSOCK(mode) ? "socket" : "device node"));
  return TRUE;
}

/* Adds what is at SOURCE to the image at PATH. A link is added as a link, but one that files= names
 * itself stands for its target. */
static gboolean
path_add(Tree *tree, const Given *given, const char *source, const char *path, GPtrArray *notes,
         GError **error) {
  struct stat info;
  gboolean named = strcmp(source, given->source) == 0;
  if (fstatat(AT_FDCWD, source, &info, named ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
    return file_failed(source, error);
  if (S_ISREG(info.st_mode))
    return file_add(tree, given, source, path, given_mode(given, &info), error);
  if (S_ISLNK(info.st_mode)) {
    g_autofree char *target = g_file_read_link(source, error);
    return target != NULL && tree_add_symlink(tree, path, target, from_given(given), error) != NULL;
  }
  if (!S_ISDIR(info.st_mode))
    return special_add(tree, given, source, path, info.st_mode, notes, error);
  const TreeEntry *old = tree_resolve(tree, path);
  if (old != NULL && old->type == TREE_DIR) /* a package's folder keeps its owner and mode */
    return TRUE;
  return tree_add_dir(tree, path, given_mode(given, &info), from_given(given), error) != NULL;
}

/* TRUE if a closure can find needs of the file: it may be executed, or is an ELF file. */
static gboolean
is_program(const char *source) {
  struct stat info;
  char start[4] = "";
  if (stat(source, &info) != 0 || !S_ISREG(info.st_mode))
    return FALSE;
  FILE *file = file_open(source, G_MAXUINT64, NULL);
  gsize size = file != NULL ? fread(start, 1, sizeof start, file) : 0;
  if (file != NULL)
    fclose(file);
  return (size == 4 && memcmp(start, "\177ELF", 4) == 0) ||
         (size >= 2 && memcmp(start, "#!", 2) == 0 && (info.st_mode & 0111) != 0);
}

/* Adds one of GIVEN with all that is in it, less what EXCLUDE (patterns, may be NULL) leaves out of
 * a folder; PROGRAMS gets the paths of its programs. */
static gboolean
given_add(Tree *tree, const Given *given, char *const *exclude, GPtrArray *programs,
          GPtrArray *notes, GError **error) {
  g_autoptr(GPtrArray) below = NULL;
  if (*given->path != '\0' && !path_add(tree, given, given->source, given->path, notes, error))
    return FALSE;
  if (!given->folder) {
    if (is_program(given->source))
      g_ptr_array_add(programs, g_strdup(given->path));
    return TRUE;
  }
  below = folder_paths(given->source, error);
  for (guint i = 0; below != NULL && i < below->len; i++) {
    g_autofree char *source = g_strconcat(given->source, below->pdata[i], NULL);
    g_autofree char *path = g_strconcat(given->path, below->pdata[i], NULL);
    if (pattern_find((const char *const *)exclude, path) != NULL)
      continue;
    if (!path_add(tree, given, source, path, notes, error))
      return FALSE;
    if (!g_file_test(source, G_FILE_TEST_IS_SYMLINK) && is_program(source))
      g_ptr_array_add(programs, g_steal_pointer(&path));
  }
  return below != NULL;
}

static gboolean
needed_add(Tree *tree, const DepFile *file, const Tree *installed, GError **error) {
  const TreeEntry *entry = tree_find(installed, file->path);
  if (file->needed_by == NULL || entry == NULL || tree_find(tree, file->path) != NULL)
    return TRUE;
  return tree_add_copy(tree, entry, needed_from(file, entry->origin, entry->package), error) !=
         NULL;
}

/* PATH with the links of INSTALLED followed, as far as PATH exists in it. g_free. */
static char *
path_resolved(const Tree *installed, const char *path) {
  g_autofree char *known = g_strdup(path);
  for (char *slash = strrchr(known, '/'); slash != NULL; slash = strrchr(known, '/')) {
    *slash = '\0';
    const TreeEntry *entry = *known != '\0' ? tree_resolve(installed, known) : NULL;
    if (entry != NULL)
      return g_strconcat(entry->path, path + (slash - known), NULL);
  }
  return g_strdup(path);
}

/* TRUE if FOLDER is in COPY. It may not be: a link that the recipe brought along can lead out of
 * COPY, to a place on this machine. */
static gboolean
is_within(const char *folder, const char *copy) {
  g_autofree char *here = realpath(folder, NULL), *root = realpath(copy, NULL);
  return here != NULL && root != NULL && g_str_has_prefix(here, root);
}

/* Copies GIVEN into COPY, a folder with the installation's files. */
static gboolean
given_copy(const Given *given, const Tree *installed, const char *copy, GError **error) {
  g_autofree char *path = path_resolved(installed, given->path);
  g_autofree char *to = g_strconcat(copy, path, NULL);
  g_autofree char *folder = given->folder ? g_strdup(to) : g_path_get_dirname(to);
  g_autofree char *from = g_strconcat(given->source, given->folder ? "/." : "", NULL);
  g_autofree char *there = g_strdup(folder);
  while (!g_file_test(there, G_FILE_TEST_EXISTS)) {
    char *parent = g_path_get_dirname(there);
    g_free(there);
    there = parent;
  }
  if (!is_within(there, copy)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: its place %s is behind a link that leads out of the image; expected the path "
                "that the link leads to",
                given->source, given->path);
    return FALSE;
  }
  return dir_make(folder, error) &&
         proc_call(COPY_DEADLINE, NULL, error, "cp", given->folder ? "-a" : "-aL",
                   "--remove-destination", "--", from, to, NULL);
}

/* The closure is computed in a copy of ROOT (made of hard links) with the recipe's files in it. */
static gboolean
programs_close(Tree *tree, const Recipe *recipe, const GPtrArray *programs, const GPtrArray *given,
               const char *copy, const char *root, const Tree *installed, GPtrArray *notes,
               GPtrArray *suspects, GError **error) {
  g_autofree char *from = g_strconcat(root, "/.", NULL);
  g_auto(Closure) closure = {0};
  g_auto(LoaderEnvironment) environment = loader_environment(recipe);
  ClosureInput input = {.root = copy,
                        .names = (const char *const *)programs->pdata,
                        .ld_library_path = environment.ld_library_path,
                        .path_of_some = environment.differs,
                        .preload = environment.preload,
                        .pass_over = TRUE};
  if (!proc_call(COPY_DEADLINE, NULL, error, "cp", "-al", "--", from, copy, NULL))
    return FALSE;
  for (guint i = 0; i < given->len; i++)
    if (!given_copy(given->pdata[i], installed, copy, error))
      return FALSE;
  if (!closure_compute(&input, &closure, error))
    return FALSE;
  for (int links = 1; links >= 0; links--)
    for (guint i = 0; i < closure.files->len; i++) {
      const DepFile *file = closure.files->pdata[i];
      if ((file->link != NULL) == links && !needed_add(tree, file, installed, error))
        return FALSE;
    }
  for (guint i = 0; i < closure.missing->len; i++)
    g_ptr_array_add(notes, g_strdup(closure.missing->pdata[i]));
  for (guint i = 0; i < closure.notes->len; i++) /* the packages' closure may have said the same */
    if (!g_ptr_array_find_with_equal_func(notes, closure.notes->pdata[i], g_str_equal, NULL))
      g_ptr_array_add(notes, g_strdup(closure.notes->pdata[i]));
  if (suspects != NULL)
    suspects_append(suspects, closure.suspects);
  return TRUE;
}

gboolean
recipe_files_add_at_boot(Tree *tree, const Recipe *recipe, GError **error) {
  const Given given = {.source = recipe->test_at_boot,
                       .path = (char *)"",
                       .folder = TRUE,
                       .kind = REASON_FILES_FOLDER};
  g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  return recipe->test_at_boot == NULL || given_add(tree, &given, NULL, programs, notes, error);
}

gboolean
recipe_files_add(Tree *tree, const Recipe *recipe, const char *root, const Tree *installed,
                 GPtrArray *notes, GPtrArray *suspects, GError **error) {
  g_autoptr(GPtrArray) given = given_list(recipe, error);
  g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(g_free);
  if (given == NULL)
    return FALSE;
  for (guint i = 0; i < given->len; i++)
    if (!given_add(tree, given->pdata[i], recipe->exclude, programs, notes, error))
      return FALSE;
  if (programs->len == 0)
    return TRUE;
  g_ptr_array_add(programs, NULL);
  g_autofree char *copy = cache_begin("installed", "with-files", error);
  if (copy == NULL)
    return FALSE;
  gboolean ok =
      programs_close(tree, recipe, programs, given, copy, root, installed, notes, suspects, error);
  cache_discard(copy);
  return ok;
}
