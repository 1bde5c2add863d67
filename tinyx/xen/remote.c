/* remote.c - runs scripts by a host's shell, here or through ssh(1). */
#include "xen/remote.h"

#include "base/files.h"

#include <string.h>
#include <unistd.h>

/* Where Debian keeps xl, and where an ssh session of root often does not look. */
#define PATH_LINE                                                                                  \
  "PATH=$PATH:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/xen-4.17/bin; export PATH; "

/* ssh(1): 255 is its own failure, not the command's. */
#define SSH_FAILED 255

Remote *
remote_local(const char *log) {
  Remote *remote = g_new0(Remote, 1);
  const char *const argv[] = {"/bin/sh", "-c", NULL};
  remote->argv = g_strdupv((char **)argv);
  remote->log = g_strdup(log);
  remote->name = g_strdup("this machine");
  return remote;
}

static void
add_option(GPtrArray *argv, const char *format, const char *value) {
  if (value == NULL)
    return;
  g_ptr_array_add(argv, g_strdup("-o"));
  g_ptr_array_add(argv, g_strdup_printf(format, value));
}

Remote *
remote_ssh(const char *user, const char *machine, int port, const char *key,
           const char *known_hosts, const char *log, GError **error) {
  const char *command = g_getenv("TINYX_SSH");
  g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) words = NULL;
  Remote *remote;
  if (!g_shell_parse_argv(command != NULL ? command : "ssh", NULL, &words, error)) {
    g_prefix_error(error, "TINYX_SSH: ");
    (*error)->domain = TINYX_ERROR;
    (*error)->code = TINYX_ERROR_INPUT;
    return NULL;
  }
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add(argv, g_strdup(words[i]));
  /* Never a question, never a wait without end, and nothing of this machine is lent to the other:
   * neither keys nor ports nor its screen. An unknown or a changed key of a host is refused. */
  add_option(argv, "StrictHostKeyChecking=%s", "yes");
  add_option(argv, "ForwardAgent=%s", "no");
  add_option(argv, "ForwardX11=%s", "no");
  add_option(argv, "ClearAllForwardings=%s", "yes");
  add_option(argv, "PermitLocalCommand=%s", "no");
  add_option(argv, "RequestTTY=%s", "no");
  add_option(argv, "BatchMode=%s", "yes");
  add_option(argv, "ConnectTimeout=%s", "10");
  add_option(argv, "ServerAliveInterval=%s", "15");
  add_option(argv, "ServerAliveCountMax=%s", "4");
  add_option(argv, "LogLevel=%s", "ERROR");
  if (known_hosts != NULL) { /* ours alone: no configuration, other key or other machine in it */
    g_autofree char *quoted = g_strdup_printf("\"%s\"", known_hosts);
    g_autofree char *quoted_key = g_strdup_printf("\"%s\"", key);
    g_ptr_array_add(argv, g_strdup("-F"));
    g_ptr_array_add(argv, g_strdup("none"));
    add_option(argv, "UserKnownHostsFile=%s", quoted);
    add_option(argv, "GlobalKnownHostsFile=%s", "/dev/null");
    add_option(argv, "HostKeyAlias=%s", "tinyx-embedded");
    add_option(argv, "CheckHostIP=%s", "no");
    add_option(argv, "IdentityFile=%s", quoted_key);
    add_option(argv, "IdentitiesOnly=%s", "yes");
    add_option(argv, "IdentityAgent=%s", "none");
    add_option(argv, "ControlPath=%s", "none");
  }
  if (port != 0) {
    g_ptr_array_add(argv, g_strdup("-p"));
    g_ptr_array_add(argv, g_strdup_printf("%d", port));
  }
  if (user != NULL) {
    g_ptr_array_add(argv, g_strdup("-l"));
    g_ptr_array_add(argv, g_strdup(user));
  }
  g_ptr_array_add(argv, g_strdup(machine));
  g_ptr_array_add(argv, NULL);

  remote = g_new0(Remote, 1);
  remote->argv = (char **)g_ptr_array_free(g_steal_pointer(&argv), FALSE);
  remote->ssh = TRUE;
  remote->log = g_strdup(log);
  remote->name = user != NULL ? g_strdup_printf("%s@%s", user, machine) : g_strdup(machine);
  return remote;
}

void
remote_free(Remote *remote) {
  if (remote == NULL)
    return;
  g_strfreev(remote->argv);
  g_free(remote->log);
  g_free(remote->name);
  g_free(remote);
}

char **
remote_argv(const Remote *remote, const char *const *extra, const char *script) {
  GPtrArray *argv = g_ptr_array_new();
  guint count = g_strv_length(remote->argv);
  for (guint i = 0; i < count; i++) {
    if (i == count - 1 && remote->ssh)
      for (guint j = 0; extra != NULL && extra[j] != NULL; j++)
        g_ptr_array_add(argv, g_strdup(extra[j]));
    g_ptr_array_add(argv, g_strdup(remote->argv[i]));
  }
  if (script != NULL && remote->ssh) { /* the user's shell there may be any */
    g_autofree char *whole = g_strconcat(PATH_LINE, script, NULL);
    g_autofree char *quoted = g_shell_quote(whole);
    g_ptr_array_add(argv, g_strconcat("exec /bin/sh -c ", quoted, NULL));
  } else if (script != NULL) {
    g_ptr_array_add(argv, g_strconcat(PATH_LINE, script, NULL));
  }
  g_ptr_array_add(argv, NULL);
  return (char **)g_ptr_array_free(argv, FALSE);
}

/* The last line that ssh wrote. */
static char *
last_words(const char *log) {
  g_autofree char *text = NULL;
  char *line;
  if (!file_read(log, FILE_OWN_MAX, &text, NULL, NULL) || g_strchomp(text)[0] == '\0')
    return g_strdup("no answer");
  line = strrchr(text, '\n');
  return g_strdup(line != NULL ? line + 1 : text);
}

gboolean
remote_run(const Remote *remote, const char *script, const RemoteRun *how, ProcResult *result,
           GError **error) {
  g_auto(GStrv) argv = remote_argv(remote, NULL, script);
  g_auto(ProcResult) own = {0};
  ProcSpec spec = {.argv = (const char *const *)argv,
                   .deadline = how->deadline,
                   .log = (how->flags & PROC_TERMINAL) ? NULL : remote->log,
                   .flags = how->flags | PROC_ANY_STATUS};
  if (result == NULL)
    result = &own;
  if (truncate(remote->log, 0) < 0) {
    /* Not there yet: proc_run makes it. */
  }
  if (!proc_run(&spec, result, error))
    return FALSE;
  if (remote->ssh && result->status == SSH_FAILED) {
    g_autofree char *words = last_words(remote->log);
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_HOST, "the Xen host %s cannot be reached: %s",
                remote->name, words);
    return FALSE;
  }
  return TRUE;
}
