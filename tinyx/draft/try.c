/* try.c - a draft is tried out, and corrected by what is seen, until nothing more is learned. */
#include "draft/try.h"

#include "base/msg.h"
#include "base/strings.h"
#include "draft/draft-private.h"
#include "draft/find.h"
#include "draft/learn.h"
#include "draft/ports.h"
#include "draft/scan.h"
#include "draft/service.h"
#include "draft/whole.h"
#include "rootfs/install.h"

#include <string.h>

#define ROUNDS 6
#define INIT_SCRIPTS "/etc/init.d/"
#define KERNEL_MB 32
#define MEMORY_STEP 32   /* MB */
#define MEMORY_MOST 1280 /* MB: what an embedded host can give */
#define CONSOLE_LINES 4  /* how many are shown where nothing listens */

/* ---- what a try-out says ----------------------------------------------- */

typedef enum { NOWHERE, ON_LOOPBACK, OPEN } Where;

static Where
where_listens(const DraftTryout *tryout, int port, gboolean udp) {
  Where where = NOWHERE;
  for (guint i = 0; i < tryout->listeners->len; i++) {
    const Listener *listener = &g_array_index(tryout->listeners, Listener, i);
    if (listener->port == port && listener->udp == udp)
      where = MAX(where, listener->loopback ? ON_LOOPBACK : OPEN);
  }
  return where;
}

static gboolean
is_taken(const Draft *draft, int port) {
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    if (service->port == port)
      return TRUE;
  }
  return FALSE;
}

/* TRUE if PORT, which was thought to be TCP's, is open for UDP only. */
static gboolean
is_udp(const DraftTryout *tryout, int port) {
  return port > 0 && where_listens(tryout, port, FALSE) == NOWHERE &&
         where_listens(tryout, port, TRUE) == OPEN;
}

/* TRUE if the UDP port that SERVICE is known to have is open. */
static gboolean
has_udp(const Service *service, const DraftTryout *tryout) {
  return service->udp_port > 0 && where_listens(tryout, service->udp_port, TRUE) == OPEN;
}

/* The lowest port that listens WHERE, and that neither a service of DRAFT has already nor the
 * kernel picked; 0: none. */
static int
free_port(const Draft *draft, const DraftTryout *tryout, gboolean udp, Where where) {
  int port = 0;
  for (guint i = 0; i < tryout->listeners->len; i++) {
    const Listener *listener = &g_array_index(tryout->listeners, Listener, i);
    if (listener->udp == udp && (listener->loopback ? ON_LOOPBACK : OPEN) == where &&
        (port == 0 || listener->port < port) && !is_taken(draft, listener->port) &&
        !sockets_is_picked((unsigned)listener->port))
      port = listener->port;
  }
  return port;
}

static void
note(Draft *draft, char *text) {
  g_ptr_array_add(draft->notes, text);
}

/* TRUE for a line that init or the glue wrote; the container has its host's name already. */
static gboolean
is_ours(const char *line) {
  static const char *const begins[] = {"tinyx: ", "starting pid ", "process '/bin/sh /etc/tinyx",
                                       "hostname: sethostname: "};
  for (guint i = 0; i < G_N_ELEMENTS(begins); i++)
    if (g_str_has_prefix(line, begins[i]))
      return TRUE;
  return strstr(line, " syslogd started: BusyBox") != NULL;
}

/* What a daemon says of why it ends is not always the last that it says. */
#define COMPLAINT                                                                                  \
  "\\b(error|fatal|emerg|alert|crit|panic|abort|cannot|can't|can not|could not|couldn't|unable|"   \
  "failed|failure|no such|not found|denied|refused|missing|invalid|unknown|not permitted)\\b"

/* The last lines of LINES, those that complain if there are any, each once. g_ptr_array_unref. */
static GPtrArray *
choose_last(char **lines, gboolean complaints) {
  GPtrArray *last = g_ptr_array_new();
  for (guint i = g_strv_length(lines); i-- > 0 && last->len < CONSOLE_LINES;)
    if (g_strstrip(lines[i])[0] != '\0' && !is_ours(lines[i]) && !strings_contain(last, lines[i]) &&
        (!complaints || g_regex_match_simple(COMPLAINT, lines[i], G_REGEX_CASELESS, 0)))
      g_ptr_array_insert(last, 0, lines[i]);
  return last;
}

/* The last words of CONSOLE, as one line; g_free. */
static char *
last_lines(const char *console) {
  g_autofree char *copy = g_utf8_make_valid(console, -1);
  g_auto(GStrv) lines = g_strsplit_set(copy, "\r\n", -1);
  g_autoptr(GPtrArray) last = choose_last(lines, TRUE);
  if (last->len == 0) {
    g_ptr_array_unref(last);
    last = choose_last(lines, FALSE);
  }
  g_ptr_array_add(last, NULL);
  return g_strjoinv(" | ", (char **)last->pdata);
}

/* A port that is open on the loopback only: PORT if it is, else another TCP port. Another UDP port
 * may be a client's. 0: none. */
static int
hidden_port(const Draft *draft, const DraftTryout *tryout, int port) {
  if (port > 0 && (where_listens(tryout, port, FALSE) == ON_LOOPBACK ||
                   where_listens(tryout, port, TRUE) == ON_LOOPBACK))
    return port;
  return free_port(draft, tryout, FALSE, ON_LOOPBACK);
}

static void
say_nothing_listens(const DraftTryout *tryout, Draft *draft, const Service *service, int port) {
  g_autofree char *last = last_lines(tryout->console);
  int hidden = hidden_port(draft, tryout, port);
  if (hidden > 0)
    note(draft, g_strdup_printf("%s, when it was tried, listened on port %d of the loopback only: "
                                "its configuration is to say otherwise",
                                service->origin, hidden));
  else if (tryout->paths != NULL && tryout->paths->len > 0)
    note(draft, g_strdup_printf("%s, when it was tried, served %s and opened no port: its "
                                "configuration is to name one; %s%s",
                                service->origin, (char *)tryout->paths->pdata[0],
                                last[0] != '\0' ? "its last words: " : "it said nothing", last));
  else
    note(draft, g_strdup_printf("%s was tried, and nothing listened; %s%s", service->origin,
                                last[0] != '\0' ? "its last words: " : "it said nothing", last));
}

/* TRUE if PORT is open by an IPv6 socket alone: where the kernel has no IPv6, the daemon serves
 * nobody. */
static gboolean
needs_ipv6(const DraftTryout *tryout, int port) {
  gboolean ipv4 = FALSE, ipv6 = FALSE;
  for (guint i = 0; i < tryout->listeners->len; i++) {
    const Listener *listener = &g_array_index(tryout->listeners, Listener, i);
    if (listener->port != port || listener->udp || listener->loopback)
      continue;
    ipv4 |= !listener->ipv6;
    ipv6 |= listener->ipv6;
  }
  return ipv6 && !ipv4;
}

/* Memory holds the files twice while the domain boots, unpacked and packed (a third of that), then
 * what the daemon writes, and the kernel. A daemon that is used asks for more than one that only
 * started: twice as much is given. The root file system is a tmpfs, which may have half of what the
 * kernel and the packed files leave (tmpfs(5), size). */
static void
set_memory(const DraftTryout *tryout, Draft *draft) {
  gint64 files = tryout->root_kb + tryout->written_kb;
  gint64 all = files + tryout->root_kb / 3 + MAX(2 * tryout->used_kb, files);
  gint64 needed = all / 1024 + KERNEL_MB;
  needed = (needed + MEMORY_STEP - 1) / MEMORY_STEP * MEMORY_STEP;
  if (needed <= draft->recipe->memory)
    return;
  draft->recipe->memory = (int)MIN(needed, MEMORY_MOST);
  draft_set_from(draft, "image", "memory",
                 g_strdup_printf("when it was tried: %d MB of files, %d MB in use besides",
                                 (int)(files / 1024), (int)(tryout->used_kb / 1024)));
}

/* SERVICE does not listen on the port that it was thought to have. */
static void
correct(const DraftTryout *tryout, Draft *draft, Service *service) {
  int other = free_port(draft, tryout, FALSE, OPEN), udp = 0;
  if (other == 0)
    udp = is_udp(tryout, service->port) ? service->port : free_port(draft, tryout, TRUE, OPEN);
  if (udp > 0 && hidden_port(draft, tryout, service->port) == 0) {
    note(draft, g_strdup_printf("%s, when it was tried, had UDP port %d and no TCP port",
                                service->origin, udp));
    draft_set_port(draft, service, 0, NULL);
    draft_set_udp_port(draft, service, udp);
    return;
  }
  if (other == 0) {
    say_nothing_listens(tryout, draft, service, service->port);
    return;
  }
  if (g_strcmp0(service->port_from, "given") == 0) {
    note(draft, g_strdup_printf("%s, when it was tried, listened on port %d, not on %d, which was "
                                "given",
                                service->origin, other, service->port));
    return;
  }
  if (service->port > 0)
    note(draft, g_strdup_printf("%s, when it was tried, listened on port %d, not on %d (%s)",
                                service->origin, other, service->port, service->port_from));
  draft_set_port(draft, service, other, g_strdup("seen when it was tried"));
}

/* How often the console says that SERVICE was started. */
static guint
count_starts(const DraftTryout *tryout, const Draft *draft, const Service *service) {
  g_autofree char *line =
      g_strdup_printf("tinyx: %s starting",
                      service->run->name[0] != '\0' ? service->run->name : draft->recipe->name);
  g_auto(GStrv) parts = g_strsplit(tryout->console, line, -1);
  return parts[0] != NULL ? g_strv_length(parts) - 1 : 0;
}

/* Its port is open, and yet init has started it again: the command has ended, and left a daemon. */
static void
correct_forks(const DraftTryout *tryout, Draft *draft, Service *service) {
  if (service->run->forks || where_listens(tryout, service->port, FALSE) == NOWHERE ||
      count_starts(tryout, draft, service) < 2)
    return;
  service->run->forks = TRUE;
  note(draft,
       g_strdup_printf("%s goes to the background, though its unit does not say so: forks=yes",
                       service->origin));
}

/* TRUE if the one application of DRAFT, a person's own program, ended and was started again, and
 * nothing listened: it may be no daemon. (A package's that ends so has gone to the background.) */
static gboolean
may_be_job(const DraftTryout *tryout, const Draft *draft) {
  return draft->own != NULL && draft->services->len == 1 && tryout->listeners->len == 0 &&
         count_starts(tryout, draft, draft->services->pdata[0]) >= 2;
}

static void
make_job(Draft *draft) {
  Service *service = draft->services->pdata[0];
  service->run->on_exit = RECIPE_POWEROFF;
  strv_remove(&draft->recipe->with, "server");
  draft_set_port(draft, service, 0, NULL);
  draft_set_from(draft, "run", "on-exit",
                 g_strdup("when it was tried, it opened no port and ended with status 0"));
}

/* Runs it once more, to be told with which status it ends. TRUE with *JOB: it did its work. */
static gboolean
try_as_job(Draft *draft, DraftTryout *tryout, gboolean *job, GError **error) {
  Service *service = draft->services->pdata[0];
  g_autofree char *end = g_strdup_printf("tinyx: %s ended with status 0", draft->recipe->name);
  service->run->on_exit = RECIPE_POWEROFF;
  draft_tryout_clear(tryout);
  if (!draft_tryout_run(draft, tryout, error))
    return FALSE;
  *job = strstr(tryout->console, end) != NULL;
  if (*job)
    make_job(draft);
  else
    service->run->on_exit = RECIPE_RESPAWN;
  return TRUE;
}

void
draft_tryout_apply(const DraftTryout *tryout, Draft *draft) {
  for (guint i = 0; i < draft->services->len; i++) {
    Service *service = draft->services->pdata[i];
    if (service->run->on_exit == RECIPE_POWEROFF || service->companion)
      continue;
    if (where_listens(tryout, service->port, FALSE) != OPEN && !has_udp(service, tryout))
      correct(tryout, draft, service);
    if (needs_ipv6(tryout, service->port))
      strv_add_once(&draft->recipe->with, "ipv6");
    correct_forks(tryout, draft, service);
  }
  set_memory(tryout, draft);
}

/* ---- one try-out after the other --------------------------------------- */

typedef enum { AS_SAID, ANY_OTHER } Ports;

/* TRUE if every service has a port open. AS_SAID: where its files name one, that one. Another open
 * port may be a helper's (Erlang's epmd) while the service itself does not start. */
static gboolean
all_open(const Draft *draft, const DraftTryout *tryout, Ports ports) {
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    int port = service->port;
    gboolean other = (port == 0 || ports == ANY_OTHER) && free_port(draft, tryout, FALSE, OPEN) > 0;
    if (service->run->on_exit != RECIPE_POWEROFF && !service->companion &&
        where_listens(tryout, port, FALSE) != OPEN && !is_udp(tryout, port) &&
        !has_udp(service, tryout) && !other)
      return FALSE;
  }
  return TRUE;
}

/* The changes to configuration files since a try-out showed a port on the loopback only. */
typedef struct {
  GPtrArray *paths;       /* char*: the files that are changed */
  PortsBoldness boldness; /* how far that went */
} Opened;

static gboolean
is_hidden(const Draft *draft, const DraftTryout *tryout) {
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    if (hidden_port(draft, tryout, service->port) > 0)
      return TRUE;
  }
  return FALSE;
}

/* Puts changed copies of the packages' configuration files into DRAFT, in which daemons listen on
 * all addresses, as far as BOLDNESS goes. Their paths are added to CHANGED. */
static gboolean
open_files(Draft *draft, const Tree *installed, PortsBoldness boldness, GPtrArray *changed,
           GError **error) {
  static const char *const folders[] = {"/etc/", "/var/lib/"};
  g_autoptr(PortRules) rules = port_rules_load(error);
  const GPtrArray *entries = tree_entries((Tree *)installed);
  for (guint i = 0; rules != NULL && i < entries->len; i++) {
    const TreeEntry *entry = entries->pdata[i];
    if (entry->type != TREE_FILE || (entry->mode & 0111) != 0 || !installation_is_new(entry) ||
        (!g_str_has_prefix(entry->path, folders[0]) &&
         !g_str_has_prefix(entry->path, folders[1])) ||
        g_str_has_prefix(entry->path, "/var/lib/dpkg/") || strcmp(entry->path, "/etc/hosts") == 0 ||
        g_hash_table_contains(draft->files, entry->path))
      continue;
    g_autofree char *text = find_text(installed, entry->path);
    char *opened = text != NULL ? ports_open_up(rules, text, boldness, NULL) : NULL;
    if (opened == NULL)
      continue;
    draft_put_copy(draft, entry, opened);
    g_ptr_array_add(changed, g_strdup(entry->path));
  }
  return rules != NULL;
}

static void
close_again(Draft *draft, GPtrArray *changed) {
  for (guint i = 0; i < changed->len; i++)
    g_hash_table_remove(draft->files, changed->pdata[i]);
  g_ptr_array_set_size(changed, 0);
}

/* The last changes did not help: they are taken back, and the next bolder ones are made. FALSE:
 * there are none, or an error. */
static gboolean
open_hidden(Draft *draft, const Tree *installed, Opened *opened, GError **error) {
  close_again(draft, opened->paths);
  while (opened->paths->len == 0 && opened->boldness < PORTS_BOLDEST)
    if (!open_files(draft, installed, ++opened->boldness, opened->paths, error))
      return FALSE;
  return opened->paths->len > 0;
}

static void
say_changed(Draft *draft, const GPtrArray *changed) {
  for (guint i = 0; i < changed->len; i++)
    note(draft, g_strdup_printf("it listens on the loopback only; files%s has 0.0.0.0 instead",
                                (char *)changed->pdata[i]));
}

/* A daemon that opens no port may have said why to syslog(3), though its files do not show it: from
 * now on that is on the console. FALSE: it was before. */
static gboolean
show_syslog(Draft *draft) {
  return strv_add_once(&draft->recipe->with, "syslog");
}

/* Changes DRAFT by what TRYOUT showed. TRUE if another try-out may now show more. */
static gboolean
learn(Draft *draft, const Tree *installed, const DraftTryout *tryout, Opened *opened,
      GError **error) {
  int learned = learn_from_console(draft, installed, tryout->console, error);
  if (learned < 0)
    return FALSE;
  if (all_open(draft, tryout, ANY_OTHER))
    return learned > 0;
  if (learned == 0 && (is_hidden(draft, tryout) || opened->paths->len > 0))
    return open_hidden(draft, installed, opened, error);
  return learned > 0 || (tryout->listeners->len == 0 && show_syslog(draft));
}

/* Tries DRAFT out until all ports are open as its files say, or nothing more is learned. FALSE on
 * an error only. */
static gboolean
try_rounds(Draft *draft, const Tree *installed, Opened *opened, DraftTryout *tryout,
           GError **error) {
  g_autoptr(GError) why = NULL;
  gboolean job = FALSE;
  for (int round = 0; round < ROUNDS; round++) {
    draft_tryout_clear(tryout);
    if (!draft_tryout_run(draft, tryout, error))
      return FALSE;
    msg_verbose("its console:\n%s", tryout->console);
    if (all_open(draft, tryout, AS_SAID) ||
        (round == 0 && may_be_job(tryout, draft) && !try_as_job(draft, tryout, &job, &why)) ||
        job || !learn(draft, installed, tryout, opened, &why))
      break;
  }
  if (why != NULL)
    g_propagate_error(error, g_steal_pointer(&why));
  return why == NULL;
}

/* Services that were read from init scripts run the scripts themselves instead. FALSE: there are
 * none. */
static gboolean
run_init_scripts(Draft *draft, const Tree *installed) {
  gboolean any = FALSE;
  for (guint i = 0; i < draft->services->len; i++) {
    Service *service = draft->services->pdata[i];
    const char *tools = "/usr/sbin/start-stop-daemon";
    if (!g_str_has_prefix(service->origin, INIT_SCRIPTS))
      continue;
    if (service->run->pid_file == NULL)
      note(draft, g_strdup_printf("%s names no pid file: the end of its daemon is not noticed",
                                  service->origin));
    g_free(service->run->command);
    g_free(service->program);
    g_clear_pointer(&service->run->before, g_free);
    g_clear_pointer(&service->run->user, g_free);
    g_clear_pointer(&service->run->group, g_free);
    g_clear_pointer(&service->run->capabilities, g_strfreev);
    service->program = g_strdup(service->origin);
    service->run->command = g_strdup_printf("/bin/sh %s start", service->origin);
    service->run->forks = TRUE;
    strv_add_once(&draft->recipe->include, service->origin);
    if (tree_resolve(installed, tools) != NULL)
      strv_add_once(&draft->recipe->include, tools);
    any |= scan_start(draft, service, installed, NULL);
  }
  return any;
}

static gboolean
try_all(Draft *draft, const Tree *installed, GError **error) {
  g_autoptr(GPtrArray) changed = strings_new();
  Opened opened = {.paths = changed, .boldness = PORTS_PLAIN};
  g_auto(DraftTryout) tryout = {0};
  gboolean learned = FALSE;
  if (!try_rounds(draft, installed, &opened, &tryout, error))
    return FALSE;
  if (!all_open(draft, &tryout, ANY_OTHER) && !is_hidden(draft, &tryout) &&
      run_init_scripts(draft, installed) && !try_rounds(draft, installed, &opened, &tryout, error))
    return FALSE;
  if (!all_open(draft, &tryout, AS_SAID) && draft_is_daemon(draft) &&
      (all_open(draft, &tryout, ANY_OTHER) || !is_hidden(draft, &tryout)) &&
      (!draft_learn_whole(draft, &learned, error) ||
       (learned && !try_rounds(draft, installed, &opened, &tryout, error))))
    return FALSE;
  gboolean all = all_open(draft, &tryout, ANY_OTHER);
  if (changed->len > 0 && !all)
    close_again(draft, changed);
  else
    say_changed(draft, changed);
  draft_tryout_apply(&tryout, draft);
  draft->silent = !all && draft->recipe->ready_udp == 0 &&
                  draft_is_daemon(draft); /* apply may have found a UDP port */
  return TRUE;
}

gboolean
draft_try(Draft *draft, const Tree *installed, GError **error) {
  g_autoptr(GError) why = NULL;
  if (!draft_is_daemon(draft) || try_all(draft, installed, &why))
    return TRUE;
  if (why->code == TINYX_ERROR_INTERRUPTED) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  note(draft, g_strdup_printf("it was not tried in a container: %s", why->message));
  return TRUE;
}
