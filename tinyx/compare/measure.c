/* measure.c - the measurements of a running guest, step by step. */
#include "compare/measure.h"

#include "base/least.h"
#include "base/msg.h"
#include "base/proc.h"
#include "compare/probe.h"
#include "guest/console.h"

#include <string.h>

#define PATIENCE 3        /* times the first answer that was seen */
#define LEAST_PATIENCE 10 /* seconds */

/* What the recipe's test alone tells. */
static const FigureId tested[] = {FIGURE_CREATE_SECONDS, FIGURE_ANSWER_SECONDS,
                                  FIGURE_MEMORY_KERNEL, FIGURE_MEMORY_SLAB, FIGURE_MEMORY_USED};

typedef struct {
  Testbed *testbed;
  const Recipe *recipe;
  const System *system;
  Result *result;
} Work;

static gboolean
lacks(const Result *result, FigureId id) {
  return !result->values[id].measured;
}

static void
set_all_why(Result *result, const FigureId *ids, guint count, const char *why) {
  for (guint i = 0; i < count; i++)
    if (lacks(result, ids[i]))
      result_set_why(result, ids[i], "%s", why);
}

static void
stage(const Work *work, const char *what) {
  g_autofree char *title = g_strdup_printf("%s: %s", work->system->id, what);
  msg_stage_begin(title);
}

/* Boots; a verdict that is not "passed" is told in *WHY. */
static gboolean
boot(const Work *work, const TestbedBoot *how, GuestVerdict *verdict, GError **error) {
  if (!testbed_boot(work->testbed, work->system, how, verdict, error)) {
    msg_stage_abort();
    return FALSE;
  }
  msg_stage_end(verdict->passed ? "passed" : verdict->why);
  if (!verdict->passed)
    msg_verbose("%s\n%s", verdict->console != NULL ? verdict->console : "",
                verdict->test_output != NULL ? verdict->test_output : "");
  return TRUE;
}

static int
patience(const Work *work) {
  const FigureValue *answer = &work->result->values[FIGURE_ANSWER_SECONDS];
  if (!answer->measured)
    return work->system->boot_seconds;
  return MIN(work->system->boot_seconds, (int)(LEAST_PATIENCE + PATIENCE * answer->value));
}

static void
set_kb(Result *result, FigureId id, gint64 kb, const char *why) {
  if (kb >= 0)
    result_set(result, id, (double)kb * 1024, NULL);
  else
    result_set_why(result, id, "%s", why);
}

static void
read_memory(const Work *work, const GuestVerdict *verdict) {
  static const char silent[] = "the guest did not say its memory at shutdown";
  gboolean by_available = verdict->mem_available >= 0;
  gint64 unused = by_available ? verdict->mem_available : verdict->mem_free;
  gint64 total = verdict->mem_total;
  set_kb(work->result, FIGURE_MEMORY_KERNEL,
         total >= 0 ? (gint64)work->system->memory * 1024 - total : -1, silent);
  set_kb(work->result, FIGURE_MEMORY_USED, total >= 0 && unused >= 0 ? total - unused : -1, silent);
  set_kb(work->result, FIGURE_MEMORY_SLAB, console_meminfo(verdict->console, "Slab"),
         total < 0      ? silent
         : by_available ? "the guest did not say it"
                        : "the guest has no /proc");
}

static void
set_seconds(Result *result, FigureId id, double seconds, const char *why) {
  if (seconds >= 0)
    result_set(result, id, seconds, NULL);
  else
    result_set_why(result, id, "%s", why);
}

/* The recipe's own test, once, in the memory that it is to be compared in. */
static gboolean
measure_test(const Work *work, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  TestbedBoot how = {.recipe = work->recipe,
                     .memory = work->system->memory,
                     .boot_seconds = work->system->boot_seconds};
  g_autofree char *title = g_strdup_printf("test in %d MB", how.memory);
  if (!lacks(work->result, FIGURE_CREATE_SECONDS))
    return TRUE;
  stage(work, title);
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  if (!verdict.passed) {
    g_autofree char *why = g_strdup_printf("the test fails in %d MB: %s", how.memory, verdict.why);
    set_all_why(work->result, tested, G_N_ELEMENTS(tested), why);
    return TRUE;
  }
  set_seconds(work->result, FIGURE_CREATE_SECONDS, verdict.create_seconds,
              "its creation was not timed");
  set_seconds(work->result, FIGURE_ANSWER_SECONDS, verdict.answer_seconds,
              "the recipe has no port that it waits for ([test] ready=)");
  read_memory(work, &verdict);
  return TRUE;
}

/* Ports and load; and, as the kernel is talkative, the size of its code. */
static gboolean
measure_outside(const Work *work, GError **error) {
  static const FigureId ids[] = {FIGURE_PORTS, FIGURE_REQUESTS, FIGURE_MEMORY_CODE};
  g_auto(GuestVerdict) verdict = {0};
  g_auto(Probe) probe = {0};
  if (!lacks(work->result, FIGURE_PORTS) &&
      (!lacks(work->result, FIGURE_REQUESTS) || !probe_has_load(work->recipe)))
    return TRUE;
  if (work->recipe->ready_port == 0) {
    set_all_why(work->result, ids, G_N_ELEMENTS(ids),
                "the recipe has no port that it waits for ([test] ready=)");
    return TRUE;
  }
  if (!probe_init(&probe, work->recipe, error))
    return FALSE;
  TestbedBoot how = {.recipe = &probe.recipe,
                     .memory = work->system->memory,
                     .boot_seconds = work->system->boot_seconds,
                     .talkative = TRUE};
  stage(work, "ports and load");
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  if (!verdict.passed) {
    set_all_why(work->result, ids, G_N_ELEMENTS(ids), verdict.why);
    return TRUE;
  }
  probe_read(&probe, verdict.test_output, work->result);
  gint64 code = probe_kernel_code(verdict.console);
  if (code >= 0)
    result_set(work->result, FIGURE_MEMORY_CODE, (double)code, NULL);
  else
    result_set_why(work->result, FIGURE_MEMORY_CODE, "the kernel did not say it on its console");
  return TRUE;
}

static gboolean
try_memory(const Work *work, int mb, gboolean *passed, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  TestbedBoot how = {.recipe = work->recipe, .memory = mb, .boot_seconds = patience(work)};
  g_autofree char *title = g_strdup_printf("test in %d MB", mb);
  stage(work, title);
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  *passed = verdict.passed;
  return !proc_set_interrupted_error(error);
}

/* One try, or the figure if no more are needed. */
static gboolean
measure_least(const Work *work, GError **error) {
  Result *result = work->result;
  gboolean passed = FALSE;
  int mb;
  if (!lacks(result, FIGURE_LEAST_MEMORY))
    return TRUE;
  if (result->least_high == 0) {
    result->least_low = LEAST_LOWEST;
    result->least_high = work->system->memory;
  }
  mb = least_next(result->least_low, result->least_high, least_gap(result->least_high));
  if (mb > 0) {
    if (!try_memory(work, mb, &passed, error))
      return FALSE;
    *(passed ? &result->least_high : &result->least_low) = mb;
    return TRUE;
  }
  g_autofree char *text = g_strdup_printf("%d MiB; %d MiB less fail", result->least_high,
                                          result->least_high - result->least_low);
  result_set(result, FIGURE_LEAST_MEMORY, (double)result->least_high * 1024 * 1024, text);
  return TRUE;
}

static void
read_instructions(Result *result, const GuestVerdict *verdict) {
  static const char untold[] = "the host does not tell it";
  if (verdict->create_cpu_seconds >= 0)
    result_set(result, FIGURE_CREATE_INSTRUCTIONS, verdict->create_cpu_seconds * 1e9, NULL);
  else
    result_set_why(result, FIGURE_CREATE_INSTRUCTIONS, "%s", untold);
  if (verdict->answer_cpu_seconds >= 0)
    result_set(result, FIGURE_INSTRUCTIONS, verdict->answer_cpu_seconds * 1e9, NULL);
  else
    result_set_why(result, FIGURE_INSTRUCTIONS, "%s", untold);
}

/* On a machine that counts instructions, CPU time is their number: a nanosecond each. */
static gboolean
measure_instructions(const Work *work, GError **error) {
  static const FigureId ids[] = {FIGURE_CREATE_INSTRUCTIONS, FIGURE_INSTRUCTIONS};
  g_auto(GuestVerdict) verdict = {0};
  Recipe untested = *work->recipe; /* up to the first answer, and no further */
  if (!lacks(work->result, FIGURE_INSTRUCTIONS))
    return TRUE;
  if (!testbed_can_count(work->testbed) || work->recipe->ready_port == 0) {
    set_all_why(work->result, ids, G_N_ELEMENTS(ids),
                work->recipe->ready_port == 0
                    ? "the recipe has no port that it waits for ([test] ready=)"
                    : "this host does not count instructions (an embedded one does)");
    return TRUE;
  }
  untested.test_script = NULL;
  TestbedBoot how = {.recipe = &untested,
                     .memory = work->system->memory,
                     .boot_seconds = work->system->boot_seconds,
                     .counted = TRUE};
  stage(work, "counting instructions");
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  if (verdict.passed)
    read_instructions(work->result, &verdict);
  else
    set_all_why(work->result, ids, G_N_ELEMENTS(ids), verdict.why);
  return TRUE;
}

/* A kernel without /proc tells nothing of its slab: the same with it does. */
static gboolean
measure_slab(const Work *work, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  Work twin = *work;
  twin.system = work->system->with_procfs;
  if (twin.system == NULL || !lacks(work->result, FIGURE_MEMORY_SLAB))
    return TRUE;
  TestbedBoot how = {.recipe = work->recipe,
                     .memory = twin.system->memory,
                     .boot_seconds = twin.system->boot_seconds};
  stage(&twin, "test with /proc");
  if (!boot(&twin, &how, &verdict, error))
    return FALSE;
  gint64 kb = verdict.passed ? console_meminfo(verdict.console, "Slab") : -1;
  if (kb >= 0)
    result_set(work->result, FIGURE_MEMORY_SLAB, (double)kb * 1024,
               "of the same kernel with /proc");
  else
    result_set_why(work->result, FIGURE_MEMORY_SLAB, "with /proc in the kernel, %s",
                   verdict.passed ? "the guest did not say it" : verdict.why);
  return TRUE;
}

static gboolean
measure_packed(const Work *work, GError **error) {
  gboolean done;
  if (!lacks(work->result, FIGURE_IMAGE_PACKED))
    return TRUE;
  stage(work, "packing it, for its size");
  done = system_pack(work->system, work->result, error);
  if (done)
    msg_stage_end(NULL);
  else
    msg_stage_abort();
  return done;
}

gboolean
measure_step(Testbed *testbed, const Recipe *recipe, const System *system, Result *result,
             MeasureStep step, GError **error) {
  static const FigureId rest[] = {FIGURE_PORTS,        FIGURE_REQUESTS,
                                  FIGURE_MEMORY_CODE,  FIGURE_LEAST_MEMORY,
                                  FIGURE_INSTRUCTIONS, FIGURE_CREATE_INSTRUCTIONS};
  Work work = {testbed, recipe, system, result};
  if (system->unable != NULL && step != MEASURE_PACKED) {
    set_all_why(result, tested, G_N_ELEMENTS(tested), system->unable);
    set_all_why(result, rest, G_N_ELEMENTS(rest), system->unable);
    return TRUE;
  }
  if (step == MEASURE_TEST)
    return measure_test(&work, error);
  if (step == MEASURE_PACKED)
    return measure_packed(&work, error);
  if (lacks(result, FIGURE_CREATE_SECONDS)) {
    set_all_why(result, rest, G_N_ELEMENTS(rest), "it does not pass the recipe's test");
    return TRUE;
  }
  switch (step) {
  case MEASURE_LEAST:
    return measure_least(&work, error);
  case MEASURE_INSTRUCTIONS:
    return measure_instructions(&work, error);
  case MEASURE_SLAB:
    return measure_slab(&work, error);
  default:
    return measure_outside(&work, error);
  }
}

gboolean
measure_again(const Result *result, MeasureStep step) {
  return step == MEASURE_LEAST && !result->values[FIGURE_LEAST_MEMORY].asked;
}
