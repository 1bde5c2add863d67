/* suspects-find.c - looks through the files of a finished closure for what it may have missed. */
#include "deps/closure-private.h"

#include "base/elffile.h"
#include "base/files.h"
#include "deps/dlopen.h"
#include "deps/suspect-names.h"

#include <fnmatch.h>
#include <string.h>

static gboolean
calls_dlopen(const ElfInfo *elf) {
  for (guint i = 0; elf->imports != NULL && elf->imports[i] != NULL; i++)
    if (strcmp(elf->imports[i], "dlopen") == 0 || strcmp(elf->imports[i], "dlmopen") == 0)
      return TRUE;
  return FALSE;
}

/* Where the library NAME is in the root, or NULL. */
static const RootNode *
library_find(Resolver *resolver, const char *name) {
  static const char *const folders[] = {"/usr/lib", "/usr/lib/*-linux-gnu", "/lib",
                                        "/usr/local/lib"};
  if (name[0] == '/') {
    const RootNode *node = root_resolve(resolver->root, name)->node;
    return node->type == NODE_FILE ? node : NULL;
  }
  if (strchr(name, '/') != NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *pattern = g_build_filename(folders[i], name, NULL);
    g_autoptr(GPtrArray) paths = root_glob(resolver->root, pattern);
    const RootNode *node =
        paths->len > 0 ? root_resolve(resolver->root, paths->pdata[0])->node : NULL;
    if (node != NULL && node->type == NODE_FILE)
      return node;
  }
  return NULL;
}

static void suspect(GPtrArray *suspects, SuspectKind kind, const char *path, const char *format,
                    ...) G_GNUC_PRINTF(4, 5);

static void
suspect(GPtrArray *suspects, SuspectKind kind, const char *path, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_ptr_array_add(suspects, suspect_new(kind, path, text));
}

static void
look_for_dlopen(Resolver *resolver, const Content *content, const char *data, gsize size,
                GPtrArray *suspects) {
  g_auto(SuspectNames) names = {0};
  const char *path = content->node->path;
  if (!calls_dlopen(content->elf))
    return;
  suspect_names_find(data, size, content->elf, &names);
  for (guint i = 0; i < names.names->len; i++) {
    const char *name = names.names->pdata[i];
    const RootNode *node = library_find(resolver, name);
    if (node != NULL && !g_hash_table_contains(resolver->files, node->path))
      suspect(suspects, SUSPECT_DLOPEN, path, "calls dlopen and has the name %s: %s is left out",
              name, node->path);
  }
  if (names.format != NULL)
    suspect(suspects, SUSPECT_DLOPEN, path, "calls dlopen, perhaps with a name made of \"%s\"",
            names.format);
  else if (names.names->len == 0 && content->elf->dlopen->len == 0)
    suspect(suspects, SUSPECT_DLOPEN, path,
            "calls dlopen with a name that is computed: none stands in the file");
}

/* The dynamic loader looks through these anyway. */
static gboolean
is_library_folder(const char *path) {
  static const char *const folders[] = {"/",        "/usr",       "/lib",           "/lib64",
                                        "/usr/lib", "/usr/lib64", "/usr/local/lib", "/bin",
                                        "/sbin",    "/usr/bin",   "/usr/sbin"};
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
    if (strcmp(path, folders[i]) == 0)
      return TRUE;
  return fnmatch("/usr/lib/*-linux-gnu*", path, 0) == 0 &&
         strchr(path + strlen("/usr/lib/"), '/') == NULL;
}

/* A folder that the file names: how many of the libraries in it are in the closure. */
static void
look_into_folder(Resolver *resolver, const char *asker, const char *name, GHashTable *asked,
                 GPtrArray *suspects) {
  const RootNode *node = root_resolve(resolver->root, name)->node;
  guint libraries = 0, in = 0;
  if (node->type != NODE_FOLDER || is_library_folder(node->path) ||
      !g_hash_table_add(asked, (gpointer)node->path))
    return;
  g_autoptr(GPtrArray) names = root_names(resolver->root, node->path);
  for (guint i = 0; i < names->len; i++) {
    const RootNode *child = suspect_is_library_name(names->pdata[i])
                                ? root_child(resolver->root, node->path, names->pdata[i])
                                : NULL;
    if (child == NULL || child->type == NODE_FOLDER)
      continue;
    libraries++;
    in += g_hash_table_contains(resolver->files, child->path);
  }
  if (in < libraries)
    suspect(suspects, SUSPECT_PLUGINS, asker, "names the folder %s: %u of its %u libraries are in",
            node->path, in, libraries);
}

static void
look_for_folders(Resolver *resolver, const char *asker, const char *data, gsize size,
                 GPtrArray *suspects) {
  g_autoptr(GHashTable) asked = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) folders = suspect_folders_find(data, size);
  for (guint i = 0; i < folders->len; i++)
    look_into_folder(resolver, asker, folders->pdata[i], asked, suspects);
}

/* libc itself defines dlopen, and names every folder there is. */
static gboolean
is_libc(const char *path) {
  static const char *const names[] = {"libc.so.*", "libdl.so.*", "ld-*.so*", "libc.musl-*"};
  g_autofree char *name = g_path_get_basename(path);
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (fnmatch(names[i], name, 0) == 0)
      return TRUE;
  return FALSE;
}

/* A program that has its C library in it has that one's text, too, such as the folder of all
 * character sets; but no loader, and so no plugins. */
static gboolean
is_static(const ElfInfo *elf) {
  return elf->interp == NULL && elf->soname == NULL &&
         (elf->needed == NULL || elf->needed[0] == NULL);
}

static void
look_into(Resolver *resolver, const Content *content, GPtrArray *suspects) {
  const char *path = content->node->path;
  if ((content->kind != CONTENT_ELF && content->kind != CONTENT_SCRIPT) || is_libc(path))
    return;
  g_autofree char *host_path = root_host_path(resolver->root, path);
  g_autoptr(GMappedFile) file = file_map(host_path, ELF_BYTES_MAX, NULL);
  const char *data = file != NULL ? g_mapped_file_get_contents(file) : NULL;
  if (data == NULL)
    return; /* the closure has said so already */
  if (content->kind == CONTENT_ELF && is_static(content->elf))
    return;
  if (content->kind == CONTENT_ELF)
    look_for_dlopen(resolver, content, data, g_mapped_file_get_length(file), suspects);
  look_for_folders(resolver, path, data, g_mapped_file_get_length(file), suspects);
}

static void
look_at_rules(Resolver *resolver, Content *content, GPtrArray *suspects) {
  const GPtrArray *rules = closure_rules(resolver, content);
  for (guint i = 0; i < rules->len; i++) {
    const RuntimeRule *rule = rules->pdata[i];
    if (rule->action == RUNTIME_RULE_SUSPECT)
      g_ptr_array_add(suspects,
                      suspect_new(SUSPECT_INTERPRETER, content->node->path, rule->reason));
  }
}

GPtrArray *
closure_suspects(Resolver *resolver) {
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)suspect_free);
  GPtrArray *suspects = g_ptr_array_new_with_free_func((GDestroyNotify)suspect_free);
  GHashTableIter iter;
  gpointer file;
  if (resolver->static_only)
    return suspects;
  g_hash_table_iter_init(&iter, resolver->files);
  while (g_hash_table_iter_next(&iter, NULL, &file)) {
    const RootNode *node = root_resolve(resolver->root, ((DepFile *)file)->path)->node;
    if (((DepFile *)file)->link != NULL || node->type != NODE_FILE)
      continue;
    Content *content = content_get(resolver->store, node);
    look_into(resolver, content, found);
    look_at_rules(resolver, content, found);
  }
  suspects_append(suspects, found);
  return suspects;
}
