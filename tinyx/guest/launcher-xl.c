/* launcher-xl.c - guests as domains on a Xen host, by xl. */
#include "guest/launcher.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "platform/xen-config.h"
#include "tree/tree.h"
#include "xen/host.h"
#include "xen/spec.h"

#include <string.h>

#define XL_SECONDS 60      /* of one that asks something */
#define CREATE_SECONDS 300 /* of one that works */
#define CLOSE_SECONDS 30   /* for the agent to tidy up on a host that stays */
#define LOOKS 3            /* before a domain counts as gone */

typedef struct {
  gboolean created;
  guint console; /* of agent_start() */
} Domain;

/* ---- the host ---------------------------------------------------------- */

static gboolean
xl_check(const GuestHostOptions *options, GError **error) {
  static const char *const programs[] = {"qemu-system-x86_64", "ssh", "ssh-keygen", "zstd"};
  g_auto(XenHostSpec) spec = {0};
  if (!xen_host_spec_parse(options->spec, &spec, error))
    return FALSE;
  if (spec.kind == XEN_HOST_LOCAL)
    return proc_need("xl", error);
  if (spec.kind == XEN_HOST_SSH)
    return proc_need("ssh", error);
  for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
    if (!proc_need(programs[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
is_embedded(const GuestHostOptions *options) {
  g_auto(XenHostSpec) spec = {0};
  return xen_host_spec_parse(options->spec, &spec, NULL) && spec.kind == XEN_HOST_EMBEDDED;
}

/* Only the machine that is QEMU's can be asked, and given disks. */
static GuestAbilities
xl_abilities(const GuestHostOptions *options) {
  GuestAbilities all = GUEST_HAS_CLOCKS | GUEST_CAN_SAVE;
  return is_embedded(options) ? all | GUEST_CAN_TRACE | GUEST_CAN_COUNT | GUEST_OWNS_DISKS : all;
}

static char *
xl_describe(const GuestHostOptions *options) {
  if (is_embedded(options))
    return g_strdup("embedded Xen 4.17 in QEMU");
  return g_strdup(options->spec != NULL && options->spec[0] != '\0' ? options->spec : "local");
}

static XenHost *
open_xen_host(const GuestHostOptions *options, GError **error) {
  if (options->trace_high != 0)
    return xen_host_open_traced(options->trace_low, options->trace_high, error);
  if (options->measuring)
    return xen_host_open_measuring(options->disks, options->counted, error);
  return xen_host_open(options->spec, error);
}

static gboolean
xl_open(GuestHost *host, const GuestHostOptions *options, GError **error) {
  XenHost *xen = open_xen_host(options, error);
  g_autofree char *script = NULL;
  g_auto(GStrv) argv = NULL;
  if (xen == NULL)
    return FALSE;
  host->data = xen;
  host->folder = g_strdup(xen_host_folder(xen));
  host->name = g_strdup_printf("the Xen host %s", xen_host_name(xen));
  host->patience = xen_host_patience(xen);
  host->takes = xen_host_is_private(xen);
  host->trace = options->trace_high != 0 ? xen_host_trace(xen) : NULL;
  if ((script = agent_script(host->folder, error)) == NULL)
    return FALSE;
  argv = xen_host_argv(xen, NULL, script);
  host->agent = agent_open((const char *const *)argv, host->name, error);
  return host->agent != NULL;
}

static void
xl_close(GuestHost *host) {
  agent_close(host->agent, host->takes ? 0 : CLOSE_SECONDS);
  xen_host_close(host->data);
}

/* ---- asking xl --------------------------------------------------------- */

static gboolean run_xl(Guest *guest, int seconds, AgentRun *run, GError **error, const char *format,
                       ...) G_GNUC_PRINTF(5, 6);

static gboolean
run_xl(Guest *guest, int seconds, AgentRun *run, GError **error, const char *format, ...) {
  g_autofree char *script = NULL;
  va_list args;
  va_start(args, format);
  script = g_strdup_vprintf(format, args);
  va_end(args);
  return agent_exec(guest->host->agent, seconds, script, NULL, run, error);
}

/* The last line of TEXT, and its words. */
static char **
last_line(const char *text) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  guint count = g_strv_length(lines);
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  while (count > 0 && g_strstrip(lines[count - 1])[0] == '\0')
    count--;
  g_auto(GStrv) parts = g_strsplit(count > 0 ? lines[count - 1] : "", " ", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_strv_builder_add(words, parts[i]);
  return g_strv_builder_end(words);
}

/* CPU time that DOMAIN has had, by xl's last column; it tells tenths of seconds. */
static double
domain_cpu(Guest *guest, const char *domain) {
  g_auto(AgentRun) run = {0};
  g_auto(GStrv) words = NULL;
  guint count;
  if (!run_xl(guest, XL_SECONDS, &run, NULL, "exec xl list '%s' 2>/dev/null", domain) ||
      run.status != 0)
    return -1;
  words = last_line(run.out);
  count = g_strv_length(words);
  return count > 0 ? g_ascii_strtod(words[count - 1], NULL) : -1;
}

/* LINE of xl without what it says of its own inside: "libxl: error: FILE:LINE:FUNCTION: Domain 3:".
 * g_free. */
static char *
xl_words(const char *line) {
  g_autoptr(GRegex) inside = g_regex_new(
      "^.*?(?:error|panic): *(?:[\\w./-]+\\.c:\\d+:[\\w ]+: *)?(?:Domain \\d+: *)?", 0, 0, NULL);
  char *words = g_regex_replace_literal(inside, line, -1, 0, "", 0, NULL);
  return g_strchug(words);
}

/* Why a domain was not created, of what xl printed. */
static char *
xl_reason(const char *text) {
  static const struct {
    const char *mark, *reason;
  } known[] = {
      {"too large", "its memory does not hold the kernel and what is loaded with it"},
      {"not enough", "the host has not that much memory left (tinyx host status)"},
      {"failed to free memory", "the host has not that much memory left (tinyx host status)"},
      {"Cannot allocate memory", "the host has not that much memory left (tinyx host status)"},
  };
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; i < G_N_ELEMENTS(known); i++)
    if (strstr(text, known[i].mark) != NULL)
      return g_strdup(known[i].reason);
  for (guint j = 0; lines[j] != NULL; j++)
    if (strstr(lines[j], "error") != NULL)
      return xl_words(g_strstrip(lines[j]));
  return g_strdup("xl says nothing");
}

/* ---- creating ---------------------------------------------------------- */

/* DISK is the host's path of the disk that the domain gets, or NULL. */
static char *
config_text(const Guest *guest, const char *second, const char *disk) {
  const GuestImage *image = guest->image;
  char *macs[RECIPE_VIFS_MAX + 1] = {NULL};
  g_autofree char *cmdline = guest_command_line(guest);
  g_autofree char *kernel = g_build_filename(guest->folder, image->kernel, NULL);
  g_autofree char *path = second != NULL ? g_build_filename(guest->folder, second, NULL) : NULL;
  g_autofree char *vif = g_build_filename(guest->folder, "vif", NULL);
  const PlatformImage plain = {.name = guest->name,
                               .kernel = kernel,
                               .initrd = guest_file_is_disk(image) ? NULL : path,
                               .disk = guest_file_is_disk(image) ? path : disk,
                               .cmdline = cmdline,
                               .memory = image->memory,
                               .vifs = guest->recipe->vifs};
  XenConfig config = xen_config_of(image->platform, &plain);
  config.disk_writable = image->host_disk != NULL;
  config.vcpus = 1;
  config.clock_ahead = image->clock_ahead;
  config.macs = macs;
  config.vif_script = vif;
  config.on_end = "preserve"; /* it stays until its console and why it ended have been read */
  for (int i = 0; i < guest->recipe->vifs; i++)
    macs[i] = guest->vifs[i].mac;
  return xen_config_xl(&config);
}

static gboolean
add_text(Tree *tree, const char *path, char *text, GError **error) {
  gboolean added = tree_add_data(tree, path, text, -1, 0644,
                                 from_origin(ORIGIN_JOB, "written for this run"), error) != NULL;
  g_free(text);
  return added;
}

static gboolean
add_files(Tree *tree, const Guest *guest, const char *scratch, const char *disk, GError **error) {
  const GuestImage *image = guest->image;
  const char *second;
  g_autofree char *second_path = NULL, *vif = data_path("scripts/vif");
  g_autofree char *kernel = g_build_filename(image->folder, image->kernel, NULL);
  g_autofree char *kernel_place = g_build_filename("/", image->kernel, NULL);
  if (!guest_second_file(image, scratch, &second, &second_path, error) ||
      !tree_add_file(tree, kernel_place, kernel, 0644, from_origin(ORIGIN_JOB, "kernel"), error) ||
      !tree_add_file(tree, "/vif", vif, 0755, from_origin(ORIGIN_JOB, "network"), error))
    return FALSE;
  if (second != NULL) {
    g_autofree char *place = g_build_filename("/", second, NULL);
    if (!tree_add_file(tree, place, second_path, 0644, from_origin(ORIGIN_JOB, "root file system"),
                       error))
      return FALSE;
  }
  return add_text(tree, "/domain.cfg", config_text(guest, second, disk), error);
}

/* What belongs to it goes there in one go. */
static gboolean
send_files(Guest *guest, const char *disk, GError **error) {
  g_autofree char *scratch = g_dir_make_tmp("tinyx-guest-XXXXXX", error);
  g_autofree char *tar = scratch != NULL ? g_build_filename(scratch, "guest.tar", NULL) : NULL;
  g_autoptr(Tree) tree = tree_new();
  gboolean sent;
  if (scratch == NULL)
    return FALSE;
  sent = add_files(tree, guest, scratch, disk, error) && tree_write_tar(tree, tar, 0, error) &&
         agent_unpack(guest->host->agent, tar, guest->folder, error);
  dir_remove(scratch, NULL);
  return sent;
}

/* A device is written to; of a file the domain gets a copy. *DISK is g_freed. */
static gboolean
take_disk(Guest *guest, char **disk, GError **error) {
  const char *given = guest->image->host_disk;
  g_autofree char *quoted = given != NULL ? g_shell_quote(given) : NULL;
  g_autofree char *copy = g_build_filename(guest->folder, "disk.img", NULL);
  g_autofree char *quoted_copy = g_shell_quote(copy);
  g_autofree char *quoted_folder = g_shell_quote(guest->folder);
  g_auto(AgentRun) run = {0};
  *disk = g_strdup(given);
  if (given == NULL)
    return TRUE;
  if (!run_xl(guest, CREATE_SECONDS * guest->host->patience, &run, error,
              "[ -f %s ] || exit 0; mkdir -p -m 700 %s && cp %s %s && echo copied", quoted,
              quoted_folder, quoted, quoted_copy))
    return FALSE;
  if (run.status != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_GUEST, "no room on the Xen host for a copy of %s",
                given);
    return FALSE;
  }
  if (g_str_has_prefix(run.out, "copied")) {
    g_free(*disk);
    *disk = g_steal_pointer(&copy);
  }
  return TRUE;
}

static gboolean
create_domain(Guest *guest, GError **error) {
  g_autofree char *quoted = g_shell_quote(guest->folder);
  g_autofree char *destroy = g_strdup_printf("xl destroy '%s'", guest->name);
  double before = guest->image->counted ? domain_cpu(guest, "Domain-0") : -1;
  Domain *domain = guest->data;
  g_auto(AgentRun) run = {0};
  g_autofree char *reason = NULL;
  if (!agent_at_end(guest->host->agent, guest->name, destroy, error) ||
      !run_xl(guest, CREATE_SECONDS * guest->host->patience, &run, error,
              "cd %s && exec xl create -p domain.cfg", quoted))
    return FALSE;
  guest->began = run.began;
  guest->created = run.ended;
  if (run.status == 0) {
    double after = guest->image->counted ? domain_cpu(guest, "Domain-0") : -1;
    domain->created = TRUE;
    guest->create_cpu_seconds = before >= 0 && after >= 0 ? after - before : -1;
    return TRUE;
  }
  reason = xl_reason(run.out); /* and xl has tidied up after itself */
  msg_verbose("xl create: %s", run.out);
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_GUEST, "the domain cannot be created with %d MB: %s",
              guest->image->memory, reason);
  return FALSE;
}

static gboolean
xl_create(Guest *guest, GError **error) {
  g_autofree char *disk = NULL;
  guest->data = g_new0(Domain, 1);
  return guest_choose_networks(guest, "00:16:3e", error) && take_disk(guest, &disk, error) &&
         send_files(guest, disk, error) && create_domain(guest, error);
}

/* ---- its life ---------------------------------------------------------- */

static gboolean
xl_start(Guest *guest, GError **error) {
  Domain *domain = guest->data;
  g_autofree char *script = g_strdup_printf("exec xl console '%s' 2>/dev/null", guest->name);
  g_autofree char *file = g_strdup_printf("%s/%s", guest->name, GUEST_CONSOLE_FILE);
  g_auto(AgentRun) run = {0};
  domain->console = agent_start(guest->host->agent, file, script, guest_take_console, guest, error);
  /* It takes a moment to be there, before the first instruction. */
  if (domain->console == 0 || !run_xl(guest, XL_SECONDS * guest->host->patience, &run, error,
                                      "sleep 0.1; exec xl unpause '%s'", guest->name))
    return FALSE;
  guest->started = run.began;
  if (run.status != 0)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_GUEST, "the domain cannot be started");
  return run.status == 0;
}

/* The file is as large as the domain, and in the host's memory where that is embedded. */
static gboolean
xl_save_restore(Guest *guest, GError **error) {
  Domain *domain = guest->data;
  g_autofree char *quoted = g_shell_quote(guest->folder);
  g_autofree char *script = g_strdup_printf("exec xl console '%s' 2>/dev/null", guest->name);
  g_autofree char *file = g_strdup_printf("%s/%s", guest->name, GUEST_CONSOLE_FILE "-restored");
  g_auto(AgentRun) run = {0};
  if (!run_xl(guest, CREATE_SECONDS * guest->host->patience, &run, error,
              "cd %s && xl save '%s' saved 2>&1 && xl restore saved 2>&1 && rm saved", quoted,
              guest->name))
    return FALSE;
  if (run.status != 0) {
    g_autofree char *reason = xl_reason(run.out);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_GUEST, "it cannot be saved and restored: %s",
                reason);
    return FALSE;
  }
  agent_stop(guest->host->agent, domain->console); /* that of the domain which is gone */
  domain->console = agent_start(guest->host->agent, file, script, guest_take_console, guest, error);
  return domain->console != 0;
}

/* The eighth column of xl list -v: see xen/include/public/sched.h. */
static void
take_end(Guest *guest, char **words) {
  const char *reason = g_strv_length(words) >= 8 ? words[7] : "-";
  if (g_str_equal(reason, "-"))
    guest_set_end(guest, GUEST_RUNS, NULL);
  else if (g_str_equal(reason, "0"))
    guest_set_end(guest, GUEST_POWERED_OFF, NULL);
  else if (g_str_equal(reason, "1"))
    guest_set_end(guest, GUEST_REBOOTED, NULL);
  else if (g_str_equal(reason, "3"))
    guest_set_end(guest, GUEST_CRASHED, NULL);
  else
    guest_set_end(guest, GUEST_ENDED, reason);
}

/* Gone is what xl says so of, thrice: it looks the name up in a store that others write to. */
static gboolean
xl_ended(Guest *guest, GError **error) {
  for (int look = 0;; look++) {
    g_auto(AgentRun) run = {0};
    g_auto(GStrv) words = NULL;
    if (!run_xl(guest, XL_SECONDS * guest->host->patience, &run, error,
                "%sexec xl list -v '%s' 2>&1", look > 0 ? "sleep 0.3; " : "", guest->name))
      return FALSE;
    words = last_line(run.out);
    if (words[0] != NULL && g_str_equal(words[0], guest->name)) {
      take_end(guest, words);
      return TRUE;
    }
    if (look + 1 >= LOOKS) {
      g_autofree char *said = g_strjoinv(" ", words);
      guest_set_end(guest, GUEST_GONE, said);
      return TRUE;
    }
  }
}

/* One xl that waits and one that asks: each start of it is a tenth of a second and more of an
 * emulated processor. A domain that has ended already makes the first fail at once. */
static gboolean
xl_shut_down(Guest *guest, int seconds, GError **error) {
  g_auto(AgentRun) run = {0};
  return run_xl(guest, seconds, &run, error, "exec xl shutdown -w '%s'", guest->name) &&
         xl_ended(guest, error);
}

static void
xl_destroy(Guest *guest) {
  Domain *domain = guest->data;
  g_autofree char *quoted = g_shell_quote(guest->folder);
  g_auto(AgentRun) run = {0};
  if (domain == NULL)
    return;
  agent_stop(guest->host->agent, domain->console);
  /* A host that ends with this run takes the domain with it. On any other it would go on: a kernel
   * that panics may spin until then, and a crashed one keeps its memory. */
  if (!(guest->host->takes && guest->image->last) &&
      run_xl(guest, CREATE_SECONDS, &run, NULL, "%s%s%s; rm -rf %s",
             domain->created ? "xl destroy '" : ":", domain->created ? guest->name : "",
             domain->created ? "'" : "", quoted))
    agent_at_end(guest->host->agent, guest->name, NULL, NULL);
  g_free(domain);
  guest->data = NULL;
}

static double
xl_cpu_seconds(Guest *guest) {
  return domain_cpu(guest, guest->name);
}

/* scripts/vif was told, and kept it: asking xl costs a tenth of a second and more. */
static char *
xl_device(Guest *guest, int vif, GError **error) {
  g_autofree char *quoted = g_shell_quote(guest->folder);
  g_auto(AgentRun) run = {0};
  if (!run_xl(guest, XL_SECONDS * guest->host->patience, &run, error,
              "read -r name <%s/vif-%d && echo \"$name\"", quoted, vif))
    return NULL;
  if (run.status == 0)
    return g_strdup(g_strstrip(run.out));
  tinyx_fail(error, TINYX_ERROR_HOST, "%s: xl did not run the script of vif %d", guest->host->name,
             vif);
  return NULL;
}

/* xenconsole reads its own input from a terminal only: the line goes to the other end of the
 * domain's console, which xenconsoled has in the store. */
static gboolean
xl_tell(Guest *guest, const char *line, GError **error) {
  g_autofree char *quoted = g_shell_quote(line);
  g_auto(AgentRun) run = {0};
  if (!run_xl(guest, XL_SECONDS, &run, error,
              "id=$(xl domid '%s') && tty=$(xenstore-read /local/domain/$id/console/tty) && "
              "printf '%%s\\n' %s >\"$tty\"",
              guest->name, quoted))
    return FALSE;
  return run.status == 0 ||
         tinyx_fail(error, TINYX_ERROR_GUEST, "%s: its console takes nothing: %s", guest->name,
                    g_strstrip(run.out));
}

/* "NUMBER UUID", columns 2 and 7 of xl list -v; nothing where the host goes with us. */
static char *
xl_identity(Guest *guest, GError **error) {
  g_auto(AgentRun) run = {0};
  g_auto(GStrv) words = NULL;
  if (guest->host->takes)
    return g_strdup("");
  if (!run_xl(guest, XL_SECONDS, &run, error, "exec xl list -v '%s' 2>&1", guest->name))
    return NULL;
  words = last_line(run.out);
  if (g_strv_length(words) >= 7 && g_str_equal(words[0], guest->name))
    return g_strdup_printf("%s %s", words[1], words[6]);
  tinyx_fail(error, TINYX_ERROR_GUEST, "%s: xl does not list it: %s", guest->name, run.out);
  return NULL;
}

/* Its agent there destroys it, too, once it sees that tinyx is gone. */
static gboolean
xl_end_lost(const GuestHostOptions *options, const char *identity, gboolean *was, GError **error) {
  g_auto(GStrv) words = g_strsplit(identity, " ", 2);
  g_auto(ProcResult) result = {0};
  g_autoptr(XenHost) xen = NULL;
  *was = FALSE;
  if (identity[0] == '\0' || (is_embedded(options) && !xen_host_is_left()))
    return TRUE; /* its host went with its keeper */
  if (g_strv_length(words) != 2 || !g_uuid_string_is_valid(words[1]) ||
      words[0][strspn(words[0], "0123456789")] != '\0')
    return tinyx_fail(error, TINYX_ERROR_CORRUPT, "'%s': expected a domain's number and UUID",
                      identity);
  g_autofree char *script = g_strdup_printf(
      "xl list -v | awk -v id=%s -v uuid=%s '$2 == id && $7 == uuid { f = 1 } END { exit !f }' || "
      "exit 3; xl destroy %s",
      words[0], words[1], words[0]);
  xen = xen_host_open(options->spec, error);
  if (xen == NULL || !xen_host_run(xen, script, XL_SECONDS, PROC_CAPTURE, &result, error))
    return FALSE;
  *was = result.status == 0;
  return result.status == 0 || result.status == 3 ||
         tinyx_fail(error, TINYX_ERROR_HOST, "%s: domain %s cannot be destroyed: %s",
                    xen_host_name(xen), words[0], result.out);
}

const Launcher launcher_xl = {.name = "xl",
                              .title = "the Xen host",
                              .act = "xl create",
                              .check = xl_check,
                              .abilities = xl_abilities,
                              .describe = xl_describe,
                              .open = xl_open,
                              .close = xl_close,
                              .create = xl_create,
                              .start = xl_start,
                              .save_restore = xl_save_restore,
                              .ended = xl_ended,
                              .shut_down = xl_shut_down,
                              .destroy = xl_destroy,
                              .cpu_seconds = xl_cpu_seconds,
                              .device = xl_device,
                              .tell = xl_tell,
                              .identity = xl_identity,
                              .end_lost = xl_end_lost};
