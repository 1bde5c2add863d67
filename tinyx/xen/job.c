#include "xen/job.h"

#include "base/files.h"
#include "rootfs/overlay.h"
#include "xen/config.h"

#include <string.h>

#define SPARE_NETWORKS 5 /* candidates beyond those that are needed */

void
domain_job_clear(DomainJob *job) {
  g_clear_pointer(&job->folder, g_free);
  g_clear_pointer(&job->domain, g_free);
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

/* xl.cfg with @GUEST_0@ and @GATEWAY_0@ (and so on) where guest-test puts the addresses that it
 * chose. */
static char *
config_text(const DomainJob *job, const DomainImage *image, const Recipe *recipe,
            char *const *macs) {
  g_autofree char *ip = ip_text(recipe);
  gboolean from_disk = rootfs_format_is_disk(image->format);
  g_autofree char *cmdline = xen_config_cmdline("hvc0", ip, from_disk);
  g_autofree char *kernel = g_build_filename(job->folder, image->kernel, NULL);
  g_autofree char *disk = g_build_filename(job->folder, rootfs_format_file(image->format), NULL);
  g_autofree char *vif = g_build_filename(job->folder, "vif", NULL);
  XenConfig config = {.name = job->domain,
                      .kernel = kernel,
                      .ramdisk = from_disk ? NULL : disk,
                      .disk = from_disk ? disk : NULL,
                      .cmdline = cmdline,
                      .memory = image->memory,
                      .vcpus = 1,
                      .vifs = recipe->vifs,
                      .macs = macs,
                      .vif_script = vif,
                      /* It stays until guest-test has read its console and why it ended. */
                      .on_end = "preserve"};
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
job_text(XenHost *host, const DomainJob *job, const Recipe *recipe, const DomainImage *image,
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
  append_value(text, "private", xen_host_is_private(host) ? "1" : "0");
  g_string_append_printf(text,
                         "vifs=%d\nready_port=%d\nforward_port=%d\nboot_timeout=%d\n"
                         "test_timeout=%d\nends=%d\n",
                         recipe->vifs, recipe->ready_port, recipe->port,
                         image->boot_seconds > 0 ? image->boot_seconds : DOMAIN_BOOT_SECONDS,
                         recipe->test_timeout, recipe->ends);
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

/* DISK is the root file system to send. */
static gboolean
add_files(Tree *tree, const DomainImage *image, const char *disk, const char *bundle,
          GError **error) {
  g_autofree char *guest_test = data_path("scripts/guest-test"), *vif = data_path("scripts/vif");
  g_autofree char *kernel = g_build_filename(image->folder, image->kernel, NULL);
  g_autofree char *kernel_path = g_build_filename("/", image->kernel, NULL);
  g_autofree char *disk_path = g_build_filename("/", rootfs_format_file(image->format), NULL);
  return tree_add_file(tree, kernel_path, kernel, 0644, "job", "kernel", error) &&
         tree_add_file(tree, disk_path, disk, 0644, "job", "disk", error) &&
         tree_add_file(tree, "/guest-test", guest_test, 0755, "job", "runs it", error) &&
         tree_add_file(tree, "/vif", vif, 0755, "job", "network", error) &&
         (bundle == NULL ||
          tree_add_file(tree, "/bundle.tar", bundle, 0644, "job", "the test's root", error));
}

/* The image's own, or one made in FOLDER with what is given at boot. g_free. */
static char *
disk_path(const DomainImage *image, const char *folder, GError **error) {
  const char *name = rootfs_format_file(image->format);
  g_autofree char *own = g_build_filename(image->folder, name, NULL);
  g_autofree char *made = g_build_filename(folder, name, NULL);
  if (image->at_boot == NULL)
    return g_steal_pointer(&own);
  return overlay_append(own, image->at_boot, made, error) ? g_steal_pointer(&made) : NULL;
}

static gboolean
send_tree(XenHost *host, Tree *tree, const DomainJob *job, const char *folder, GError **error) {
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
send_job(XenHost *host, const Recipe *recipe, const DomainImage *image, const char *bundle,
         const DomainJob *job, const char *folder, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  g_auto(GStrv) macs = choose_macs(recipe->vifs);
  g_autofree char *disk = disk_path(image, folder, error);
  return disk != NULL && add_files(tree, image, disk, bundle, error) &&
         add_text(tree, "/domain.cfg", config_text(job, image, recipe, macs)) &&
         add_text(tree, "/job.conf",
                  job_text(host, job, recipe, image, macs,
                           bundle != NULL && recipe->test_script != NULL)) &&
         send_tree(host, tree, job, folder, error);
}

gboolean
domain_job_send(XenHost *host, const Recipe *recipe, const DomainImage *image, const char *bundle,
                DomainJob *job, GError **error) {
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
