/* minimize.c - `tinyx minimize`: switches kernel options off until nothing can go any more. */
#include "minimize/minimize.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/plain.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "guest/launcher.h"
#include "image/image.h"

#include <stdio.h>
#include <string.h>

static const char description[] =
    "Switches kernel options off, and boots and tests each result, until a minimal kernel is left\n"
    "that still passes the recipe's test. What was found goes to "
    "recipes/NAME/kernel-PLATFORM.lock,\n"
    "which `tinyx build` uses from then on, and the trials to kernel-PLATFORM.journal beside it "
    "(see\n"
    "`tinyx explain`). A run that was ended, however it was, goes on where it was.\n"
    "A budget ends the search; building the result anew and testing it come after that.";

typedef struct {
  ImageChoice choice;
  MinimizeOptions options;
  char *host, *command, *candidates, *from, *budget;
  int jobs, memory;
  gboolean json;
} Given;

static void
given_clear(Given *given) {
  image_choice_clear(&given->choice);
  g_free(given->host);
  g_free(given->command);
  g_free(given->candidates);
  g_free(given->from);
  g_free(given->budget);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Given, given_clear)

/* "90s", "60m", "2h"; a number alone is minutes. */
static gboolean
parse_budget(const char *text, double *seconds, GError **error) {
  char *end;
  double value = g_ascii_strtod(text, &end);
  double unit = *end == 's' ? 1 : *end == 'h' ? 3600 : 60;
  gsize digits = strspn(text, "0123456789."); /* no blanks, signs or hexadecimal */
  if (digits > 0 && end == text + digits && value > 0 && value < 1e6 &&
      (*end == '\0' || (strchr("smh", *end) != NULL && end[1] == '\0'))) {
    *seconds = value * unit;
    return TRUE;
  }
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "--budget %s: expected a time, like 90s, 60m or 2h", text);
  return FALSE;
}

/* PATH, given with OPTION, may be NULL. What is wrong with it is said before minutes have passed.
 */
static gboolean
check_file(const char *option, const char *path, GError **error) {
  if (path == NULL || file_check(path, CONFIG_BYTES_MAX, error))
    return TRUE;
  g_prefix_error(error, "%s ", option);
  return FALSE;
}

static gboolean
check(Given *given, GError **error) {
  MinimizeOptions *options = &given->options;
  const GuestHostOptions host = {.spec = given->host};
  if ((given->command == NULL && !guest_host_check(given->choice.of, &host, error)) ||
      (given->budget != NULL && !parse_budget(given->budget, &options->budget, error)))
    return FALSE;
  if (given->jobs != CMD_NOT_GIVEN && (given->jobs < 1 || given->jobs > 1024)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--jobs %d: expected a number from 1 to 1024", given->jobs);
    return FALSE;
  }
  if (!cmd_check_memory(given->memory, error))
    return FALSE;
  if (!check_file("--candidates", given->candidates, error) ||
      !check_file("--from", given->from, error))
    return FALSE;
  options->image = given->choice.options;
  options->image.no_lock = TRUE;
  options->host = given->host;
  options->command = given->command;
  options->candidates = given->candidates;
  options->from = given->from;
  options->jobs = given->jobs != CMD_NOT_GIVEN ? (guint)given->jobs : 0;
  options->memory = given->memory != CMD_NOT_GIVEN ? given->memory : 0;
  return TRUE;
}

static void
show_row(const char *name, const char *before, const char *after) {
  plain_print("  %-26s %14s %14s\n", name, before, after);
}

static void
show_numbers(const char *name, gint64 before, gint64 after) {
  g_autofree char *first = g_strdup_printf("%" G_GINT64_FORMAT, before);
  g_autofree char *second = g_strdup_printf("%" G_GINT64_FORMAT, after);
  show_row(name, first, second);
}

static void
show(const Recipe *recipe, const Platform *platform, const MinimizeReport *report) {
  g_autofree char *bytes = g_strconcat(platform->packed, ", bytes", NULL);
  guint objects = report->compiled + report->cached;
  plain_print("%s: %s\n", recipe->name,
              report->complete ? "minimal" : "smaller; the budget ran out");
  show_row("", "before", "after");
  show_numbers(bytes, report->bytes_before, report->bytes_after);
  show_numbers("symbols =y", report->symbols_before, report->symbols_after);
  show_numbers("asked above the platform", report->asked_before, report->asked_after);
  if (report->least_memory > 0)
    plain_print("  %-26s %14s %11d MB\n", "least memory", "", report->least_memory);
  plain_print("  kernel builds %u (%.0f s), boots %u and %u of patched kernels (%.0f s)\n",
              report->builds, report->build_seconds, report->boots, report->predictions,
              report->boot_seconds);
  plain_print("  questions %u, of which %u were answered before; objects compiled %u",
              report->trials, report->old_trials, report->compiled);
  if (report->cached > 0)
    plain_print(", from the cache %u (%.0f %%)", report->cached, 100.0 * report->cached / objects);
  plain_print("\n  this run %.0f s\n  lock    %s\n  trials  %s\n", report->seconds, report->lock,
              report->journal);
}

/* What is there although it did not come to an end. */
static void
show_rest(const MinimizeReport *report) {
  if (report->journal != NULL)
    msg_info("the trials so far are kept (%s): the same command goes on from there",
             report->journal);
  if (report->best != NULL)
    msg_info("the best kernel so far is in %s", report->best);
}

int
cmd_minimize(int argc, char **argv) {
  g_auto(Given) given = {.jobs = CMD_NOT_GIVEN, .memory = CMD_NOT_GIVEN};
  g_auto(MinimizeReport) report = {0};
  g_auto(Image) image = {0};
  g_autoptr(Recipe) recipe = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
      {"candidates", 'c', 0, G_OPTION_ARG_FILENAME, &given.candidates,
       "Try only the symbols in FILE, one a line (SYMBOL or SYMBOL=VALUE)", "FILE"},
      {"from", 0, 0, G_OPTION_ARG_FILENAME, &given.from,
       "Begin with this .config, brought to the platform", "CONFIG"},
      {"budget", 0, 0, G_OPTION_ARG_STRING, &given.budget,
       "End the search after so long (90s, 60m, 2h)", "TIME"},
      {"jobs", 'j', 0, G_OPTION_ARG_INT, &given.jobs,
       "Processes of a kernel build (default: one a processor)", "N"},
      {"exhaustive", 0, 0, G_OPTION_ARG_NONE, &given.options.exhaustive,
       "Go on until no single option can go", NULL},
      {"one-by-one", 0, 0, G_OPTION_ARG_NONE, &given.options.plain,
       "Switch one option off after the other, as the LightVM paper does", NULL},
      {"host", 'H', 0, G_OPTION_ARG_STRING, &given.host,
       "embedded, local or ssh://user@machine[:port]; without it embedded, or local in a dom0",
       "HOST"},
      {"boot-command", 0, 0, G_OPTION_ARG_STRING, &given.command,
       "Instead of a boot: sh runs it with TINYX_KERNEL, TINYX_ROOTFS and TINYX_CONFIG; "
       "status 0 means passed",
       "COMMAND"},
      {"memory", 'm', 0, G_OPTION_ARG_INT, &given.memory,
       "Memory of the guest (default: the recipe's; with --from at least 256)", "MB"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &given.json,
       "Print the figures as JSON (they are in kernel-PLATFORM.json, too)", NULL},
      IMAGE_CHOICE_ENTRIES(given.choice),
      G_OPTION_ENTRY_NULL};
  int status = cmd_parse(&argc, &argv, "NAME|DIR", description, entries);
  if (status < 0)
    status = image_choice_words(&given.choice, "minimize", argc);
  if (status >= 0)
    return status;
  if (!image_choice_resolve(&given.choice, argv[1], &recipe, &error) || !check(&given, &error) ||
      !image_check_folder(recipe, &given.options.image, &error))
    return cmd_fail(error);
  if (!minimize(recipe, &given.options, &report, &error)) {
    show_rest(&report);
    tinyx_advise(&error, TINYX_ERROR_INTERRUPTED, "the same command goes on where this one was");
    return cmd_fail(error);
  }
  if (given.json) {
    g_autofree char *text = minimize_report_json(&report);
    plain_show(text);
  } else {
    show(recipe, given.choice.of, &report);
  }
  given.options.image.no_lock = FALSE;
  if (!image_build(recipe, &given.options.image, &image, &error))
    return cmd_fail(error);
  if (!given.json)
    plain_print("  image   %s\n", image.folder);
  return 0;
}
