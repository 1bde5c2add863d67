/* tryout.c - a try-out: a draft's root file system runs in a container for some seconds. */
#include "draft/tryout.h"

#include "base/cache.h"
#include "base/facts.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/number.h"
#include "base/own.h"
#include "base/proc.h"
#include "base/strings.h"
#include "draft/service.h"
#include "rootfs/rootfs.h"
#include "sandbox/sandbox.h"

#include <string.h>
#include <unistd.h>

#define DEADLINE 120            /* seconds for the script, with unpacking */
#define WORK_BYTES "8589934592" /* of the root file system, and what the draft writes */

void
draft_tryout_clear(DraftTryout *tryout) {
  g_clear_pointer(&tryout->listeners, g_array_unref);
  g_clear_pointer(&tryout->paths, g_ptr_array_unref);
  g_clear_pointer(&tryout->console, g_free);
}

/* ---- running ----------------------------------------------------------- */

/* The TCP port of each daemon, with spaces between them; 0 where it is not known, or there is no
 * daemon. g_free. */
static char *
port_words(const Draft *draft) {
  GString *words = g_string_new(NULL);
  for (guint i = 0; i < draft->services->len; i++) {
    const Service *service = draft->services->pdata[i];
    if (service->run->on_exit != RECIPE_POWEROFF && !service->companion)
      g_string_append_printf(words, "%s%d", words->len > 0 ? " " : "", service->port);
  }
  if (words->len == 0)
    g_string_append(words, "0");
  return g_string_free(words, FALSE);
}

/* Writes DRAFT as a recipe below FOLDER, and plans its root file system. */
static RootfsPlan *
make_plan(const Draft *draft, const char *folder, GError **error) {
  g_autofree char *place = g_build_filename(folder, draft->recipe->name, NULL);
  if (!draft_write(draft, place, TRUE, error))
    return NULL;
  g_autoptr(Recipe) recipe = recipe_load(place, error);
  /* Any platform will do: the container's devices are not its. */
  g_autoptr(Platform) platform = recipe != NULL ? platform_load(PLATFORM_DEFAULT, error) : NULL;
  return platform != NULL ? rootfs_plan(recipe, platform, ROOTFS_CPIO, draft->opened, TRUE, error)
                          : NULL;
}

/* The root file system of DRAFT as FOLDER/root.tar. */
static gboolean
make_root(Draft *draft, const char *folder, GError **error) {
  g_autofree char *tar = g_build_filename(folder, "root.tar", NULL);
  g_autoptr(RootfsPlan) plan = make_plan(draft, folder, error);
  if (plan == NULL)
    return FALSE;
  g_free(draft->planned);
  draft->planned = draft_text(draft);
  return tree_write_tar(plan->tree, tar, 0, error);
}

/* WHY, which is taken, is why the draft that was written below FOLDER, which is gone, has no plan:
 * the message names the recipe as it will be called. An interruption says nothing of the draft. */
static void
set_unbuildable(GError *why, const char *folder, GError **error) {
  if (why->code == TINYX_ERROR_INTERRUPTED) {
    g_propagate_error(error, why);
    return;
  }
  g_autofree char *prefix = g_strconcat(folder, "/", NULL);
  g_autoptr(GString) text = g_string_new(why->message);
  g_string_replace(text, prefix, "", 0);
  g_set_error(error, why->domain, why->code, "the draft cannot be built: %s", text->str);
  g_error_free(why);
}

gboolean
draft_check(const Draft *draft, GError **error) {
  g_autofree char *text = draft_text(draft);
  if (g_strcmp0(text, draft->planned) == 0)
    return TRUE;
  g_autofree char *folder = cache_begin("try-out", "folder", error);
  if (folder == NULL)
    return FALSE;
  msg_stage_detail("planning its image");
  GError *why = NULL;
  g_autoptr(RootfsPlan) plan = make_plan(draft, folder, &why);
  cache_discard(folder);
  if (plan == NULL)
    set_unbuildable(why, folder, error);
  return plan != NULL;
}

gboolean
tryout_run_files(const char *tar, const char *name, const char *ports, ProcResult *result,
                 GError **error) {
  g_autofree char *script = data_path("scripts/try-out");
  g_autofree char *confine = own_program("tinyx-confine", error);
  g_autofree char *seconds = g_strdup_printf("%d", TRYOUT_SECONDS);
  /* Trusted: the script is ours, and starts the draft in a sandbox of its own. */
  const char *const options[] = {"--trusted", "--programs", "--bare-proc", "/proc",    "--dev",
                                 "/dev",      "--tmpfs",    "/area",       "755",      WORK_BYTES,
                                 "--show",    tar,          "/root.tar",   "--show",   script,
                                 "/try-out",  "--show",     confine,       "/confine", NULL};
  const char *const command[] = {"sh",  "/try-out", "/area",    "/root.tar", seconds,
                                 ports, name,       "/confine", NULL};
  g_auto(GStrv) argv = confine != NULL ? sandbox_words(options, command, error) : NULL;
  if (argv == NULL)
    return FALSE;
  ProcSpec spec = {.argv = (const char *const *)argv, .deadline = DEADLINE, .flags = PROC_CAPTURE};
  return proc_run(&spec, result, error);
}

static gboolean
run_script(const Draft *draft, const char *folder, ProcResult *result, GError **error) {
  g_autofree char *tar = g_build_filename(folder, "root.tar", NULL);
  g_autofree char *ports = port_words(draft);
  return tryout_run_files(tar, draft->recipe->name, ports, result, error);
}

static gint64
take_number(GHashTable *facts, const char *name) {
  const char *text = g_hash_table_lookup(facts, name);
  guint64 number = 0;
  return number_parse(text, G_MAXINT64, &number) ? (gint64)number : 0;
}

static void
take_facts(const ProcResult *result, DraftTryout *tryout) {
  static const struct {
    const char *name;
    gboolean udp;
  } tables[] = {{"tcp", FALSE}, {"tcp6", FALSE}, {"udp", TRUE}, {"udp6", TRUE}};
  g_autoptr(GHashTable) facts = facts_parse(result->out, result->out_size);
  const char *console = g_hash_table_lookup(facts, "console");
  tryout->listeners = g_array_new(FALSE, TRUE, sizeof(Listener));
  tryout->console = g_strdup(console != NULL ? console : "");
  tryout->root_kb = take_number(facts, "root_kb");
  tryout->used_kb = take_number(facts, "used_kb");
  tryout->written_kb = MAX(0, take_number(facts, "written_kb"));
  const char *unix_table = g_hash_table_lookup(facts, "unix");
  tryout->paths = strings_new();
  if (unix_table != NULL)
    sockets_parse_unix(unix_table, tryout->paths);
  for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
    const char *text = g_hash_table_lookup(facts, tables[i].name);
    if (text != NULL)
      sockets_parse(text, tables[i].udp, tryout->listeners);
  }
}

gboolean
draft_tryout_run(Draft *draft, DraftTryout *tryout, GError **error) {
  g_autofree char *folder = cache_begin("try-out", "folder", error);
  g_auto(ProcResult) result = {0};
  gboolean done;
  if (folder == NULL)
    return FALSE;
  msg_stage_detail("running it in a container");
  *tryout = (DraftTryout){0};
  done = make_root(draft, folder, error) && run_script(draft, folder, &result, error);
  if (done)
    take_facts(&result, tryout);
  cache_discard(folder);
  return done;
}
