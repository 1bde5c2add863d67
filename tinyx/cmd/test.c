/* test.c - `tinyx test`: boots an image and runs the recipe's test beside it. */
#include "cmd/boot.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/test-show.h"
#include "guest/launcher.h"
#include "image/figures.h"
#include "trace/diagnose.h"
#include "trace/watch.h"

#include "base/files.h"
#include "base/json.h"
#include "base/least.h"
#include "base/msg.h"
#include "base/plain.h"

#include <string.h>

#define TAIL_LINES 40

static const char description[] =
    "Builds the image if that is needed, boots it as its platform does, waits until it "
    "answers\n"
    "and runs the recipe's test beside it, with TINYX_GUEST_IP and TINYX_GUEST_PORT in "
    "its\n"
    "environment. Exit status: 0 passed, 1 failed, 2 could not be run.";

/* The last lines of TEXT, each behind "  | ". */
static void
show_tail(const char *title, const char *text) {
  g_auto(GStrv) lines = NULL;
  g_autofree char *copy = g_strdup(text != NULL ? text : "");
  guint count;
  if (g_strstrip(copy)[0] == '\0') {
    plain_print("%s: nothing\n", title);
    return;
  }
  lines = g_strsplit(copy, "\n", -1);
  count = g_strv_length(lines);
  plain_print("%s%s:\n", title, count > TAIL_LINES ? " (its end)" : "");
  for (guint i = count > TAIL_LINES ? count - TAIL_LINES : 0; i < count; i++)
    plain_print("  | %s\n", g_strchomp(lines[i] + strspn(lines[i], "\r")));
}

static void
show_times(const Launcher *launcher, const GuestVerdict *verdict) {
  if (verdict->create_seconds >= 0)
    plain_print("  created          %6.2f s\n", verdict->create_seconds);
  if (verdict->answer_seconds >= 0)
    plain_print("  first answer     %6.2f s after %s\n", verdict->answer_seconds, launcher->act);
  if (verdict->answer_cpu_seconds >= 0)
    plain_print("  instructions     %6.2f G until then\n", verdict->answer_cpu_seconds);
  if (verdict->test_seconds >= 0)
    plain_print("  test             %6.2f s\n", verdict->test_seconds);
  if (verdict->end_seconds >= 0)
    plain_print("  powered off      %6.2f s after %s\n", verdict->end_seconds, launcher->act);
}

static void
show_verdict(const Launcher *launcher, const Recipe *recipe, const GuestImage *image,
             const GuestVerdict *verdict, const GPtrArray *failed) {
  plain_print("%s: %s\n", recipe->name, verdict->passed ? "passed" : "FAILED");
  if (!verdict->passed)
    plain_print("  %s\n", verdict->why != NULL ? verdict->why : "no verdict");
  show_times(launcher, verdict);
  plain_print("  memory           %6d MB\n", image->memory);
  /* Without procfs the guest knows only what is free; what a ramfs holds cannot be had back anyway.
   */
  gint64 unused = verdict->mem_available >= 0 ? verdict->mem_available : verdict->mem_free;
  if (verdict->mem_total >= 0 && unused >= 0)
    plain_print("  in use in guest  %6.1f MB of %.1f MB that its kernel sees\n",
                (double)(verdict->mem_total - unused) / 1024, (double)verdict->mem_total / 1024);
  if (verdict->passed && !verdict->shutdown_clean)
    plain_print("  shutdown         it did not power off when asked, and was destroyed\n");
  if (verdict->passed && verdict->starts > 1)
    plain_print("  started          %6d times: it ends again and again, or goes to the background "
                "(forks=yes "
                "in the recipe)\n",
                verdict->starts);
  test_show_weakness(recipe, verdict);
  test_show_failed_calls(recipe, verdict, failed);
  test_show_suspects(recipe, verdict, image->folder);
  if (verdict->passed)
    return;
  if (verdict->test_output != NULL && verdict->test_output[0] != '\0')
    show_tail("output of the test", verdict->test_output);
  show_tail("console", verdict->console);
}

static void
add_number(JsonBuilder *builder, const char *name, double value) {
  json_builder_set_member_name(builder, name);
  if (value >= 0)
    json_builder_add_double_value(builder, value);
  else
    json_builder_add_null_value(builder);
}

static void
show_json(const Recipe *recipe, const GuestImage *image, const GuestVerdict *verdict,
          const GPtrArray *failed, int least) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_put_string(builder, "name", recipe->name);
  json_put_bool(builder, "passed", verdict->passed);
  json_put_string(builder, "why", verdict->why != NULL ? verdict->why : "");
  test_add_weakness(builder, recipe, verdict);
  json_put_int(builder, "memory_mb", image->memory);
  add_number(builder, "least_memory_mb", least > 0 ? least : -1);
  add_number(builder, "create_seconds", verdict->create_seconds);
  add_number(builder, "answer_seconds", verdict->answer_seconds);
  add_number(builder, "answer_instructions",
             verdict->answer_cpu_seconds >= 0 ? verdict->answer_cpu_seconds * 1e9 : -1);
  add_number(builder, "test_seconds", verdict->test_seconds);
  add_number(builder, "end_seconds", verdict->end_seconds);
  add_number(builder, "seconds", verdict->seconds);
  add_number(builder, "guest_total_kb", (double)verdict->mem_total);
  add_number(builder, "guest_available_kb", (double)verdict->mem_available);
  add_number(builder, "guest_free_kb", (double)verdict->mem_free);
  json_put_bool(builder, "shutdown_clean", verdict->shutdown_clean == 1);
  if (failed != NULL)
    test_add_failed_calls(builder, failed);
  json_put_string(builder, "console", verdict->console != NULL ? verdict->console : "");
  json_put_string(builder, "test_output", verdict->test_output != NULL ? verdict->test_output : "");
  json_builder_end_object(builder);
  g_autofree char *text = json_lines(builder);
  plain_show(text);
}

/* The least memory in which the test passes, by bisection below that in which it has passed. */
static gboolean
find_least(GuestHost *host, const Boot *boot, int *least, GError **error) {
  GuestImage image = boot->guest;
  int low = LEAST_LOWEST, high = image.memory;
  image.last = FALSE;
  int mb;
  while ((mb = least_next(low, high, least_gap(high))) > 0) {
    g_auto(GuestVerdict) verdict = {0};
    g_autofree char *title = g_strdup_printf("test in %d MB", mb);
    image.memory = mb;
    msg_stage_begin(title);
    if (!guest_test(host, boot->recipe, &image, &verdict, error))
      return FALSE;
    msg_stage_end(verdict.passed ? "passed" : "failed");
    *(verdict.passed ? &high : &low) = mb;
  }
  *least = high;
  return TRUE;
}

typedef struct {
  gboolean json, record, least, count, diagnose;
} TestOptions;

/* What a guest that was watched told of: FailedCall*. */
static GPtrArray *
failed_calls(const GuestVerdict *verdict, GError **error) {
  g_autofree char *folder = data_path("kconfig-heuristics");
  g_autoptr(FailureRules) rules = failure_rules_load(error);
  g_autoptr(RuleSet) features = rules != NULL ? rules_load(folder, error) : NULL;
  return features != NULL
             ? diagnose_console(rules, features, verdict->console != NULL ? verdict->console : "")
             : NULL;
}

/* Boots IMAGE, and says what came of it. */
static gboolean
test_image(GuestHost *host, const Boot *boot, const TestOptions *options, const GuestImage *image,
           gboolean *passed, GError **error) {
  int least = 0;
  g_autoptr(GPtrArray) failed = NULL;
  g_auto(GuestVerdict) verdict = {0};
  g_autofree char *title = g_strdup_printf("test %s", boot->recipe->name);
  msg_stage_begin(title);
  if (!guest_test(host, boot->recipe, image, &verdict, error))
    return FALSE;
  msg_stage_end(verdict.passed ? "passed" : "failed");
  if (options->diagnose && (failed = failed_calls(&verdict, error)) == NULL)
    return FALSE;
  if (!options->json)
    show_verdict(host->launcher, boot->recipe, image, &verdict, failed);
  if (options->least && verdict.passed && !find_least(host, boot, &least, error))
    return FALSE;
  if (options->json)
    show_json(boot->recipe, image, &verdict, failed, least);
  else if (least > 0)
    plain_print("  least memory     %6d MB in which the test passes\n", least);
  const FigureTest figures = {.passed = verdict.passed,
                              .memory = boot->guest.memory,
                              .least = least,
                              .answer = verdict.answer_seconds};
  *passed = verdict.passed;
  return !options->record || figures_record(boot->recipe, boot->choice.options.platform->name,
                                            boot->guest.folder, &figures, error);
}

static int
test(const Boot *boot, const TestOptions *options, const char *at_boot) {
  const GuestHostOptions host_options = {
      .spec = boot->host, .measuring = options->count, .counted = options->count};
  GError *error = NULL;
  gboolean passed = FALSE;
  g_autoptr(GuestHost) host = guest_host_open(boot->guest.platform, &host_options, &error);
  GuestImage image = boot->guest;
  image.last = !options->least;
  image.counted = options->count;
  image.at_boot = at_boot;
  image.memory += options->diagnose ? WATCH_MEMORY : 0;
  if (host == NULL || !test_image(host, boot, options, &image, &passed, &error))
    return boot_fail(error);
  return passed ? 0 : 1;
}

/* Before anything is built. */
static gboolean
check_options(const TestOptions *options, GError **error) {
  if (!options->diagnose || !(options->record || options->least || options->count))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
              "--diagnose: expected it without --record, --least and --instructions: a watched "
              "guest has other figures");
  return FALSE;
}

/* The same image, its application under strace. */
static int
diagnose(const Boot *boot, const TestOptions *options) {
  GError *error = NULL;
  g_autofree char *folder = NULL;
  if (rootfs_format_is_disk(boot->guest.format)) {
    g_set_error(&error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "--diagnose: a squashfs takes no further files; expected --format cpio or cpio.gz");
    return boot_fail(error);
  }
  const char *given = boot->at_boot != NULL ? boot->at_boot : boot->recipe->test_at_boot;
  if ((folder = watch_folder_make(given, &error)) == NULL)
    return boot_fail(error);
  int status = test(boot, options, folder);
  dir_remove(folder, NULL);
  return status;
}

int
cmd_test(int argc, char **argv) {
  g_auto(Boot) boot = {.memory = CMD_NOT_GIVEN};
  TestOptions options = {0};
  const GOptionEntry entries[] = {
      BOOT_ENTRIES(boot),
      DRAFT_ENTRIES(boot.choice),
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "The verdict as JSON", NULL},
      {"least", 0, 0, G_OPTION_ARG_NONE, &options.least,
       "Then find the least memory in which the test passes: some boots more", NULL},
      {"instructions", 0, 0, G_OPTION_ARG_NONE, &options.count,
       "Count the guest's instructions until its first answer: emulated, several times slower",
       NULL},
      {"record", 0, 0, G_OPTION_ARG_NONE, &options.record,
       "Note the figures in the recipe's folder, for tinyx recipes", NULL},
      {"diagnose", 0, 0, G_OPTION_ARG_NONE, &options.diagnose,
       "Watch the application by strace: which calls failed for want of an option, a mount or a "
       "device, and the recipe's line that brings it",
       NULL},
      G_OPTION_ENTRY_NULL};
  GError *error = NULL;
  int status = cmd_parse(&argc, &argv, "NAME|DIR|--package PACKAGE", description, entries);
  if (status < 0)
    status = image_choice_words(&boot.choice, "test", argc);
  if (status >= 0)
    return status;
  boot.tests = TRUE;
  if (!check_options(&options, &error) || !boot_prepare(&boot, argv[1], &error))
    return boot_fail(error);
  return options.diagnose ? diagnose(&boot, &options) : test(&boot, &options, boot.at_boot);
}
