/* systems.c - makes each system that is compared: ours, Debian's, and other kernels with our files.
 * */
#include "compare/systems.h"

#include "base/files.h"
#include "base/msg.h"
#include "compare/applets.h"
#include "compare/debian.h"
#include "guest/guest.h"
#include "rootfs/static-program.h"

#include <string.h>
#include <unistd.h>

#define ARCHIVE_BYTES_MAX (1U << 30) /* of an initramfs, which a guest has to hold in memory */
#define DEBIAN_MEMORY 512
#define DEBIAN_BOOT_SECONDS 600
#define OTHER_MEMORY 256 /* MB */
#define OTHER_KERNEL 64  /* MB that a general kernel takes beyond ours */
#define CLOUD_BOOT_SECONDS 120
#define LINUX_CLOUD "linux-image-cloud-amd64"
#define ROOTFS "rootfs"

static System *
system_new(const char *id, const char *title, const Platform *platform) {
  System *system = g_new0(System, 1);
  system->platform = platform;
  system->id = g_strdup(id);
  system->title = g_strdup(title);
  return system;
}

/* The initramfs in FOLDER, whichever of the forms it has. */
static gboolean
find_initramfs(const char *folder, RootfsFormat *found, GError **error) {
  for (int format = 0; format < ROOTFS_FORMATS; format++) {
    g_autofree char *path =
        g_build_filename(folder, rootfs_format_file((RootfsFormat)format), NULL);
    *found = (RootfsFormat)format;
    if (!rootfs_format_is_disk(*found) && g_file_test(path, G_FILE_TEST_EXISTS))
      return TRUE;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "%s: no initramfs; expected an image that tinyx build made with --format cpio or "
              "cpio.gz",
              folder);
  return FALSE;
}

int
system_memory(const System *ours) {
  return MAX(OTHER_MEMORY, ours->memory + OTHER_KERNEL);
}

/* A hash of what is booted. */
static gboolean
set_key(System *system, GError **error) {
  g_autofree char *kernel = g_build_filename(system->folder, system->kernel, NULL);
  g_autofree char *initrd =
      system->initrd != NULL ? g_build_filename(system->folder, system->initrd, NULL) : NULL;
  g_autofree char *kernel_sum = file_sha256(kernel, error);
  g_autofree char *initrd_sum = kernel_sum == NULL ? NULL
                                : initrd != NULL   ? file_sha256(initrd, error)
                                                   : g_strdup("none");
  if (initrd_sum == NULL)
    return FALSE;
  system->key = sha256_of_strings(kernel_sum, initrd_sum, system->cmdline, NULL);
  return TRUE;
}

/* What it is. IS_DISK: the recipe asks for another root file system. g_free. */
static char *
note_of_image(const System *system, const Recipe *recipe, gboolean is_disk) {
  g_autoptr(GString) text = g_string_new("Kernel and initramfs of tinyx build");
  if (strcmp(system->kernel, system->packed_kernel) != 0)
    g_string_append_printf(text, ", booted as %s, whose packed form is the kernel file",
                           system->kernel);
  if (is_disk)
    g_string_append_printf(text, ", although the recipe's format is %s, which takes less memory",
                           recipe->format);
  return g_strdup_printf("%s; in %d MiB.", text->str, system->memory);
}

System *
system_from_image(const Recipe *recipe, const Platform *platform, const char *id, const char *title,
                  const char *folder, GError **error) {
  g_autoptr(System) system = system_new(id, title, platform);
  RootfsFormat format, own = ROOTFS_CPIO;
  system->folder = path_absolute(folder);
  system->kernel = g_strdup(platform->kernel);
  system->packed_kernel = g_strdup(platform->packed);
  system->cmdline = platform_cmdline(platform, NULL, FALSE);
  system->config = g_build_filename(system->folder, "kernel.config", NULL);
  system->memory = image_memory(recipe, system->folder);
  if (recipe->format != NULL)
    rootfs_format_parse(recipe->format, &own);
  system->note = note_of_image(system, recipe, rootfs_format_is_disk(own));
  if (!find_initramfs(system->folder, &format, error))
    return NULL;
  system->initrd = g_strdup(rootfs_format_file(format));
  const GuestImage image = {.folder = system->folder, .format = format};
  system->boot_seconds = guest_boot_seconds(&image, recipe);
  if ((system->tree = tree_read_image(system->folder, error)) == NULL || !set_key(system, error))
    return NULL;
  return g_steal_pointer(&system);
}

System *
system_of_debian(const Recipe *recipe, const Platform *platform, int memory, GError **error) {
  g_autoptr(System) system = system_new("debian", "Debian", platform);
  g_auto(DebianImage) image = {0};
  if (!debian_image(recipe, platform, &image, error)) {
    g_prefix_error(error, "Debian's image: ");
    return NULL;
  }
  system->folder = g_steal_pointer(&image.folder);
  system->key = g_steal_pointer(&image.key);
  system->tree = g_steal_pointer(&image.tree);
  system->kernel = g_strdup(DEBIAN_KERNEL);
  system->packed_kernel = g_strdup(DEBIAN_KERNEL);
  system->is_distribution = TRUE;
  system->initrd = g_strdup(DEBIAN_INITRD);
  system->disk = g_build_filename(system->folder, DEBIAN_DISK, NULL);
  system->config = g_build_filename(system->folder, DEBIAN_CONFIG, NULL);
  system->cmdline = debian_cmdline(platform);
  system->kernel_in_tree = TRUE;
  system->memory = memory > 0 ? memory : DEBIAN_MEMORY;
  system->boot_seconds = DEBIAN_BOOT_SECONDS;
  system->note =
      g_strdup_printf("minbase, linux-image-amd64, systemd and the recipe's packages, "
                      "files and command%s, on ext4; in %d MiB.",
                      applets_wanted(recipe) ? ", busybox for its applets" : "", system->memory);
  g_autofree char *missing = applets_missing_program(system->tree, recipe);
  if (missing != NULL)
    system->unable = g_strdup_printf("Debian's image has no %s", missing);
  return g_steal_pointer(&system);
}

/* The files of OURS, once more: the tree as a manifest is cheap to read. */
static gboolean
borrow_files(System *system, const System *ours, GError **error) {
  system->tree = tree_read_image(ours->folder, error);
  return system->tree != NULL;
}

static gboolean
make_scratch(System *system, GError **error) {
  system->scratch = g_dir_make_tmp("tinyx-compare-XXXXXX", error);
  system->folder = g_strdup(system->scratch);
  return system->scratch != NULL;
}

/* The network's modules, in /modules in the order in which compare/load-modules.c loads them, go to
 * both trees: what is appended to the initramfs, and what is counted. */
static gboolean
add_modules(System *system, Tree *more, const char *release_folder, GError **error) {
  g_autoptr(GPtrArray) modules =
      debian_modules(release_folder, system->platform->distribution_modules, error);
  g_autofree char *program = static_program("compare/load-modules.c", error);
  Tree *const trees[] = {more, system->tree};
  if (modules == NULL || program == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(trees); i++) {
    for (guint j = 0; j < modules->len; j++) {
      g_autofree char *path = g_strdup_printf("/modules/%u.ko", j);
      if (!tree_add_file(trees[i], path, modules->pdata[j], 0644,
                         from_package(LINUX_CLOUD, "network"), error))
        return FALSE;
    }
    if (!tree_add_file(trees[i], "/load-modules", program, 0755,
                       from_origin(ORIGIN_COMPARED, "loads them"), error))
      return FALSE;
  }
  return TRUE;
}

/* FIRST, an initramfs, with the archive of MORE behind it: the kernel unpacks one after the other
 * (init/initramfs.c), each beginning at a multiple of four. */
static gboolean
append_archive(const char *first, Tree *more, const char *to, GError **error) {
  static const char zeros[4];
  g_autofree char *archive = g_strconcat(to, ".more", NULL);
  g_autofree char *own = NULL, *text = NULL;
  g_autoptr(GByteArray) all = g_byte_array_new();
  gsize size, more_size;
  if (!file_read(first, ARCHIVE_BYTES_MAX, &own, &size, error) ||
      !tree_write_cpio(more, archive, NULL, 0, error) ||
      !file_read(archive, ARCHIVE_BYTES_MAX, &text, &more_size, error))
    return FALSE;
  unlink(archive);
  g_byte_array_append(all, (const guint8 *)own, (guint)size);
  g_byte_array_append(all, (const guint8 *)zeros, (guint)((4 - size % 4) % 4));
  g_byte_array_append(all, (const guint8 *)text, (guint)more_size);
  return file_write(to, all->data, all->len, 0644, error);
}

static gboolean
fill_cloud(System *system, const System *ours, const char *unpacked, GError **error) {
  g_autofree char *boot = g_build_filename(unpacked, "boot", NULL);
  g_autofree char *kernel = debian_find(boot, "vmlinuz-", error);
  g_autofree char *to = g_build_filename(system->folder, "vmlinuz", NULL);
  g_autofree char *rootfs = g_build_filename(system->folder, ROOTFS, NULL);
  g_autofree char *own = g_build_filename(ours->folder, ours->initrd, NULL);
  g_autoptr(Tree) more = tree_new();
  if (kernel == NULL || !file_copy(kernel, to, 0644, error))
    return FALSE;
  const char *release = strrchr(kernel, '/') + strlen("/vmlinuz-");
  g_autofree char *modules = g_build_filename(unpacked, "lib/modules", release, NULL);
  g_autofree char *config = g_strdup_printf("%s/config-%s", boot, release);
  system->config = g_steal_pointer(&config);
  if (!add_modules(system, more, modules, error) || !append_archive(own, more, rootfs, error))
    return FALSE;
  return set_key(system, error);
}

System *
system_of_cloud(const System *ours, GError **error) {
  static const char *const packages[] = {LINUX_CLOUD, NULL};
  g_autoptr(System) system = system_new("cloud", "Debian's cloud kernel", ours->platform);
  g_autofree char *unpacked = debian_unpack(packages, TRUE, error);
  system->kernel = g_strdup("vmlinuz");
  system->packed_kernel = g_strdup("vmlinuz");
  system->is_distribution = TRUE;
  system->initrd = g_strdup(ROOTFS);
  system->cmdline = g_strdup_printf("%s rdinit=/load-modules", ours->cmdline);
  system->memory = system_memory(ours);
  system->boot_seconds = MAX(CLOUD_BOOT_SECONDS, ours->boot_seconds);
  system->note = g_strdup_printf("linux-image-cloud-amd64 with tinyx' files and its network "
                                 "modules; in %d MiB.",
                                 system->memory);
  if (unpacked == NULL || !make_scratch(system, error) || !borrow_files(system, ours, error) ||
      !fill_cloud(system, ours, unpacked, error)) {
    g_prefix_error(error, "Debian's cloud kernel: ");
    return NULL;
  }
  return g_steal_pointer(&system);
}
