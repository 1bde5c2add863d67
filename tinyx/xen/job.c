#include "xen/job.h"

#include "base/files.h"
#include "xen/config.h"

#include <string.h>

#define NETWORKS 6

void
domain_job_clear(DomainJob *job) {
  g_clear_pointer(&job->folder, g_free);
  g_clear_pointer(&job->domain, g_free);
}

/* What takes long to boot takes long to end. */
int
domain_shutdown_seconds(const DomainImage *image) {
  return MAX(20, image->boot_seconds / 3);
}

/* The file in the image's folder that goes along with the kernel; NULL: none does. */
static const char *
second_file(const DomainImage *image) {
  if (image->initrd != NULL || image->host_disk != NULL)
    return image->initrd;
  return rootfs_format_file(image->format);
}

/* "CMDLINE ip=…" */
static char *
command_line(const DomainImage *image, const char *ip) {
  if (image->cmdline != NULL)
    return g_strdup_printf("%s ip=%s", image->cmdline, ip);
  return xen_config_cmdline("hvc0", ip, rootfs_format_is_disk(image->format));
}

/* xl.cfg with @GUEST@, @GATEWAY@ and @DISK@ where guest-test puts the addresses that it chose and
 * the disk. */
static char *
config_text(const DomainJob *job, const DomainImage *image, const Recipe *recipe, const char *mac) {
  g_autofree char *ip =
      g_strdup_printf("@GUEST@::@GATEWAY@:255.255.255.252:%s:eth0:off", recipe->name);
  gboolean own_disk =
      image->initrd == NULL && image->host_disk == NULL && rootfs_format_is_disk(image->format);
  g_autofree char *cmdline = command_line(image, ip);
  g_autofree char *kernel = g_build_filename(job->folder, image->kernel, NULL);
  g_autofree char *second =
      second_file(image) != NULL ? g_build_filename(job->folder, second_file(image), NULL) : NULL;
  g_autofree char *vif = g_build_filename(job->folder, "vif", NULL);
  XenConfig config = {.name = job->domain,
                      .kernel = kernel,
                      .ramdisk = own_disk ? NULL : second,
                      .disk = own_disk                   ? second
                              : image->host_disk != NULL ? "@DISK@"
                                                         : NULL,
                      .disk_writable = image->host_disk != NULL,
                      .cmdline = cmdline,
                      .memory = image->memory,
                      .vcpus = 1,
                      .network = TRUE,
                      .mac = mac,
                      .vif_script = vif,
                      /* It stays until guest-test has read its console and why it ended. */
                      .on_end = "preserve"};
  return xen_config_xl(&config);
}

/* /30 networks in 10.64.0.0/10, which few sites use; guest-test takes the first that is free. The
 * text is three octets: .1 is the gateway (dom0's end), .2 the guest. */
static char *
network_candidates(void) {
  GString *text = g_string_new(NULL);
  for (int i = 0; i < NETWORKS; i++)
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
         const char *mac, gboolean with_script) {
  static const char *const on_exit_names[] = {"respawn", "poweroff", "reboot"};
  GString *text = g_string_new(NULL);
  g_autofree char *candidates = network_candidates();
  g_autofree char *script = with_script ? g_path_get_basename(recipe->test_script) : g_strdup("");
  append_value(text, "domain", job->domain);
  append_value(text, "candidates", candidates);
  append_value(text, "mac", mac);
  append_value(text, "script", script);
  append_value(text, "on_exit", on_exit_names[recipe_on_exit(recipe)]);
  append_value(text, "private", xen_host_is_private(host) && !image->free_memory ? "1" : "0");
  append_value(text, "disk", image->host_disk != NULL ? image->host_disk : "");
  append_value(text, "counted", image->counted ? "1" : "0");
  g_string_append_printf(text, "shutdown_timeout=%d\n", domain_shutdown_seconds(image));
  g_string_append_printf(text, "ready_port=%d\nforward_port=%d\nboot_timeout=%d\ntest_timeout=%d\n",
                         recipe->ready_port, recipe->port,
                         image->boot_seconds > 0 ? image->boot_seconds : DOMAIN_BOOT_SECONDS,
                         recipe->test_timeout);
  return g_string_free(text, FALSE);
}

static gboolean
add_text(Tree *tree, const char *path, char *text) {
  gboolean added = tree_add_data(tree, path, text, -1, 0644, "job", "written for this run") != NULL;
  g_free(text);
  return added;
}

static gboolean
add_files(Tree *tree, const DomainImage *image, const char *bundle, GError **error) {
  g_autofree char *guest_test = data_path("scripts/guest-test"), *vif = data_path("scripts/vif");
  g_autofree char *kernel = g_build_filename(image->folder, image->kernel, NULL);
  g_autofree char *kernel_path = g_build_filename("/", image->kernel, NULL);
  const char *name = second_file(image);
  g_autofree char *second = name != NULL ? g_build_filename(image->folder, name, NULL) : NULL;
  g_autofree char *second_path = name != NULL ? g_build_filename("/", name, NULL) : NULL;
  return tree_add_file(tree, kernel_path, kernel, 0644, "job", "kernel", error) &&
         (second == NULL ||
          tree_add_file(tree, second_path, second, 0644, "job", "root file system", error)) &&
         tree_add_file(tree, "/guest-test", guest_test, 0755, "job", "runs it", error) &&
         tree_add_file(tree, "/vif", vif, 0755, "job", "network", error) &&
         (bundle == NULL ||
          tree_add_file(tree, "/bundle.tar", bundle, 0644, "job", "the test's root", error));
}

static gboolean
send_tree(XenHost *host, Tree *tree, const DomainJob *job, GError **error) {
  g_autofree char *folder = g_dir_make_tmp("tinyx-job-XXXXXX", error);
  g_autofree char *local = folder != NULL ? g_build_filename(folder, "job.tar", NULL) : NULL;
  g_autofree char *quoted = g_shell_quote(job->folder);
  g_autofree char *script =
      g_strdup_printf("mkdir -p -m 700 %s/bundle && cd %s && tar -xf - && if [ -e "
                      "bundle.tar ]; then tar -xf bundle.tar -C "
                      "bundle; rm bundle.tar; fi",
                      quoted, quoted);
  gboolean sent = folder != NULL && tree_write_tar(tree, local, 0, error) &&
                  xen_host_send(host, local, script, error);
  if (folder != NULL)
    dir_remove(folder, NULL);
  return sent;
}

gboolean
domain_job_send(XenHost *host, const Recipe *recipe, const DomainImage *image, const char *bundle,
                DomainJob *job, GError **error) {
  g_autoptr(Tree) tree = tree_new();
  /* 00:16:3e is Xen's own range. */
  g_autofree char *mac = g_strdup_printf("00:16:3e:%02x:%02x:%02x", g_random_int_range(0, 128),
                                         g_random_int_range(0, 256), g_random_int_range(0, 256));
  g_autofree char *name = g_strdup_printf("tinyx-%s-%06x", recipe->name, g_random_int() & 0xffffff);
  job->folder = g_build_filename(xen_host_folder(host), name, NULL);
  job->domain = g_steal_pointer(&name);
  return add_files(tree, image, bundle, error) &&
         add_text(tree, "/domain.cfg", config_text(job, image, recipe, mac)) &&
         add_text(tree, "/job.conf",
                  job_text(host, job, recipe, image, mac,
                           bundle != NULL && recipe->test_script != NULL)) &&
         send_tree(host, tree, job, error);
}
