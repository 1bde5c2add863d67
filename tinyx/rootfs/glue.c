/* glue.c - adds to the plan what an application needs around it to be a system: init, devices,
 * mounts, users. */
#include "rootfs/glue.h"
#include "rootfs/meminfo.h"

#include "base/files.h"
#include "base/strings.h"
#include "rootfs/glue-private.h"
#include "rootfs/static-program.h"
#include "rootfs/tmpfiles.h"

#include <string.h>

/* What the scripts of rootfs/glue and init's table run, in every image. */
static const char *const usual_applets[] = {"init",     "sh",     "mount", "mkdir", "hostname",
                                            "poweroff", "reboot", "sleep", "kill"};
static const char *const network_applets[] = {"ifconfig", "route", "udhcpc"};
/* Little can be looked at without them: with=exec. */
static const char *const exec_applets[] = {"cat", "ls"};

static TreeFrom
from_glue(const char *purpose) {
  return from_origin(ORIGIN_GLUE, purpose);
}

/* TRUE if the recipe brought its own file there. */
static gboolean
is_recipes(const Tree *tree, const char *path) {
  const TreeEntry *entry = tree_resolve(tree, path);
  return entry != NULL && entry->type != TREE_DIR && entry->origin == ORIGIN_RECIPE;
}

static gboolean
add_text(Tree *tree, const char *path, const char *text, unsigned mode, const char *reason,
         GError **error) {
  return is_recipes(tree, path) ||
         tree_add_data(tree, path, text, -1, mode, from_glue(reason), error) != NULL;
}

/* A link, in any case. */
static gboolean
add_link(Tree *tree, const char *path, const char *target, const char *reason, GError **error) {
  return tree_add_symlink(tree, path, target, from_glue(reason), error) != NULL;
}

/* Compiles SOURCE, a program of ours, for PATH, unless it is there. */
static gboolean
add_program(Tree *tree, const char *path, const char *source, const char *reason, GError **error) {
  if (tree_find(tree, path) != NULL)
    return TRUE;
  g_autofree char *program = static_program(source, error);
  return program != NULL &&
         tree_add_file(tree, path, program, 0755, from_glue(reason), error) != NULL;
}

/* TRUE if the kernel will have IPv6, as far as is known before it is configured. */
static gboolean
has_ipv6(const Recipe *recipe, const Facts *facts) {
  return facts_find(facts, FACT_NET, "ipv6", NULL) != NULL ||
         (recipe->with != NULL && g_strv_contains((const char *const *)recipe->with, "ipv6"));
}

/* Adds a script of rootfs/glue without its comments and its #! line, which is for shellcheck: in
 * the image "/bin/sh FILE" reads it, so that the kernel needs no option for scripts. */
static gboolean
add_script(Tree *tree, const Recipe *recipe, const Platform *platform, const char *name,
           const char *path, const char *reason, GError **error) {
  g_autofree char *relative = g_build_filename("rootfs/glue", name, NULL);
  g_autofree char *source = data_path(relative);
  g_autofree char *text = NULL;
  if (!file_read(source, FILE_OWN_MAX, &text, NULL, error))
    return FALSE;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  g_autoptr(GString) kept = g_string_new(NULL);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *first = lines[i] + strspn(lines[i], " \t");
    if (*first != '#' && *first != '\0')
      g_string_append_printf(kept, "%s\n", lines[i]);
  }
  if (strcmp(name, "inittab") == 0) {
    const GlueOnce once = {.rdnss = tree_find(tree, GLUE_RDNSS) != NULL,
                           .log = tree_find(tree, GLUE_LOG) != NULL,
                           .first = tree_find(tree, GLUE_FIRST) != NULL};
    g_autofree char *table = glue_inittab_text(recipe, platform, &once, kept->str);
    return add_text(tree, path, table, 0644, reason, error);
  }
  /* This is the only script that names network interfaces, and "eth" is nothing else in it. */
  if (strcmp(name, "net") == 0)
    g_string_replace(kept, "eth", platform->network, 0);
  return add_text(tree, path, kept->str, 0644, reason, error);
}

static gboolean
add_scripts(Tree *tree, const Recipe *recipe, const Platform *platform, const Facts *facts,
            const char *const *mounts, GError **error) {
  static const struct {
    const char *name, *path, *reason;
    gboolean network;
  } scripts[] = {
      {"inittab", "/etc/inittab", "what init starts", FALSE},
      {"rc", "/etc/tinyx/rc", "mounts, writable folders", FALSE},
      {"run", "/etc/tinyx/run", "starts the application", FALSE},
      {"stop", "/etc/tinyx/stop", "says how much memory was in use, ends the application", FALSE},
      {"net", "/etc/tinyx/net", "address, host name", TRUE},
      {"dhcp-bound", "/etc/tinyx/dhcp/bound", "udhcpc has an address", TRUE},
      {"dhcp-bound", "/etc/tinyx/dhcp/renew", "udhcpc keeps its address", TRUE},
      {"dhcp-deconfig", "/etc/tinyx/dhcp/deconfig", "udhcpc has no address", TRUE},
      {"dhcp-none", "/etc/tinyx/dhcp/leasefail", "udhcpc got no answer", TRUE},
      {"dhcp-none", "/etc/tinyx/dhcp/nak", "udhcpc was refused", TRUE},
  };
  /* Before the table of init, which has a line for each. */
  if (recipe->vifs > 0 && has_ipv6(recipe, facts) &&
      !add_program(tree, GLUE_RDNSS, "rootfs/glue/rdnss.c",
                   "name servers of IPv6 router advertisements", error))
    return FALSE;
  if (glue_logs(facts) && !add_script(tree, recipe, platform, "log", GLUE_LOG,
                                      "messages of syslog(3) go to the console", error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
    if ((!scripts[i].network || recipe->vifs > 0) &&
        !add_script(tree, recipe, platform, scripts[i].name, scripts[i].path, scripts[i].reason,
                    error))
      return FALSE;
  if (g_strv_contains(mounts, "dev") &&
      !add_script(tree, recipe, platform, "dev", "/etc/tinyx/dev", "links over a devtmpfs", error))
    return FALSE;
  if (strv_has(recipe->with, GLUE_EXEC_FEATURE))
    return add_script(tree, recipe, platform, "exec", GLUE_CONSOLE,
                      "takes commands, and the shutdown's word", error);
  return !glue_has_console(recipe, platform) ||
         add_script(tree, recipe, platform, "console", GLUE_CONSOLE,
                    "waits for the shutdown's word", error);
}

/* What makes the secrets at the first boot; their folders must be writable then: they go to
 * FOLDERS.
 */
static gboolean
add_first_boot(Tree *tree, const Secrets *secrets, GPtrArray *folders, GError **error) {
  if (secrets == NULL || secrets->made->len == 0)
    return TRUE;
  g_autofree char *text = secrets_text(secrets);
  for (guint i = 0; i < secrets->made->len; i++) {
    const SecretMade *made = secrets->made->pdata[i];
    g_ptr_array_add(folders, g_path_get_dirname(made->path));
  }
  return add_text(tree, GLUE_FIRST, text, 0644, "makes secrets at the first boot", error);
}

static gboolean
ensure_dir(Tree *tree, const char *path, unsigned mode, const char *reason, GError **error) {
  TreeEntry *entry = tree_resolve(tree, path);
  if (entry == NULL)
    return tree_add_dir(tree, path, mode, from_glue(reason), error) != NULL;
  if (entry->type == TREE_DIR && entry->reason.kind == REASON_HOLDS)
    entry->mode = mode;
  return TRUE;
}

static gboolean
add_folders(Tree *tree, GError **error) {
  static const struct {
    const char *path;
    unsigned mode;
    const char *reason;
  } folders[] = {{"/dev/pts", 0755, "mount point"},   {"/dev/shm", 01777, "POSIX shared memory"},
                 {"/proc", 0555, "mount point"},      {"/sys", 0555, "mount point"},
                 {"/run", 0755, "state of programs"}, {"/run/lock", 01777, "lock files"},
                 {"/tmp", 01777, "temporary files"},  {"/root", 0700, "home of root"},
                 {"/var/log", 0755, "logs"},          {"/var/tmp", 01777, "temporary files"}};
  for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
    if (!ensure_dir(tree, folders[i].path, folders[i].mode, folders[i].reason, error))
      return FALSE;
  if (tree_find(tree, "/var/run") == NULL &&
      !add_link(tree, "/var/run", "/run", "where older programs look for /run", error))
    return FALSE;
  return tree_find(tree, "/var/lock") != NULL ||
         add_link(tree, "/var/lock", "/run/lock", "where older programs lock", error);
}

/* Adds the device nodes to the image, so that the kernel needs no devtmpfs. The numbers are those
 * of Documentation/admin-guide/devices.txt. */
static gboolean
add_devices(Tree *tree, const Platform *platform, GError **error) {
  static const struct {
    const char *path;
    unsigned mode, major, minor;
  } nodes[] = {{"/dev/console", 0622, 5, 1}, {"/dev/null", 0666, 1, 3},
               {"/dev/zero", 0666, 1, 5},    {"/dev/full", 0666, 1, 7},
               {"/dev/random", 0666, 1, 8},  {"/dev/urandom", 0666, 1, 9},
               {"/dev/tty", 0666, 5, 0},     {"/dev/ptmx", 0666, 5, 2}};
  for (gsize i = 0; i < G_N_ELEMENTS(nodes); i++)
    if (tree_add_node(tree, nodes[i].path, TREE_CHAR, nodes[i].mode, nodes[i].major, nodes[i].minor,
                      from_glue("device"), error) == NULL)
      return FALSE;
  for (guint i = 0; i < platform->nodes->len; i++) {
    const PlatformNode *node = platform->nodes->pdata[i];
    if (tree_add_node(tree, node->path, node->is_block ? TREE_BLOCK : TREE_CHAR, node->mode,
                      node->major, node->minor,
                      from_glue(node->is_block ? "the first disk" : "device"), error) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* /dev/stdin and the others lead to /proc; without procfs to the console, where the streams of the
 * applications are anyway. */
static gboolean
add_streams(Tree *tree, gboolean proc, GError **error) {
  static const char *const names[] = {"stdin", "stdout", "stderr"};
  if (proc && !add_link(tree, "/dev/fd", "/proc/self/fd", "open files of a process", error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename("/dev", names[i], NULL);
    g_autofree char *target = g_strdup_printf("/proc/self/fd/%u", i);
    if (!add_link(tree, path, proc ? target : "/dev/console",
                  proc ? "a standard stream" : "a standard stream; there is no procfs", error))
      return FALSE;
  }
  return TRUE;
}

/* Where / is only read, syslogd cannot make its socket in /dev: it follows a link. */
static gboolean
add_log_link(Tree *tree, RootfsFormat format, const Facts *facts, const char *const *mounts,
             GError **error) {
  return !glue_logs(facts) || !rootfs_format_is_disk(format) || g_strv_contains(mounts, "dev") ||
         add_link(tree, "/dev/log", "/run/log", "syslogd's socket", error);
}

/* The programs that the kernel itself runs, as pid 1 or to power off (kernel/reboot.c), are
 * BusyBox's even where a package brought others. */
static gboolean
add_init(Tree *tree, const Platform *platform, GError **error) {
  static const char *const links[][3] = {
      {"/init", "bin/busybox", "what the kernel starts in an initramfs"},
      {"/sbin/init", "/bin/busybox", "what the kernel starts on a disk"},
      {"/sbin/poweroff", "/bin/busybox", "xl shutdown"},
      {"/sbin/reboot", "/bin/busybox", "xl reboot"}};
  for (gsize i = 0; i < G_N_ELEMENTS(links); i++)
    if (!is_recipes(tree, links[i][0]) &&
        !add_link(tree, links[i][0], links[i][1], links[i][2], error))
      return FALSE;
  /* It has no #! line, so that the kernel needs no option for scripts; a shell runs it all the same
   * (ENOEXEC). */
  return strcmp(platform->end, "reboot") != 0 ||
         add_text(tree, "/sbin/poweroff", "exec /sbin/reboot \"$@\"\n", 0755,
                  "only a reboot ends the guest", error);
}

/* Adds the files of /etc that a base installation has from the machine on which it was made. */
static gboolean
add_etc(Tree *tree, const Recipe *recipe, const Facts *facts, GError **error) {
  g_autofree char *hostname = g_strconcat(recipe->name, "\n", NULL);
  g_autofree char *hosts =
      g_strdup_printf("127.0.0.1\tlocalhost\n127.0.1.1\t%s\n%s", recipe->name,
                      has_ipv6(recipe, facts) ? "::1\tlocalhost ip6-localhost ip6-loopback\n" : "");
  if (tree_resolve(tree, "/etc/passwd") == NULL &&
      !add_text(tree, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0644, "users", error))
    return FALSE;
  if (tree_resolve(tree, "/etc/group") == NULL &&
      !add_text(tree, "/etc/group", "root:x:0:\n", 0644, "groups", error))
    return FALSE;
  return glue_add_logins(tree, error) &&
         add_text(tree, "/etc/hosts", hosts, 0644, "host names", error) &&
         add_text(tree, "/etc/hostname", hostname, 0644, "host name", error) &&
         (is_recipes(tree, "/etc/resolv.conf") ||
          add_link(tree, "/etc/resolv.conf", "/run/resolv.conf", "name servers", error));
}

static gboolean
add_run(Tree *tree, const Recipe *recipe, const Platform *platform, const RecipeRun *run,
        const RightsRules *rules, const Facts *facts, GError **error) {
  g_auto(GlueUser) user = {0};
  g_auto(Confinement) confinement = {0};
  if (!rights_find(rules, tree, recipe, run, facts, &confinement, error))
    return FALSE;
  if (glue_reaps(run) &&
      !add_program(tree, GLUE_REAP, "rootfs/glue/reap.c",
                   "stays as long as the daemon that a command leaves behind", error))
    return FALSE;
  if (run->user != NULL)
    glue_user(tree, run->user, &user);
  g_autofree char *path = glue_start_path(run);
  g_autofree char *start = glue_start_text(run, platform, user.home, &confinement);
  return add_text(tree, path, start, 0644, "the recipe's command", error);
}

static gboolean
add_application(Tree *tree, const Recipe *recipe, const Platform *platform, const Facts *facts,
                const char *const *mounts, const char *const *writable, GError **error) {
  g_autofree char *config = glue_config_text(recipe, mounts, writable);
  g_autoptr(RightsRules) rules = rights_rules_load(error);
  if (rules == NULL || !rights_add(tree, error))
    return FALSE;
  for (guint i = 0; i < recipe->runs->len; i++)
    if (!add_run(tree, recipe, platform, recipe->runs->pdata[i], rules, facts, error))
      return FALSE;
  return add_text(tree, "/etc/tinyx/config", config, 0644, "what the scripts go by", error) &&
         (writable[0] == NULL ||
          ensure_dir(tree, "/etc/tinyx/writable", 0755, "mount point", error));
}

/* The facts that the kernel's rules know; see kconfig-heuristics/features. */
static void
add_facts(Facts *facts, const Recipe *recipe, RootfsFormat format, const Secrets *secrets,
          const char *const *writable) {
  g_auto(GStrv) applets = glue_applets(recipe, format, secrets, facts, NULL);
  for (guint i = 0; applets != NULL && applets[i] != NULL; i++)
    facts_add(facts, FACTS_FROM_APPLETS, applets[i], NULL);
  if (writable[0] != NULL)
    facts_add(facts, FACTS_FROM_WRITABLE, "tmpfs", NULL);
  if (recipe_is_reached(recipe))
    facts_add(facts, FACTS_FROM_PORTS, "port", NULL);
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    if (run->user != NULL || run->group != NULL)
      facts_add(facts, FACTS_FROM_USERS, "user", NULL);
  }
}

/* Whether rc makes a tmpfs with copies. */
static gboolean
has_writable(const Recipe *recipe, RootfsFormat format, const Facts *facts) {
  gboolean asked = facts_find(facts, FACT_MOUNT, "tmpfs", NULL) != NULL;
  for (guint i = 0; recipe->mounts != NULL && recipe->mounts[i] != NULL; i++)
    asked |= strcmp(recipe->mounts[i], "run") == 0 || strcmp(recipe->mounts[i], "tmp") == 0;
  return asked || rootfs_format_is_disk(format);
}

char **
glue_applets(const Recipe *recipe, RootfsFormat format, const Secrets *secrets, Facts *facts,
             GError **error) {
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();
  g_auto(GStrv) mounts = glue_mounts(recipe, facts, error);
  if (mounts == NULL)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(usual_applets); i++)
    g_strv_builder_add(names, usual_applets[i]);
  for (gsize i = 0; recipe->vifs > 0 && i < G_N_ELEMENTS(network_applets); i++)
    g_strv_builder_add(names, network_applets[i]);
  if (has_writable(recipe, format, facts))
    g_strv_builder_add(names, "cp");
  if (g_strv_contains((const char *const *)mounts, "dev"))
    g_strv_builder_add(names, "ln");
  for (guint i = 0; secrets != NULL && i < secrets->applets->len; i++)
    g_strv_builder_add(names, secrets->applets->pdata[i]);
  if (recipe->applets != NULL)
    for (guint i = 0; recipe->applets[i] != NULL; i++)
      g_strv_builder_add(names, recipe->applets[i]);
  for (gsize i = 0; strv_has(recipe->with, GLUE_EXEC_FEATURE) && i < G_N_ELEMENTS(exec_applets);
       i++)
    g_strv_builder_add(names, exec_applets[i]);
  if (glue_logs(facts))
    g_strv_builder_add(names, GLUE_LOG_APPLET);
  return g_strv_builder_end(names);
}

/* What every image has. */
static gboolean
add_system(Tree *tree, const Recipe *recipe, const Platform *platform, RootfsFormat format,
           const Facts *facts, const char *const *mounts, GError **error) {
  gboolean proc = g_strv_contains(mounts, "proc");
  return add_scripts(tree, recipe, platform, facts, mounts, error) && meminfo_add(tree, error) &&
         add_folders(tree, error) && add_devices(tree, platform, error) &&
         add_streams(tree, proc, error) && add_log_link(tree, format, facts, mounts, error) &&
         add_init(tree, platform, error) && add_etc(tree, recipe, facts, error);
}

gboolean
glue_add(Tree *tree, const Recipe *recipe, const Platform *platform, RootfsFormat format,
         const Secrets *secrets, Facts *facts, GError **error) {
  g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) mounts = glue_mounts(recipe, facts, error);
  if (mounts == NULL || !add_first_boot(tree, secrets, made, error) ||
      !add_system(tree, recipe, platform, format, facts, (const char *const *)mounts, error) ||
      !glue_add_disks(tree, recipe, platform, format, facts, error)) {
    g_prefix_error(error, "glue: ");
    return FALSE;
  }
  tmpfiles_apply(tree, made);
  if (!glue_make_writable(tree, recipe, error))
    return FALSE;
  g_auto(GStrv) writable = glue_writable(tree, recipe, format, made, facts);
  if (!add_application(tree, recipe, platform, facts, (const char *const *)mounts,
                       (const char *const *)writable, error)) {
    g_prefix_error(error, "glue: ");
    return FALSE;
  }
  add_facts(facts, recipe, format, secrets, (const char *const *)writable);
  return TRUE;
}
