#include "draft/trial.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "draft/service.h"
#include "rootfs/rootfs.h"
#include "xen/facts.h"

#include <string.h>
#include <unistd.h>

#define SECONDS 30      /* that the daemon has to open its port */
#define DEADLINE 120    /* of the script, unpacking included */
#define CONSOLE_LINES 4 /* shown where nothing listens */

void
draft_trial_clear(DraftTrial *trial) {
  g_clear_pointer(&trial->listeners, g_array_unref);
  g_clear_pointer(&trial->console, g_free);
}

/* ---- running ----------------------------------------------------------- */

static int
first_port(const Draft *draft) {
  for (guint i = 0; i < draft->ports->len; i++)
    if (g_array_index(draft->ports, int, i) > 0)
      return g_array_index(draft->ports, int, i);
  return 0;
}

/* The draft as a recipe in FOLDER, and its root file system as FOLDER/root.tar. */
static gboolean
make_root(const Draft *draft, const char *folder, GError **error) {
  g_autofree char *place = g_build_filename(folder, draft->name, NULL);
  g_autofree char *tar = g_build_filename(folder, "root.tar", NULL);
  if (!draft_write(draft, place, TRUE, error))
    return FALSE;
  g_autoptr(Recipe) recipe = recipe_load(place, error);
  g_autoptr(RootfsPlan) plan = recipe != NULL ? rootfs_plan(recipe, ROOTFS_CPIO, error) : NULL;
  return plan != NULL && tree_write_tar(plan->tree, tar, 0, error);
}

static gboolean
run_script(const Draft *draft, const char *folder, ProcResult *result, GError **error) {
  static const char *const spaces[] = {"unshare", "--mount",       "--net",  "--uts",
                                       "--ipc",   "--propagation", "private"};
  static const char *const user[] = {"--map-root-user", "--map-auto"};
  g_autofree char *script = data_path("scripts/listen-trial");
  g_autofree char *work = g_build_filename(folder, "work", NULL);
  g_autofree char *tar = g_build_filename(folder, "root.tar", NULL);
  g_autofree char *seconds = g_strdup_printf("%d", SECONDS);
  g_autofree char *port = g_strdup_printf("%d", first_port(draft));
  const char *const words[] = {"sh", script, work, tar, seconds, port, draft->name, NULL};
  g_autoptr(GPtrArray) argv = g_ptr_array_new();
  for (guint i = 0; i < G_N_ELEMENTS(spaces); i++)
    g_ptr_array_add(argv, (gpointer)spaces[i]);
  for (guint i = 0; geteuid() != 0 && i < G_N_ELEMENTS(user); i++)
    g_ptr_array_add(argv, (gpointer)user[i]);
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    g_ptr_array_add(argv, (gpointer)words[i]);
  ProcSpec spec = {
      .argv = (const char *const *)argv->pdata, .deadline = DEADLINE, .flags = PROC_CAPTURE};
  return dir_make(work, error) && proc_run(&spec, result, error);
}

static void
take_facts(const ProcResult *result, DraftTrial *trial) {
  static const struct {
    const char *name;
    gboolean udp;
  } tables[] = {{"tcp", FALSE}, {"tcp6", FALSE}, {"udp", TRUE}, {"udp6", TRUE}};
  g_autoptr(GHashTable) facts = facts_parse(result->out, result->out_size);
  const char *console = g_hash_table_lookup(facts, "console");
  trial->listeners = g_array_new(FALSE, TRUE, sizeof(Listener));
  trial->console = g_strdup(console != NULL ? console : "");
  for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
    const char *text = g_hash_table_lookup(facts, tables[i].name);
    if (text != NULL)
      sockets_parse(text, tables[i].udp, trial->listeners);
  }
}

gboolean
draft_trial_run(const Draft *draft, DraftTrial *trial, GError **error) {
  g_autofree char *parent = cache_folder("tmp", error);
  g_autofree char *folder = parent != NULL ? g_build_filename(parent, "trial-XXXXXX", NULL) : NULL;
  g_auto(ProcResult) result = {0};
  g_autoptr(GError) unremoved = NULL;
  gboolean done;
  if (folder == NULL)
    return FALSE;
  if (g_mkdtemp(folder) == NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s cannot be made", folder);
    return FALSE;
  }
  msg_stage_detail("running it in a container");
  done = make_root(draft, folder, error) && run_script(draft, folder, &result, error);
  if (done)
    take_facts(&result, trial);
  if (!dir_remove(folder, &unremoved))
    msg_verbose("%s", unremoved->message);
  return done;
}

/* ---- what it says ------------------------------------------------------ */

typedef enum { NOWHERE, ON_LOOPBACK, OPEN } Where;

static Where
where_listens(const DraftTrial *trial, int port, gboolean udp) {
  Where where = NOWHERE;
  for (guint i = 0; i < trial->listeners->len; i++) {
    const Listener *listener = &g_array_index(trial->listeners, Listener, i);
    if (listener->port == port && listener->udp == udp)
      where = MAX(where, listener->loopback ? ON_LOOPBACK : OPEN);
  }
  return where;
}

static gboolean
is_taken(const Draft *draft, int port) {
  for (guint i = 0; i < draft->ports->len; i++)
    if (g_array_index(draft->ports, int, i) == port)
      return TRUE;
  return FALSE;
}

/* The lowest open port of its kind that no service of DRAFT has; 0: none. */
static int
free_port(const Draft *draft, const DraftTrial *trial, gboolean udp, Where where) {
  int port = 0;
  for (guint i = 0; i < trial->listeners->len; i++) {
    const Listener *listener = &g_array_index(trial->listeners, Listener, i);
    if (listener->udp == udp && (listener->loopback ? ON_LOOPBACK : OPEN) == where &&
        (port == 0 || listener->port < port) && !is_taken(draft, listener->port))
      port = listener->port;
  }
  return port;
}

static void
note(Draft *draft, char *text) {
  g_ptr_array_add(draft->notes, text);
}

/* Its last lines that the glue did not write, on one line; g_free. */
static char *
last_lines(const char *console) {
  g_autofree char *copy = g_utf8_make_valid(console, -1);
  g_auto(GStrv) lines = g_strsplit_set(copy, "\r\n", -1);
  g_autoptr(GPtrArray) last = g_ptr_array_new();
  for (guint i = g_strv_length(lines); i-- > 0 && last->len < CONSOLE_LINES;)
    if (g_strstrip(lines[i])[0] != '\0' && !g_str_has_prefix(lines[i], "tinyx: ") &&
        !g_str_has_prefix(lines[i], "starting pid "))
      g_ptr_array_insert(last, 0, lines[i]);
  g_ptr_array_add(last, NULL);
  return g_strjoinv(" | ", (char **)last->pdata);
}

static void
say_nothing_listens(const DraftTrial *trial, Draft *draft, const Service *service) {
  g_autofree char *last = last_lines(trial->console);
  int hidden = free_port(draft, trial, FALSE, ON_LOOPBACK);
  int udp = free_port(draft, trial, TRUE, OPEN);
  if (hidden > 0)
    note(draft, g_strdup_printf("%s, when it was tried, listened on port %d of the loopback only: "
                                "its configuration is to say otherwise",
                                service->origin, hidden));
  else if (udp > 0)
    note(draft,
         g_strdup_printf("%s, when it was tried, had UDP port %d and no TCP port: no test of "
                         "it could be drafted",
                         service->origin, udp));
  else
    note(draft,
         g_strdup_printf("%s was tried, and nothing listened within %d s; %s%s", service->origin,
                         SECONDS, last[0] != '\0' ? "its last words: " : "it said nothing", last));
}

/* One service, whose port is not open where it was thought to be. */
static void
correct(const DraftTrial *trial, Draft *draft, guint index) {
  const Service *service = draft->services->pdata[index];
  int *port = &g_array_index(draft->ports, int, index);
  int other = free_port(draft, trial, FALSE, OPEN);
  if (other == 0) {
    say_nothing_listens(trial, draft, service);
    return;
  }
  if (*port > 0)
    note(draft,
         g_strdup_printf("%s, when it was tried, listened on port %d, not on %d (%s)",
                         service->origin, other, *port, (char *)draft->port_from->pdata[index]));
  *port = other;
  g_free(draft->port_from->pdata[index]);
  draft->port_from->pdata[index] = g_strdup("seen when it was tried");
}

void
draft_trial_apply(const DraftTrial *trial, Draft *draft) {
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    int port = g_array_index(draft->ports, int, i);
    if (service->run.on_exit == RECIPE_POWEROFF)
      continue;
    if (port == 0 || where_listens(trial, port, FALSE) != OPEN)
      correct(trial, draft, i);
  }
}
