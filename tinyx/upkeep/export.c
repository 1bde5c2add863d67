/* export.c - an image as a folder or an archive that starts by a script: see export.h. */
#include "upkeep/export.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAR_SECONDS 600
#define PACKED_TIME "946684800" /* 2000-01-01: the same files make the same archive */

typedef struct {
  const Recipe *recipe;
  const char *folder; /* what becomes the target */
  gboolean several;   /* a folder each */
  GString *how;       /* of README.txt: how each is started */
  GPtrArray *files;   /* char*, in the folder: of which README.txt has the sums */
} Export;

void
export_part_free(gpointer data) {
  ExportPart *part = data;
  g_free(part->folder);
  g_free(part);
}

/* ---- one image --------------------------------------------------------- */

static gboolean
add_text(Export *export, const char *place, const PlatformFile *file, GError **error) {
  g_autofree char *name = g_build_filename(place, file->name, NULL);
  g_autofree char *path = g_build_filename(export->folder, name, NULL);
  g_ptr_array_add(export->files, g_strdup(name));
  return file_write(path, file->text, strlen(file->text), file->is_program ? 0755 : 0644, error);
}

static gboolean
add_texts(Export *export, const char *place, const GPtrArray *files, GError **error) {
  for (guint i = 0; i < files->len; i++)
    if (!add_text(export, place, files->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_copy(Export *export, const char *place, const char *folder, const char *name, GError **error) {
  g_autofree char *from = g_build_filename(folder, name, NULL);
  g_autofree char *there = g_build_filename(place, name, NULL);
  g_autofree char *to = g_build_filename(export->folder, there, NULL);
  g_ptr_array_add(export->files, g_strdup(there));
  return file_copy(from, to, 0644, error);
}

static gboolean
add_part(Export *export, const ExportPart *part, GError **error) {
  const Platform *platform = part->platform;
  const char *place = export->several ? platform->name : ".";
  const char *rootfs = rootfs_format_file(part->format);
  gboolean from_disk = rootfs_format_is_disk(part->format);
  g_autofree char *cmdline = platform_cmdline(platform, NULL, from_disk);
  g_autofree char *folder = g_build_filename(export->folder, place, NULL);
  g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(platform_file_free);
  g_autoptr(GPtrArray) beside = g_ptr_array_new_with_free_func(platform_file_free);
  const PlatformImage image = {.name = export->recipe->name,
                               .kernel = platform->kernel,
                               .vmlinux = PLATFORM_KERNEL_ELF,
                               .initrd = from_disk ? NULL : rootfs,
                               .disk = from_disk ? rootfs : NULL,
                               .cmdline = cmdline,
                               .memory = part->memory,
                               .vifs = export->recipe->vifs};
  g_autofree char *how = platform_export(platform, &image, place, scripts, beside);
  g_string_append_printf(export->how, "%s\n", how);
  return dir_make(folder, error) && add_texts(export, ".", scripts, error) &&
         add_texts(export, place, beside, error) &&
         add_copy(export, place, part->folder, platform->kernel, error) &&
         add_copy(export, place, part->folder, rootfs, error);
}

/* ---- all of it --------------------------------------------------------- */

static gboolean
write_readme(const Export *export, GError **error) {
  g_autofree char *path = g_build_filename(export->folder, "README.txt", NULL);
  const Recipe *recipe = export->recipe;
  g_autoptr(GString) text = g_string_new(NULL);
  g_string_append_printf(
      text,
      "%s: %s\n\nA virtual machine that runs just this, made by tinyx " TINYX_VERSION ".%s\n\n",
      recipe->name, recipe->description != NULL ? recipe->description : "an application",
      export->several ? " Any one of these starts it:" : "");
  g_string_append(text, export->how->str);
  if (recipe->port > 0)
    g_string_append_printf(text, "It listens on port %d.\n", recipe->port);
  g_string_append(text, "\nSHA-256 (`sha256sum -c README.txt` checks them):\n\n");
  for (guint i = 0; i < export->files->len; i++) {
    g_autofree char *file = g_build_filename(export->folder, export->files->pdata[i], NULL);
    g_autofree char *sum = file_sha256(file, error);
    if (sum == NULL)
      return FALSE;
    const char *name = export->files->pdata[i];
    g_string_append_printf(text, "%s  %s\n", sum, g_str_has_prefix(name, "./") ? name + 2 : name);
  }
  return file_write(path, text->str, text->len, 0644, error);
}

static gboolean
write_folder(const Recipe *recipe, const GPtrArray *parts, const char *folder, GError **error) {
  Export export = {.recipe = recipe,
                   .folder = folder,
                   .several = parts->len > 1,
                   .how = g_string_new(NULL),
                   .files = g_ptr_array_new_with_free_func(g_free)};
  gboolean done = TRUE;
  for (guint i = 0; done && i < parts->len; i++)
    done = add_part(&export, parts->pdata[i], error);
  done = done && write_readme(&export, error);
  g_string_free(export.how, TRUE);
  g_ptr_array_unref(export.files);
  return done;
}

/* A folder beside TARGET, so that it becomes that by one rename. g_free. */
static char *
make_scratch(const char *target, GError **error) {
  g_autofree char *parent = g_path_get_dirname(target);
  g_autofree char *scratch = g_build_filename(parent, ".tinyx-export-XXXXXX", NULL);
  if (!dir_make(parent, error))
    return NULL;
  if (mkdtemp(scratch) == NULL) {
    file_failed(scratch, error);
    return NULL;
  }
  return g_steal_pointer(&scratch);
}

static gboolean
is_archive(const char *target) {
  return g_str_has_suffix(target, ".tar.gz") || g_str_has_suffix(target, ".tgz");
}

static gboolean
pack(const char *scratch, const char *name, const char *target, GError **error) {
  g_autofree char *packed = g_build_filename(scratch, "packed", NULL);
  if (!proc_call(TAR_SECONDS, NULL, error, "tar", "--sort=name", "--owner=0", "--group=0",
                 "--numeric-owner", "--mtime=@" PACKED_TIME, "--format=ustar", "-I", "gzip -9n",
                 "-cf", packed, "-C", scratch, name, NULL))
    return FALSE;
  return rename(packed, target) == 0 || file_failed(target, error);
}

static gboolean
check_target(const char *target, GError **error) {
  g_autoptr(GPtrArray) names = NULL;
  if (is_archive(target) || !g_file_test(target, G_FILE_TEST_EXISTS))
    return TRUE;
  names = folder_names(target, NULL, NULL);
  if (names != NULL && names->len == 0)
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT,
                    "--output %s: it is there, and %s; expected a new folder, or a name that ends "
                    "in .tar.gz",
                    target, names != NULL ? "not empty" : "no folder");
}

static gboolean
move_in(const char *folder, const char *target, GError **error) {
  if (chmod(folder, 0755) != 0 || (rmdir(target) != 0 && errno != ENOENT) ||
      rename(folder, target) != 0)
    return file_failed(target, error);
  return TRUE;
}

gboolean
export_write(const Recipe *recipe, const GPtrArray *parts, const char *target, GError **error) {
  g_autofree char *scratch = check_target(target, error) ? make_scratch(target, error) : NULL;
  g_autofree char *folder = scratch != NULL ? g_build_filename(scratch, recipe->name, NULL) : NULL;
  gboolean done;
  if (scratch == NULL)
    return FALSE;
  done = dir_make(folder, error) && write_folder(recipe, parts, folder, error) &&
         (is_archive(target) ? pack(scratch, recipe->name, target, error)
                             : move_in(folder, target, error));
  dir_remove(scratch, NULL);
  return done;
}

/* The name of PLATFORM's script. g_free; NULL with ERROR. */
static char *
script_name(const Platform *platform, GError **error) {
  g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(platform_file_free);
  g_autoptr(GPtrArray) beside = g_ptr_array_new_with_free_func(platform_file_free);
  const PlatformImage image = {.name = "x", .kernel = "x", .vmlinux = "x", .cmdline = ""};
  g_autofree char *how = platform_export(platform, &image, ".", scripts, beside);
  if (how != NULL && scripts->len == 1)
    return g_strdup(((const PlatformFile *)scripts->pdata[0])->name);
  tinyx_fail(error, TINYX_ERROR_INPUT, "platform %s: no script starts its images elsewhere",
             platform->name);
  return NULL;
}

gboolean
export_check(const GPtrArray *platforms, GError **error) {
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < platforms->len; i++) {
    const Platform *platform = platforms->pdata[i];
    char *name = script_name(platform, error);
    const Platform *other = name != NULL ? g_hash_table_lookup(names, name) : NULL;
    if (name == NULL)
      return FALSE;
    if (other != NULL) {
      tinyx_fail(error, TINYX_ERROR_INPUT,
                 "--platform: %s and %s are both started by %s; expected one of them", other->name,
                 platform->name, name);
      g_free(name);
      return FALSE;
    }
    g_hash_table_insert(names, name, (gpointer)platform);
  }
  return TRUE;
}
