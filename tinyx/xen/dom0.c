/* dom0.c - assembles what the embedded Xen host boots, from packages that are only unpacked. */
#include "xen/dom0.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/place.h"
#include "base/proc.h"
#include "rootfs/rootfs.h"

#include <string.h>
#include <sys/stat.h>

#define KEY_BYTES_MAX 65536 /* of a public key */
#define KIND "xen-dom0"
#define LAYOUT "1" /* changes when this file puts other things into the folder */

void
dom0_contents_clear(Dom0Contents *contents) {
  g_clear_pointer(&contents->packages, g_ptr_array_unref);
  g_clear_pointer(&contents->programs, g_ptr_array_unref);
  g_clear_pointer(&contents->modules, g_ptr_array_unref);
}

static gboolean
parse_line(const char *line, const char *file, guint number, Dom0Contents *contents,
           GError **error) {
  g_auto(GStrv) words = g_strsplit_set(line, " \t", 3);
  GPtrArray *list = NULL;
  if (words[0] == NULL || words[0][0] == '\0' || words[0][0] == '#')
    return TRUE;
  if (g_str_equal(words[0], "package"))
    list = contents->packages;
  else if (g_str_equal(words[0], "program"))
    list = contents->programs;
  else if (g_str_equal(words[0], "module"))
    list = contents->modules;
  if (list == NULL) {
    place_set_error(error, file, number, "'%s'; expected package, program or module", words[0]);
    return FALSE;
  }
  if (words[1] == NULL || words[2] == NULL || g_strstrip(words[2])[0] == '\0') {
    place_set_error(error, file, number, "no name or no reason; expected '%s NAME REASON'",
                    words[0]);
    return FALSE;
  }
  g_ptr_array_add(list, g_strdup(words[1]));
  return TRUE;
}

gboolean
dom0_contents_parse(const char *text, const char *file, Dom0Contents *contents, GError **error) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  contents->packages = g_ptr_array_new_with_free_func(g_free);
  contents->programs = g_ptr_array_new_with_free_func(g_free);
  contents->modules = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; lines[i] != NULL; i++)
    if (!parse_line(lines[i], file, i + 1, contents, error)) {
      dom0_contents_clear(contents);
      return FALSE;
    }
  g_ptr_array_add(contents->packages, NULL);
  g_ptr_array_add(contents->programs, NULL);
  g_ptr_array_add(contents->modules, NULL);
  return TRUE;
}

/* The one file in UNPACKED/FOLDER whose name begins with PREFIX and ends with SUFFIX. g_free. */
static char *
find_file(const char *unpacked, const char *folder, const char *prefix, const char *suffix,
          GError **error) {
  g_autofree char *path = g_build_filename(unpacked, folder, NULL);
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  g_autofree char *found = NULL;
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_prefix(name, prefix) && g_str_has_suffix(name, suffix) &&
        (found == NULL || strcmp(name, found) > 0)) {
      g_free(found);
      found = g_strdup(name);
    }
  if (found == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "no %s*%s in %s", prefix, suffix, path);
    return NULL;
  }
  return g_build_filename(path, found, NULL);
}

static gboolean
add_modules(Tree *tree, const char *unpacked, const char *kernel, const Dom0Contents *contents,
            GError **error) {
  g_autoptr(GString) order = g_string_new(NULL);
  const char *release = strrchr(kernel, '/') + strlen("/vmlinuz-");
  for (guint i = 0; contents->modules->pdata[i] != NULL; i++) {
    const char *module = contents->modules->pdata[i];
    g_autofree char *source =
        g_build_filename(unpacked, "lib/modules", release, "kernel", module, NULL);
    g_autofree char *name = g_path_get_basename(module);
    g_autofree char *path = g_build_filename("/modules", name, NULL);
    if (!tree_add_file(tree, path, source, 0644, from_package("linux-image", "module of dom0"),
                       error))
      return FALSE;
    g_string_append_printf(order, "%s\n", name);
  }
  return tree_add_data(tree, "/modules/order", order->str, -1, 0644,
                       from_origin(ORIGIN_DOM0, "order of loading"), error) != NULL;
}

static gboolean
add_folders(Tree *tree, GError **error) {
  static const char *const folders[] = {"/dev",     "/proc",        "/sys",          "/run",
                                        "/mnt",     "/var/lib/xen", "/var/log/xen",  "/var/lock",
                                        "/etc/xen", "/usr/bin",     "/etc/dropbear", "/usr/sbin"};
  static const struct {
    const char *path;
    unsigned mode;
    const char *purpose;
  } own[] = {{"/tmp", 01777, "temporary files"},
             {"/root", 0700, "home"},
             {"/root/.ssh", 0700, "who may come in"}};
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
    if (tree_find(tree, folders[i]) == NULL &&
        tree_add_dir(tree, folders[i], 0755, from_origin(ORIGIN_DOM0, "expected by Xen's programs"),
                     error) == NULL)
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(own); i++)
    if (tree_add_dir(tree, own[i].path, own[i].mode, from_origin(ORIGIN_DOM0, own[i].purpose),
                     error) == NULL)
      return FALSE;
  return tree_add_symlink(tree, "/var/run", "/run", from_origin(ORIGIN_DOM0, "old name"), error) !=
         NULL;
}

/* KEY is the public key of who may come in. */
static gboolean
add_texts(Tree *tree, const char *key, GError **error) {
  const struct {
    const char *path, *text;
    unsigned mode;
    const char *purpose;
  } texts[] = {{"/root/.ssh/authorized_keys", key, 0600, "who may come in"},
               {"/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0644, "users"},
               {"/etc/shadow", "root:*:19000:0:99999:7:::\n", 0600, "no password fits"},
               {"/etc/group", "root:x:0:\n", 0644, "groups"},
               {"/etc/shells", "/bin/sh\n", 0644, "dropbear looks here"},
               {"/etc/xen/xl.conf", "", 0644, "xl complains without it"}};
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    if (tree_add_data(tree, texts[i].path, texts[i].text, -1, texts[i].mode,
                      from_origin(ORIGIN_DOM0, texts[i].purpose), error) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
add_own_files(Tree *tree, const char *public_key, GError **error) {
  g_autofree char *init = data_path("scripts/dom0/init");
  g_autofree char *block = data_path("scripts/dom0/block");
  g_autofree char *key = NULL;
  return add_folders(tree, error) && file_read(public_key, KEY_BYTES_MAX, &key, NULL, error) &&
         tree_add_file(tree, "/init", init, 0755, from_origin(ORIGIN_DOM0, "pid 1"), error) &&
         tree_add_file(tree, "/etc/xen/scripts/block", block, 0755,
                       from_origin(ORIGIN_DOM0, "disks"), error) &&
         add_texts(tree, key, error);
}

static gboolean
write_initramfs(const char *folder, const char *unpacked, const char *kernel,
                const Dom0Contents *contents, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  g_autofree char *path = g_build_filename(folder, "dom0.cpio", NULL);
  g_autofree char *public_key = g_build_filename(folder, "id.pub", NULL);
  if (!tree_add_programs(tree, unpacked, (const char *const *)contents->programs->pdata, error))
    return FALSE;
  if (tree_resolve(tree, "/bin/sh") == NULL &&
      tree_add_symlink(tree, "/bin/sh", "busybox", from_origin(ORIGIN_DOM0, "the shell"), error) ==
          NULL)
    return FALSE;
  return add_modules(tree, unpacked, kernel, contents, error) &&
         add_own_files(tree, public_key, error) && tree_write_cpio(tree, path, NULL, 0, error);
}

/* xen-4.17-amd64.gz is a gzip file; QEMU wants the ELF multiboot image inside. */
static gboolean
unpack_xen(const char *gz, const char *folder, GError **error) {
  g_autofree char *path = g_build_filename(folder, "xen", NULL);
  const char *const argv[] = {"gzip", "-dc", gz, NULL};
  ProcSpec spec = {.argv = argv, .deadline = 60, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  return proc_run(&spec, &result, error) &&
         file_write(path, result.out, result.out_size, 0644, error);
}

/* The banner in the image: "Xen 4.17.7 …" is not in plain text there; the package's version is. */
static gboolean
write_version(const char *unpacked, const char *folder, GError **error) {
  g_autofree char *config = find_file(unpacked, "boot", "xen-", "-amd64.gz", error);
  g_autofree char *name = config != NULL ? g_path_get_basename(config) : NULL;
  g_autofree char *path = g_build_filename(folder, "version", NULL);
  char *end;
  if (name == NULL)
    return FALSE;
  end = strchr(name + strlen("xen-"), '-');
  *end = '\0';
  return file_write(path, name + strlen("xen-"), strlen(name + strlen("xen-")), 0644, error);
}

static gboolean
make_image(const char *folder, const char *unpacked, const Dom0Contents *contents, GError **error) {
  g_autofree char *kernel = find_file(unpacked, "boot", "vmlinuz-", "", error);
  g_autofree char *xen = find_file(unpacked, "boot", "xen-", "-amd64.gz", error);
  g_autofree char *vmlinuz = g_build_filename(folder, "vmlinuz", NULL);
  g_autofree char *key = g_build_filename(folder, "id", NULL);
  if (kernel == NULL || xen == NULL)
    return FALSE;
  return proc_call(60, NULL, error, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tinyx",
                   "-f", key, NULL) &&
         file_copy(kernel, vmlinuz, 0644, error) && unpack_xen(xen, folder, error) &&
         write_version(unpacked, folder, error) &&
         write_initramfs(folder, unpacked, kernel, contents, error);
}

static char *
image_key(const char *contents, const char *unpacked, GError **error) {
  g_autofree char *init = data_path("scripts/dom0/init");
  g_autofree char *block = data_path("scripts/dom0/block");
  g_autofree char *text = NULL, *disks = NULL;
  if (!file_read(init, FILE_OWN_MAX, &text, NULL, error) ||
      !file_read(block, FILE_OWN_MAX, &disks, NULL, error))
    return NULL;
  return sha256_of_strings(LAYOUT, contents, text, disks, unpacked, NULL);
}

char *
dom0_image(GError **error) {
  g_autofree char *file = data_path("scripts/dom0/contents");
  g_autofree char *text = NULL, *unpacked = NULL, *key = NULL, *folder = NULL, *found = NULL;
  g_auto(Dom0Contents) contents = {0};
  g_autoptr(CacheLock) lock = NULL;
  if (!file_read(file, FILE_OWN_MAX, &text, NULL, error) ||
      !dom0_contents_parse(text, file, &contents, error))
    return NULL;
  unpacked = debian_unpack((const char *const *)contents.packages->pdata, TRUE, error);
  if (unpacked == NULL || (key = image_key(text, unpacked, error)) == NULL) {
    g_prefix_error(error, "embedded Xen host: ");
    return NULL;
  }
  if ((lock = cache_lock(KIND, key, error)) == NULL)
    return NULL;
  if ((found = cache_lookup(KIND, key)) != NULL)
    return g_steal_pointer(&found);
  msg_stage_detail("assembling dom0");
  if ((folder = cache_begin(KIND, key, error)) == NULL)
    return NULL;
  if (!make_image(folder, unpacked, &contents, error)) {
    cache_discard(folder);
    g_prefix_error(error, "embedded Xen host: dom0: ");
    return NULL;
  }
  return cache_commit(folder, KIND, key, error);
}
