/* cmd.c - what all commands share: their options, their help, how they end. */
#include "cmd/cmd.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/near.h"
#include "base/plain.h"

#include <string.h>

static gboolean
parse_verbosity(const char *name, const char *value, gpointer data, GError **error) {
  (void)value;
  (void)data;
  (void)error;
  msg_set_level(g_str_equal(name, "-q") || g_str_equal(name, "--quiet") ? MSG_QUIET : MSG_VERBOSE);
  return TRUE;
}

static const GOptionEntry common[] = {
    {"verbose", 'v', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)parse_verbosity,
     "Show each command that is run, and more", NULL},
    {"quiet", 'q', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)parse_verbosity,
     "Show errors and results only", NULL},
    G_OPTION_ENTRY_NULL};

static void
add_option_names(GPtrArray *names, const GOptionEntry *entries) {
  for (; entries != NULL && entries->long_name != NULL; entries++)
    g_ptr_array_add(names, g_strconcat("--", entries->long_name, NULL));
}

/* GLib's message ends with the option that it does not know, "--memroy=32". */
static int
option_error(const char *command, const GError *error, const GOptionEntry *entries) {
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  const char *end = strstr(error->message, "--");
  g_autofree char *option = end != NULL ? g_strndup(end, strcspn(end, "=")) : NULL;
  g_autofree char *near = NULL;
  if (option == NULL || !g_error_matches(error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    return cmd_usage(command, "%s", error->message);
  add_option_names(names, entries);
  add_option_names(names, common);
  g_ptr_array_add(names, NULL);
  near = near_text(option, (const char *const *)names->pdata);
  return cmd_usage(command, "%s%s", error->message, near);
}

/* An empty value is most often a script's variable that is not set: it would mean the current
 * folder here, nothing at all there. Returns the option's entry, or NULL. */
static const GOptionEntry *
find_empty(const GOptionEntry *entries) {
  for (; entries != NULL && entries->long_name != NULL; entries++) {
    if (entries->arg == G_OPTION_ARG_STRING || entries->arg == G_OPTION_ARG_FILENAME) {
      const char *value = *(char **)entries->arg_data;
      if (value != NULL && value[0] == '\0')
        return entries;
    } else if (entries->arg == G_OPTION_ARG_STRING_ARRAY ||
               entries->arg == G_OPTION_ARG_FILENAME_ARRAY) {
      char **values = *(char ***)entries->arg_data;
      if (values != NULL && g_strv_contains((const char *const *)values, ""))
        return entries;
    }
  }
  return NULL;
}

/* What holds for the words of every command. */
static int
check_words(const char *command, int argc, char **argv, const GOptionEntry *entries) {
  const GOptionEntry *empty = find_empty(entries);
  if (empty != NULL)
    return cmd_usage(command, "--%s '': it is empty; expected --%s=%s", empty->long_name,
                     empty->long_name, empty->arg_description);
  for (int i = 1; i < argc; i++)
    if (argv[i][0] == '\0')
      return cmd_usage(command, "an argument is empty ('')");
  return -1;
}

int
cmd_parse_unchecked(int *argc, char ***argv, const char *usage, const char *description,
                    const GOptionEntry *entries) {
  g_autoptr(GOptionContext) context = g_option_context_new(NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *command = g_strdup((*argv)[0]);
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = {
      {"help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this text", NULL}, G_OPTION_ENTRY_NULL};

  /* Our own help: GOption's goes to exit() itself, and names the program, not the command. */
  g_option_context_set_help_enabled(context, FALSE);
  g_option_context_set_strict_posix(context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries(context, entries, NULL);
  g_option_context_add_main_entries(context, common, NULL);
  g_option_context_add_main_entries(context, help_entry, NULL);
  if (!g_option_context_parse(context, argc, argv, &error))
    return option_error(command, error, entries);
  if (help) {
    g_autofree char *text = g_option_context_get_help(context, TRUE, NULL);
    const char *options = strstr(text, "Options:"); /* GLib's own usage line comes before it */
    plain_print("Usage:\n  tinyx %s [OPTION...] %s\n\n", command, usage);
    plain_show(description);
    plain_print("\n\n");
    plain_show(options != NULL ? options : "");
    return 0;
  }
  return check_words(command, *argc, *argv, entries);
}

int
cmd_parse(int *argc, char ***argv, const char *usage, const char *description,
          const GOptionEntry *entries) {
  GError *wrong = NULL;
  int status = cmd_parse_unchecked(argc, argv, usage, description, entries);
  return status >= 0 || (data_check(&wrong) && cache_check(&wrong)) ? status : cmd_fail(wrong);
}

int
cmd_fail(GError *error) {
  int status = tinyx_error_exit_status(error);
  msg_stage_abort();
  if (error != NULL)
    msg_error("%s", error->message);
  g_clear_error(&error);
  return status != 0 ? status : 1;
}

int
cmd_usage(const char *command, const char *format, ...) {
  va_list args;
  g_autofree char *text = NULL;
  va_start(args, format);
  text = g_strdup_vprintf(format, args);
  va_end(args);
  msg_error("%s: %s", command, text);
  g_autofree char *hint = g_strdup_printf("Try 'tinyx %s --help'.", command);
  msg_text(hint);
  return 2;
}

/* The kernel's own limits are far off: this is what no guest of one application is given. */
#define MEMORY_MOST (1 << 20)

gboolean
cmd_check_memory(int memory, GError **error) {
  if (memory == CMD_NOT_GIVEN || (memory >= 1 && memory <= MEMORY_MOST))
    return TRUE;
  return tinyx_fail(error, TINYX_ERROR_INPUT, "--memory %d: expected MB from 1 to %d", memory,
                    MEMORY_MOST);
}
