/* sandbox.c - the words that start a program in a sandbox. */
#include "sandbox/sandbox.h"

#include "base/msg.h"
#include "base/own.h"
#include "base/proc.h"

#include <string.h>
#include <unistd.h>

#define PROGRAM "tinyx-confine"
#define MEMORY_LEAST (G_GUINT64_CONSTANT(2) << 30)
#define TMP_BYTES "1073741824"
#define ASK_SECONDS 30
#define REMOVE_SECONDS 300

static guint64
memory_limit(void) {
  guint64 all = (guint64)sysconf(_SC_PHYS_PAGES) * (guint64)sysconf(_SC_PAGESIZE);
  return MAX(all / 100 * SANDBOX_MEMORY_PERCENT, MEMORY_LEAST);
}

static void
add_words(GPtrArray *argv, const char *const *words) {
  for (; *words != NULL; words++)
    g_ptr_array_add(argv, g_strdup(*words));
}

char **
sandbox_words(const char *const *options, const char *const *command, GError **error) {
  static const char *const tmp[] = {"--tmpfs", "/tmp", "1777", TMP_BYTES, NULL};
  g_autofree char *memory = g_strdup_printf("%" G_GUINT64_FORMAT, memory_limit());
  g_autofree char *processes = g_strdup_printf("%d", SANDBOX_PROCESSES);
  const char *const limits[] = {"--memory", memory, "--processes", processes, "--", NULL};
  char *program = own_program(PROGRAM, error);
  if (program == NULL)
    return NULL;
  GPtrArray *argv = g_ptr_array_new();
  g_ptr_array_add(argv, program);
  add_words(argv, tmp);
  add_words(argv, options);
  add_words(argv, limits);
  add_words(argv, command);
  g_ptr_array_add(argv, NULL);
  return (char **)g_ptr_array_free(argv, FALSE);
}

gboolean
sandbox_need(GError **error) {
  static const char *const options[] = {"--programs", "--proc",       "/proc", "--dev",
                                        "/dev",       "--say-limits", NULL};
  static const char *const command[] = {"true", NULL};
  g_auto(ProcResult) result = {0};
  g_autoptr(GError) why = NULL;
  g_auto(GStrv) argv = sandbox_words(options, command, error);
  if (argv == NULL)
    return FALSE;
  ProcSpec spec = {
      .argv = (const char *const *)argv, .deadline = ASK_SECONDS, .flags = PROC_CAPTURE};
  if (proc_run(&spec, &result, &why)) {
    msg_verbose("sandboxes: %s", g_strchomp(result.out));
    return TRUE;
  }
  if (why->code == TINYX_ERROR_TOOL || why->code == TINYX_ERROR_INTERRUPTED) {
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
  }
  g_set_error(
      error, TINYX_ERROR, TINYX_ERROR_TOOL,
      "foreign code runs in a sandbox, which takes user namespaces (for an ordinary user "
      "also the package uidmap, and a line for the user in /etc/subuid and /etc/subgid): %s",
      why->message);
  return FALSE;
}

gboolean
sandbox_remove(const char *folder, GError **error) {
  const char *const options[] = {"--programs",   "--bind", folder,   "/area", "--keep",
                                 "dac_override", "--keep", "fowner", NULL};
  static const char *const command[] = {"find", "/area",   "-xdev", "-mindepth",
                                        "1",    "-delete", NULL};
  g_auto(GStrv) argv = sandbox_words(options, command, error);
  if (argv == NULL)
    return FALSE;
  ProcSpec spec = {.argv = (const char *const *)argv, .deadline = REMOVE_SECONDS};
  return proc_run(&spec, NULL, error);
}
