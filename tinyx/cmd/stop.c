/* stop.c - `tinyx stop` and `tinyx restart`: domains in the background ended, and started anew. */
#include "domain/domain.h"

#include "base/msg.h"
#include "base/proc.h"
#include "cmd/cmd.h"

static const char stop_description[] =
    "Shuts domains down that `tinyx run -d` has started, as a Ctrl-C does it in the foreground: "
    "they\n"
    "are asked by their platform's way, have the time that their recipe gives them "
    "(stop-seconds=),\n"
    "and are ended by force after it. One that has ended, or was lost, is no error.";

static const char restart_description[] =
    "Shuts domains down as `tinyx stop` does it, if they run, and starts each anew with the "
    "command\n"
    "that it was started by, in the folder where that was called, with the same port and name. A\n"
    "recipe that has changed since is built anew.";

static gboolean
end_one(Domain *domain, gboolean force, GError **error) {
  gboolean was = FALSE;
  if (!domain_stop(domain, force, &was, error))
    return FALSE;
  g_autoptr(Domain) now = domain_load(domain->name, NULL);
  msg_info("%s: %s", domain->name,
           now != NULL && now->how != NULL ? now->how
           : was                           ? "ended"
                                           : "does not run");
  return TRUE;
}

/* The status of the worst; all are tried. */
static int
worse(int status, GError *error) {
  int failed = cmd_fail(error);
  return MAX(status, failed);
}

int
cmd_stop(int argc, char **argv) {
  gboolean force = FALSE, forget = FALSE;
  const GOptionEntry entries[] = {
      {"force", 'f', 0, G_OPTION_ARG_NONE, &force, "End them at once, without asking", NULL},
      {"forget", 0, 0, G_OPTION_ARG_NONE, &forget, "Remove their records and logs, too", NULL},
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "DOMAIN...", stop_description, entries);
  if (status >= 0)
    return status;
  if (argc < 2)
    return cmd_usage("stop", "expected names of domains (tinyx ps lists them)");
  status = 0;
  for (int i = 1; i < argc && !proc_interrupted(); i++) {
    GError *error = NULL;
    g_autoptr(Domain) domain = domain_load(argv[i], &error);
    g_autoptr(Domain) ended = NULL;
    if (domain == NULL || !end_one(domain, force, &error) ||
        (forget &&
         ((ended = domain_load(argv[i], &error)) == NULL || !domain_forget(ended, &error))))
      status = worse(status, error);
  }
  return status;
}

/* What started it, with the name and the port that it had. g_ptr_array_unref. */
static GPtrArray *
words_of(const Domain *domain, GError **error) {
  g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  if (self == NULL || domain->command == NULL || domain->directory == NULL) {
    tinyx_fail(error, TINYX_ERROR_CORRUPT, "%s: its record does not say how it was started",
               domain->name);
    return NULL;
  }
  g_ptr_array_add(words, g_steal_pointer(&self));
  for (guint i = 0; domain->command[i] != NULL; i++)
    g_ptr_array_add(words, g_strdup(domain->command[i]));
  g_ptr_array_add(words, g_strconcat("--name=", domain->name, NULL));
  if (domain->port > 0)
    g_ptr_array_add(words, g_strdup_printf("--port=%d:%d", domain->port, domain->guest_port));
  g_ptr_array_add(words, NULL);
  return g_steal_pointer(&words);
}

/* The status of the command, or -1 with ERROR. */
static int
start_anew(const Domain *domain, GError **error) {
  g_autoptr(GPtrArray) words = words_of(domain, error);
  g_auto(ProcResult) result = {0};
  if (words == NULL)
    return -1;
  const ProcSpec spec = {.argv = (const char *const *)words->pdata,
                         .cwd = domain->directory,
                         .flags = PROC_TERMINAL | PROC_ANY_STATUS};
  return proc_run(&spec, &result, error) ? result.status : -1;
}

int
cmd_restart(int argc, char **argv) {
  int status = cmd_parse(&argc, &argv, "DOMAIN...", restart_description, NULL);
  if (status >= 0)
    return status;
  if (argc < 2)
    return cmd_usage("restart", "expected names of domains (tinyx ps lists them)");
  status = 0;
  for (int i = 1; i < argc && !proc_interrupted(); i++) {
    GError *error = NULL;
    g_autoptr(Domain) domain = domain_load(argv[i], &error);
    int started =
        domain != NULL && end_one(domain, FALSE, &error) ? start_anew(domain, &error) : -1;
    status = started >= 0 ? MAX(status, started) : worse(status, error);
  }
  return status;
}
