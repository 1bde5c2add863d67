/* watch.c - the folder that puts an application of an image under strace. */
#include "trace/watch.h"

#include "base/files.h"
#include "base/proc.h"
#include "deps/closure.h"

#include <string.h>

#define TOOL "strace"
#define FOLDER ".tinyx-watch"
#define LOADER "ld.so"
#define COPY_SECONDS 60

/* Under the names by which they are looked for: a library's may be a link on this machine. */
static gboolean
copy_tool(const char *program, const char *folder, GError **error) {
  const char *const names[] = {program, NULL};
  const ClosureInput input = {.root = "/", .names = names, .static_only = TRUE};
  g_auto(Closure) closure = {0};
  if (!closure_compute(&input, &closure, error))
    return FALSE;
  for (guint i = 0; i < closure.files->len; i++) {
    const DepFile *file = closure.files->pdata[i];
    const char *slash = strrchr(file->path, '/');
    g_autofree char *to = g_build_filename(folder, slash + 1, NULL);
    if (g_file_test(file->path, G_FILE_TEST_IS_REGULAR) && !file_copy(file->path, to, 0755, error))
      return FALSE;
    g_autofree char *loader = g_build_filename(folder, LOADER, NULL);
    if (file->kind == DEP_INTERP && g_file_test(file->path, G_FILE_TEST_IS_REGULAR) &&
        !file_copy(file->path, loader, 0755, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
copy_scripts(const char *root, GError **error) {
  static const struct {
    const char *name, *path;
  } scripts[] = {{"watch", "etc/tinyx/run"}, {"run", FOLDER "/run"}, {"watch-say", FOLDER "/say"}};
  for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
    g_autofree char *name = g_build_filename("rootfs/glue", scripts[i].name, NULL);
    g_autofree char *from = data_path(name);
    g_autofree char *to = g_build_filename(root, scripts[i].path, NULL);
    if (!file_copy(from, to, 0644, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
make_folders(const char *root, GError **error) {
  static const char *const folders[] = {"etc/tinyx", FOLDER};
  for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *folder = g_build_filename(root, folders[i], NULL);
    if (g_mkdir_with_parents(folder, 0755) != 0)
      return file_failed(folder, error);
  }
  return TRUE;
}

/* Into ROOT, which is there and empty. */
static gboolean
fill(const char *own, const char *root, GError **error) {
  g_autofree char *program = g_find_program_in_path(TOOL);
  g_autofree char *from = own != NULL ? g_strconcat(own, "/.", NULL) : NULL;
  g_autofree char *folder = g_build_filename(root, FOLDER, NULL);
  return proc_need(TOOL, error) &&
         (from == NULL || proc_call(COPY_SECONDS, NULL, error, "cp", "-a", from, root, NULL)) &&
         make_folders(root, error) && copy_tool(program, folder, error) &&
         copy_scripts(root, error);
}

char *
watch_folder_make(const char *own, GError **error) {
  g_autofree char *root = g_dir_make_tmp("tinyx-watch-XXXXXX", error);
  if (root != NULL && fill(own, root, error))
    return g_steal_pointer(&root);
  if (root != NULL)
    dir_remove(root, NULL);
  return NULL;
}
