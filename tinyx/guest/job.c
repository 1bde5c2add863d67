/* job.c - the files of a guest, sent to its host. */
#include "guest/job.h"

#include "base/files.h"
#include "platform/xen-config.h"
#include "rootfs/overlay.h"

#include <string.h>

#define SPARE_NETWORKS 5 /* candidates beyond those that are needed */
#define BOOT_SECONDS 60
/* For a packed megabyte: some ten times what a busy emulated machine takes. */
#define UNPACK_SECONDS 4
#define UNPACK_MOST 600

void
guest_job_clear(GuestJob *job) {
  g_clear_pointer(&job->folder, g_free);
  g_clear_pointer(&job->domain, g_free);
}

/* What takes long to boot takes long to end. */
int
guest_shutdown_seconds(const GuestImage *image) {
  return MAX(20, image->boot_seconds / 3);
}

int
guest_boot_seconds(const GuestImage *image, const Recipe *recipe) {
  g_autofree char *rootfs =
      g_build_filename(image->folder, rootfs_format_file(image->format), NULL);
  gint64 bytes = rootfs_format_is_disk(image->format) ? 0 : MAX(file_size(rootfs), 0);
  int unpacked = BOOT_SECONDS + (int)MIN(bytes / 1000000 * UNPACK_SECONDS, UNPACK_MOST);
  return image->boot_seconds > 0 ? image->boot_seconds : MAX(unpacked, recipe->test_timeout);
}

/* The file in the image's folder that goes along with the kernel; NULL: none does. */
static const char *
second_file(const GuestImage *image) {
  if (image->initrd != NULL || image->host_disk != NULL)
    return image->initrd;
  return rootfs_format_file(image->format);
}

/* What the command line says after "ip=": eth0 with the host as its gateway, and " ip1=" and so on
 * for the others, which reach their neighbours only. NULL without a network. */
static char *
ip_text(const Recipe *recipe) {
  GString *text;
  if (recipe->vifs == 0)
    return NULL;
  text = g_string_new(NULL);
  g_string_append_printf(text, "@GUEST_0@::@GATEWAY_0@:255.255.255.252:%s:eth0:off", recipe->name);
  for (int i = 1; i < recipe->vifs; i++)
    g_string_append_printf(text, " ip%d=@GUEST_%d@:::255.255.255.252::eth%d:off", i, i, i);
  return g_string_free(text, FALSE);
}

static char *
command_line(const GuestImage *image, const char *ip) {
  if (image->cmdline == NULL)
    return platform_cmdline(image->platform, ip, rootfs_format_is_disk(image->format));
  return ip != NULL ? g_strdup_printf("%s ip=%s", image->cmdline, ip) : g_strdup(image->cmdline);
}

/* xl.cfg with @GUEST_0@, @GATEWAY_0@ (and so on) and @DISK@ where guest-test puts the addresses
 * that it chose and the disk. */
static char *
config_text(const GuestJob *job, const GuestImage *image, const Recipe *recipe, char *const *macs) {
  g_autofree char *ip = ip_text(recipe);
  gboolean own_disk =
      image->initrd == NULL && image->host_disk == NULL && rootfs_format_is_disk(image->format);
  g_autofree char *cmdline = command_line(image, ip);
  g_autofree char *kernel = g_build_filename(job->folder, image->kernel, NULL);
  g_autofree char *second =
      second_file(image) != NULL ? g_build_filename(job->folder, second_file(image), NULL) : NULL;
  g_autofree char *vif = g_build_filename(job->folder, "vif", NULL);
  const PlatformImage plain = {.name = job->domain,
                               .kernel = kernel,
                               .initrd = own_disk ? NULL : second,
                               .disk = own_disk                   ? second
                                       : image->host_disk != NULL ? "@DISK@"
                                                                  : NULL,
                               .cmdline = cmdline,
                               .memory = image->memory,
                               .vifs = recipe->vifs};
  XenConfig config = xen_config_of(image->platform, &plain);
  config.disk_writable = image->host_disk != NULL;
  config.vcpus = 1;
  config.macs = macs;
  config.vif_script = vif;
  config.on_end = "preserve"; /* it stays until guest-test has read its console and why it ended */
  return xen_config_xl(&config);
}

/* /30 networks in 10.64.0.0/10, which few sites use; guest-test takes the first that is free. The
 * text is three octets: .1 is the gateway (dom0's end), .2 the guest. */
static char *
network_candidates(int vifs) {
  GString *text = g_string_new(NULL);
  for (int i = 0; i < vifs + SPARE_NETWORKS; i++)
    g_string_append_printf(text, "%s10.%d.%d", i > 0 ? " " : "", g_random_int_range(64, 128),
                           g_random_int_range(0, 256));
  return g_string_free(text, FALSE);
}

static void
append_value(GString *text, const char *name, const char *value) {
  g_autofree char *quoted = g_shell_quote(value);
  g_string_append_printf(text, "%s=%s\n", name, quoted);
}

static char *
job_text(XenHost *host, const GuestJob *job, const Recipe *recipe, const GuestImage *image,
         char *const *macs, gboolean with_script) {
  static const char *const on_exit_names[] = {"respawn", "poweroff", "reboot"};
  GString *text = g_string_new(NULL);
  g_autofree char *candidates = network_candidates(recipe->vifs);
  g_autofree char *words = g_strjoinv(" ", (char **)macs);
  g_autofree char *script = with_script ? g_path_get_basename(recipe->test_script) : g_strdup("");
  append_value(text, "domain", job->domain);
  append_value(text, "candidates", candidates);
  append_value(text, "macs", words);
  append_value(text, "script", script);
  append_value(text, "on_exit", on_exit_names[recipe_on_exit(recipe)]);
  append_value(text, "leave", xen_host_is_private(host) && image->last ? "1" : "0");
  append_value(text, "disk", image->host_disk != NULL ? image->host_disk : "");
  append_value(text, "counted", image->counted ? "1" : "0");
  g_string_append_printf(text,
                         "vifs=%d\nready_port=%d\nready_udp=%d\nforward_port=%d\nboot_timeout=%d\n"
                         "test_timeout=%d\nshutdown_timeout=%d\nends=%d\n",
                         recipe->vifs, recipe->ready_port, recipe->ready_udp, recipe->port,
                         guest_boot_seconds(image, recipe), recipe->test_timeout,
                         guest_shutdown_seconds(image), recipe->ends);
  return g_string_free(text, FALSE);
}

/* One for each vif; 00:16:3e is Xen's own range. g_strfreev. */
static char **
choose_macs(int vifs) {
  char **macs = g_new0(char *, vifs + 1);
  int first = g_random_int_range(0, 128), second = g_random_int_range(0, 256);
  for (int i = 0; i < vifs; i++)
    macs[i] = g_strdup_printf("00:16:3e:%02x:%02x:%02x", first, second, i);
  return macs;
}

static gboolean
add_text(Tree *tree, const char *path, char *text) {
  gboolean added = tree_add_data(tree, path, text, -1, 0644, "job", "written for this run") != NULL;
  g_free(text);
  return added;
}

/* SECOND is the file to send as second_file(); NULL: none. */
static gboolean
add_files(Tree *tree, const GuestImage *image, const char *second, const char *bundle,
          GError **error) {
  g_autofree char *guest_test = data_path("scripts/guest-test"), *vif = data_path("scripts/vif");
  g_autofree char *kernel = g_build_filename(image->folder, image->kernel, NULL);
  g_autofree char *kernel_path = g_build_filename("/", image->kernel, NULL);
  const char *name = second_file(image);
  g_autofree char *place = name != NULL ? g_build_filename("/", name, NULL) : NULL;
  return tree_add_file(tree, kernel_path, kernel, 0644, "job", "kernel", error) &&
         (second == NULL ||
          tree_add_file(tree, place, second, 0644, "job", "root file system", error)) &&
         tree_add_file(tree, "/guest-test", guest_test, 0755, "job", "runs it", error) &&
         tree_add_file(tree, "/vif", vif, 0755, "job", "network", error) &&
         (bundle == NULL ||
          tree_add_file(tree, "/bundle.tar", bundle, 0644, "job", "the test's root", error));
}

/* *PATH is the image's own second_file(), or one made in FOLDER with what is given at boot; NULL:
 * none. */
static gboolean
second_path(const GuestImage *image, const char *folder, char **path, GError **error) {
  const char *name = second_file(image);
  g_autofree char *own = name != NULL ? g_build_filename(image->folder, name, NULL) : NULL;
  g_autofree char *made = name != NULL ? g_build_filename(folder, name, NULL) : NULL;
  if (own != NULL && image->at_boot != NULL &&
      !(overlay_append(own, image->at_boot, made, error) &&
        platform_finish_rootfs(image->platform, made, error)))
    return FALSE;
  *path = image->at_boot != NULL ? g_steal_pointer(&made) : g_steal_pointer(&own);
  return TRUE;
}

static gboolean
send_tree(XenHost *host, Tree *tree, const GuestJob *job, const char *folder, GError **error) {
  g_autofree char *local = g_build_filename(folder, "job.tar", NULL);
  g_autofree char *quoted = g_shell_quote(job->folder);
  g_autofree char *script =
      g_strdup_printf("mkdir -p -m 700 %s/bundle && cd %s && tar -xf - && if [ -e "
                      "bundle.tar ]; then tar -xf bundle.tar -C "
                      "bundle; rm bundle.tar; fi",
                      quoted, quoted);
  return tree_write_tar(tree, local, 0, error) && xen_host_send(host, local, script, error);
}

/* FOLDER is for files on their way. */
static gboolean
send_job(XenHost *host, const Recipe *recipe, const GuestImage *image, const char *bundle,
         const GuestJob *job, const char *folder, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  g_auto(GStrv) macs = choose_macs(recipe->vifs);
  g_autofree char *second = NULL;
  return second_path(image, folder, &second, error) &&
         add_files(tree, image, second, bundle, error) &&
         add_text(tree, "/domain.cfg", config_text(job, image, recipe, macs)) &&
         add_text(tree, "/job.conf",
                  job_text(host, job, recipe, image, macs,
                           bundle != NULL && recipe->test_script != NULL)) &&
         send_tree(host, tree, job, folder, error);
}

gboolean
guest_job_send(XenHost *host, const Recipe *recipe, const GuestImage *image, const char *bundle,
               GuestJob *job, GError **error) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-job-XXXXXX", error);
  g_autofree char *name = g_strdup_printf("tinyx-%s-%06x", recipe->name, g_random_int() & 0xffffff);
  gboolean sent;
  if (folder == NULL)
    return FALSE;
  job->folder = g_build_filename(xen_host_folder(host), name, NULL);
  job->domain = g_steal_pointer(&name);
  sent = send_job(host, recipe, image, bundle, job, folder, error);
  dir_remove(folder, NULL);
  return sent;
}
