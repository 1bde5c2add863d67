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
  Lab *lab;
  const Recipe *recipe;
  const Contender *contender;
  Side *side;
} Work;

static gboolean
lacks(const Side *side, FigureId id) {
  return !side->values[id].measured;
}

static void
set_all_why(Side *side, const FigureId *ids, guint count, const char *why) {
  for (guint i = 0; i < count; i++)
    if (lacks(side, ids[i]))
      side_set_why(side, ids[i], "%s", why);
}

static void
stage(const Work *work, const char *what) {
  g_autofree char *title = g_strdup_printf("%s: %s", work->contender->id, what);
  msg_stage_begin(title);
}

/* Boots; a verdict that is not "passed" is told in *WHY. */
static gboolean
boot(const Work *work, const LabBoot *how, GuestVerdict *verdict, GError **error) {
  if (!lab_boot(work->lab, work->contender, how, verdict, error)) {
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
  const FigureValue *answer = &work->side->values[FIGURE_ANSWER_SECONDS];
  if (!answer->measured)
    return work->contender->boot_seconds;
  return MIN(work->contender->boot_seconds, (int)(LEAST_PATIENCE + PATIENCE * answer->value));
}

static void
set_kb(Side *side, FigureId id, gint64 kb, const char *why) {
  if (kb >= 0)
    side_set(side, id, (double)kb * 1024, NULL);
  else
    side_set_why(side, id, "%s", why);
}

static void
read_memory(const Work *work, const GuestVerdict *verdict) {
  static const char silent[] = "the guest did not say its memory at shutdown";
  gboolean by_available = verdict->mem_available >= 0;
  gint64 unused = by_available ? verdict->mem_available : verdict->mem_free;
  gint64 total = verdict->mem_total;
  set_kb(work->side, FIGURE_MEMORY_KERNEL,
         total >= 0 ? (gint64)work->contender->memory * 1024 - total : -1, silent);
  set_kb(work->side, FIGURE_MEMORY_USED, total >= 0 && unused >= 0 ? total - unused : -1, silent);
  set_kb(work->side, FIGURE_MEMORY_SLAB, console_meminfo(verdict->console, "Slab"),
         total < 0      ? silent
         : by_available ? "the guest did not say it"
                        : "the guest has no /proc");
}

static void
set_seconds(Side *side, FigureId id, double seconds, const char *why) {
  if (seconds >= 0)
    side_set(side, id, seconds, NULL);
  else
    side_set_why(side, id, "%s", why);
}

/* The recipe's own test, once, in the memory that it is to be compared in. */
static gboolean
measure_test(const Work *work, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  LabBoot how = {.recipe = work->recipe,
                 .memory = work->contender->memory,
                 .boot_seconds = work->contender->boot_seconds};
  g_autofree char *title = g_strdup_printf("test in %d MB", how.memory);
  if (!lacks(work->side, FIGURE_CREATE_SECONDS))
    return TRUE;
  stage(work, title);
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  if (!verdict.passed) {
    g_autofree char *why = g_strdup_printf("the test fails in %d MB: %s", how.memory, verdict.why);
    set_all_why(work->side, tested, G_N_ELEMENTS(tested), why);
    return TRUE;
  }
  set_seconds(work->side, FIGURE_CREATE_SECONDS, verdict.create_seconds,
              "its creation was not timed");
  set_seconds(work->side, FIGURE_ANSWER_SECONDS, verdict.answer_seconds,
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
  if (!lacks(work->side, FIGURE_PORTS) &&
      (!lacks(work->side, FIGURE_REQUESTS) || !probe_has_load(work->recipe)))
    return TRUE;
  if (work->recipe->ready_port == 0) {
    set_all_why(work->side, ids, G_N_ELEMENTS(ids),
                "the recipe has no port that it waits for ([test] ready=)");
    return TRUE;
  }
  if (!probe_init(&probe, work->recipe, error))
    return FALSE;
  LabBoot how = {.recipe = &probe.recipe,
                 .memory = work->contender->memory,
                 .boot_seconds = work->contender->boot_seconds,
                 .talkative = TRUE};
  stage(work, "ports and load");
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  if (!verdict.passed) {
    set_all_why(work->side, ids, G_N_ELEMENTS(ids), verdict.why);
    return TRUE;
  }
  probe_read(&probe, verdict.test_output, work->side);
  gint64 code = probe_kernel_code(verdict.console);
  if (code >= 0)
    side_set(work->side, FIGURE_MEMORY_CODE, (double)code, NULL);
  else
    side_set_why(work->side, FIGURE_MEMORY_CODE, "the kernel did not say it on its console");
  return TRUE;
}

static gboolean
try_memory(const Work *work, int mb, gboolean *passed, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  LabBoot how = {.recipe = work->recipe, .memory = mb, .boot_seconds = patience(work)};
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
  Side *side = work->side;
  gboolean passed = FALSE;
  int mb;
  if (!lacks(side, FIGURE_LEAST_MEMORY))
    return TRUE;
  if (side->least_high == 0) {
    side->least_low = LEAST_LOWEST;
    side->least_high = work->contender->memory;
  }
  mb = least_next(side->least_low, side->least_high, least_gap(side->least_high));
  if (mb > 0) {
    if (!try_memory(work, mb, &passed, error))
      return FALSE;
    *(passed ? &side->least_high : &side->least_low) = mb;
    return TRUE;
  }
  g_autofree char *text = g_strdup_printf("%d MiB; %d MiB less fail", side->least_high,
                                          side->least_high - side->least_low);
  side_set(side, FIGURE_LEAST_MEMORY, (double)side->least_high * 1024 * 1024, text);
  return TRUE;
}

static void
read_instructions(Side *side, const GuestVerdict *verdict) {
  static const char untold[] = "the launcher does not tell it";
  if (verdict->create_cpu_seconds >= 0)
    side_set(side, FIGURE_CREATE_INSTRUCTIONS, verdict->create_cpu_seconds * 1e9, NULL);
  else
    side_set_why(side, FIGURE_CREATE_INSTRUCTIONS, "%s", untold);
  if (verdict->answer_cpu_seconds >= 0)
    side_set(side, FIGURE_INSTRUCTIONS, verdict->answer_cpu_seconds * 1e9, NULL);
  else
    side_set_why(side, FIGURE_INSTRUCTIONS, "%s", untold);
}

/* On a machine that counts instructions, CPU time is their number: a nanosecond each. */
static gboolean
measure_instructions(const Work *work, GError **error) {
  static const FigureId ids[] = {FIGURE_CREATE_INSTRUCTIONS, FIGURE_INSTRUCTIONS};
  g_auto(GuestVerdict) verdict = {0};
  Recipe untested = *work->recipe; /* up to the first answer, and no further */
  if (!lacks(work->side, FIGURE_INSTRUCTIONS))
    return TRUE;
  if (!lab_can_count(work->lab) || work->recipe->ready_port == 0) {
    set_all_why(work->side, ids, G_N_ELEMENTS(ids),
                work->recipe->ready_port == 0
                    ? "the recipe has no port that it waits for ([test] ready=)"
                    : "this host does not count instructions (an embedded one does)");
    return TRUE;
  }
  untested.test_script = NULL;
  LabBoot how = {.recipe = &untested,
                 .memory = work->contender->memory,
                 .boot_seconds = work->contender->boot_seconds,
                 .counted = TRUE};
  stage(work, "counting instructions");
  if (!boot(work, &how, &verdict, error))
    return FALSE;
  if (verdict.passed)
    read_instructions(work->side, &verdict);
  else
    set_all_why(work->side, ids, G_N_ELEMENTS(ids), verdict.why);
  return TRUE;
}

/* A kernel without /proc tells nothing of its slab: the same with it does. */
static gboolean
measure_slab(const Work *work, GError **error) {
  g_auto(GuestVerdict) verdict = {0};
  Work twin = *work;
  twin.contender = work->contender->with_procfs;
  if (twin.contender == NULL || !lacks(work->side, FIGURE_MEMORY_SLAB))
    return TRUE;
  LabBoot how = {.recipe = work->recipe,
                 .memory = twin.contender->memory,
                 .boot_seconds = twin.contender->boot_seconds};
  stage(&twin, "test with /proc");
  if (!boot(&twin, &how, &verdict, error))
    return FALSE;
  gint64 kb = verdict.passed ? console_meminfo(verdict.console, "Slab") : -1;
  if (kb >= 0)
    side_set(work->side, FIGURE_MEMORY_SLAB, (double)kb * 1024, "of the same kernel with /proc");
  else
    side_set_why(work->side, FIGURE_MEMORY_SLAB, "with /proc in the kernel, %s",
                 verdict.passed ? "the guest did not say it" : verdict.why);
  return TRUE;
}

static gboolean
measure_packed(const Work *work, GError **error) {
  gboolean done;
  if (!lacks(work->side, FIGURE_IMAGE_PACKED))
    return TRUE;
  stage(work, "packing it, for its size");
  done = contender_pack(work->contender, work->side, error);
  if (done)
    msg_stage_end(NULL);
  else
    msg_stage_abort();
  return done;
}

gboolean
measure_step(Lab *lab, const Recipe *recipe, const Contender *contender, Side *side,
             MeasureStep step, GError **error) {
  static const FigureId rest[] = {FIGURE_PORTS,        FIGURE_REQUESTS,
                                  FIGURE_MEMORY_CODE,  FIGURE_LEAST_MEMORY,
                                  FIGURE_INSTRUCTIONS, FIGURE_CREATE_INSTRUCTIONS};
  Work work = {lab, recipe, contender, side};
  if (contender->unable != NULL && step != MEASURE_PACKED) {
    set_all_why(side, tested, G_N_ELEMENTS(tested), contender->unable);
    set_all_why(side, rest, G_N_ELEMENTS(rest), contender->unable);
    return TRUE;
  }
  if (step == MEASURE_TEST)
    return measure_test(&work, error);
  if (step == MEASURE_PACKED)
    return measure_packed(&work, error);
  if (lacks(side, FIGURE_CREATE_SECONDS)) {
    set_all_why(side, rest, G_N_ELEMENTS(rest), "it does not pass the recipe's test");
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
measure_again(const Side *side, MeasureStep step) {
  return step == MEASURE_LEAST && !side->values[FIGURE_LEAST_MEMORY].asked;
}
