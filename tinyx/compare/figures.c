/* figures.c - the table of figures, and the values measured for them. */
#include "compare/figures.h"

#include "base/files.h"

#include <string.h>

static const Figure figures[FIGURE_COUNT] = {
    [FIGURE_KERNEL_FILE] = {"kernel_file", "kernel file", "Kernel", FIGURE_IN_BYTES, FALSE, FALSE,
                            "The compressed kernel (bzImage).", FALSE},
    [FIGURE_KERNEL_IMAGE] = {"kernel_image", "text + data + bss", "Kernel", FIGURE_IN_BYTES, FALSE,
                             FALSE,
                             "Of the ELF file that is packed in the kernel file, as size(1) has it;"
                             " without modules.",
                             FALSE},
    [FIGURE_KERNEL_TEXT] = {"kernel_text", "text", "Kernel", FIGURE_IN_BYTES, FALSE, FALSE,
                            "The text column of size(1): code and read-only data.", FALSE},
    [FIGURE_SYMBOLS] = {"symbols", "symbols =y", "Kernel", FIGURE_IN_COUNT, FALSE, FALSE,
                        "Kconfig options that are built in.", FALSE},
    [FIGURE_IMAGE_PACKED] =
        {"image_packed", "image, packed", "Image", FIGURE_IN_BYTES, FALSE, FALSE,
         "Kernel file and files, these packed as cpio by xz on all sides, however they are "
         "booted (more than 64 MB of them at preset 6, not 9e: a percent or two more).",
         FALSE},
    [FIGURE_IMAGE_UNPACKED] = {"image_unpacked", "image, unpacked", "Image", FIGURE_IN_BYTES, FALSE,
                               FALSE, "The bytes of the kernel file and of all files.", FALSE},
    [FIGURE_FILES] = {"files", "files", "Image", FIGURE_IN_COUNT, FALSE, FALSE,
                      "Regular files in the root file system.", FALSE},
    [FIGURE_PACKAGES] = {"packages", "packages", "Image", FIGURE_IN_COUNT, FALSE, FALSE,
                         "Debian packages that own a file of the image.", FALSE},
    [FIGURE_SETUID] = {"setuid", "setuid and setgid files", "Image", FIGURE_IN_COUNT, FALSE, FALSE,
                       "Programs that run with other rights than their caller's.", FALSE},
    [FIGURE_PORTS] = {"ports", "open TCP ports", "Image", FIGURE_IN_COUNT, FALSE, FALSE,
                      "TCP ports that take a connection from outside, of all 65535.", FALSE},
    [FIGURE_CREATE_SECONDS] = {"create_seconds", "create", "Start", FIGURE_IN_SECONDS, FALSE, FALSE,
                               "What the launcher takes: xl create, or the start of QEMU.", FALSE},
    [FIGURE_ANSWER_SECONDS] = {"answer_seconds", "create to first answer", "Start",
                               FIGURE_IN_SECONDS, FALSE, FALSE,
                               "From the launcher's call until the port takes a connection.",
                               FALSE},
    [FIGURE_CREATE_INSTRUCTIONS] = {"create_instructions", "create, instructions", "Start",
                                    FIGURE_IN_INSTRUCTIONS, FALSE, FALSE,
                                    "Executed in dom0 during xl create (QEMU -icount; Xen tells "
                                    "tenths of a G). Not without Xen.",
                                    FALSE},
    [FIGURE_INSTRUCTIONS] =
        {"instructions", "first answer, instructions", "Start", FIGURE_IN_INSTRUCTIONS, FALSE,
         FALSE,
         "Executed in the guest until the port takes a connection (by QEMU; Xen "
         "tells tenths of a G).",
         FALSE},
    [FIGURE_MEMORY_KERNEL] = {"memory_kernel", "taken by the kernel", "Memory", FIGURE_IN_MEMORY,
                              FALSE, FALSE, "The guest's size less its MemTotal.", FALSE},
    [FIGURE_MEMORY_CODE] = {"memory_code", "kernel code", "Memory", FIGURE_IN_MEMORY, FALSE, FALSE,
                            "As the kernel says it at boot (\"K kernel code\").", FALSE},
    [FIGURE_MEMORY_SLAB] = {"memory_slab", "slab", "Memory", FIGURE_IN_MEMORY, FALSE, FALSE,
                            "Slab in /proc/meminfo, after the test.", TRUE},
    [FIGURE_MEMORY_USED] = {"memory_used", "in use after the test", "Memory", FIGURE_IN_MEMORY,
                            FALSE, FALSE,
                            "MemTotal less MemAvailable; less MemFree where the guest has no "
                            "/proc (then its files count, too).",
                            FALSE},
    [FIGURE_LEAST_MEMORY] = {"least_memory", "least memory", "Memory", FIGURE_IN_MEMORY, FALSE,
                             FALSE,
                             "The smallest guest in which the recipe's test passes, by bisection.",
                             FALSE},
    [FIGURE_REQUESTS] = {"requests", "requests a second", "Load", FIGURE_IN_RATE, TRUE, TRUE,
                         "By the recipe's load.sh beside the guest; only the ratio means anything.",
                         FALSE},
};

const Figure *
figure_get(FigureId id) {
  return &figures[id];
}

FigureId
figure_find(const char *name) {
  for (guint i = 0; i < FIGURE_COUNT; i++)
    if (strcmp(figures[i].name, name) == 0)
      return (FigureId)i;
  return FIGURE_COUNT;
}

static void
result_free(gpointer data) {
  Result *result = data;
  for (guint i = 0; i < FIGURE_COUNT; i++)
    g_free(result->values[i].text);
  g_free(result->id);
  g_free(result->title);
  g_free(result->key);
  g_free(result->note);
  g_free(result);
}

Comparison *
comparison_new(const char *name) {
  Comparison *comparison = g_new0(Comparison, 1);
  comparison->name = g_strdup(name);
  comparison->results = g_ptr_array_new_with_free_func(result_free);
  for (guint i = 0; i < FIGURE_COUNT; i++)
    comparison->paper[i] = (PaperFigure){-1, -1, -1, NULL, NULL};
  return comparison;
}

void
comparison_free(Comparison *comparison) {
  if (comparison == NULL)
    return;
  g_free(comparison->name);
  g_free(comparison->description);
  g_free(comparison->date);
  g_free(comparison->platform);
  g_free(comparison->host);
  g_ptr_array_unref(comparison->results);
  for (guint i = 0; i < FIGURE_COUNT; i++) {
    g_free(comparison->paper[i].source);
    g_free(comparison->paper[i].section);
  }
  g_free(comparison);
}

Result *
comparison_add(Comparison *comparison, const char *id, const char *title) {
  Result *result = g_new0(Result, 1);
  result->id = g_strdup(id);
  result->title = g_strdup(title);
  g_ptr_array_add(comparison->results, result);
  return result;
}

Result *
comparison_find(const Comparison *comparison, const char *id) {
  for (guint i = 0; i < comparison->results->len; i++) {
    Result *result = comparison->results->pdata[i];
    if (strcmp(result->id, id) == 0)
      return result;
  }
  return NULL;
}

void
result_set(Result *result, FigureId id, double value, const char *text) {
  FigureValue *slot = &result->values[id];
  g_free(slot->text);
  *slot = (FigureValue){.asked = TRUE, .measured = TRUE, .value = value, .text = g_strdup(text)};
}

void
result_set_why(Result *result, FigureId id, const char *format, ...) {
  FigureValue *slot = &result->values[id];
  va_list args;
  g_free(slot->text);
  va_start(args, format);
  *slot = (FigureValue){.asked = TRUE, .text = g_strdup_vprintf(format, args)};
  va_end(args);
  g_strdelimit(slot->text, "\r\n\t", ' ');
}

void
result_take(Result *result, const Result *other) {
  if (other == NULL || result->key == NULL || g_strcmp0(result->key, other->key) != 0)
    return;
  result->least_low = other->least_low;
  result->least_high = other->least_high;
  for (guint i = 0; i < FIGURE_COUNT; i++) {
    if (other->values[i].measured) {
      result_set(result, (FigureId)i, other->values[i].value, other->values[i].text);
    } else if (!result->values[i].asked) {
      g_free(result->values[i].text);
      result->values[i].text = g_strdup(other->values[i].text);
    }
  }
}

double
comparison_ratio(const Comparison *comparison, const Result *other, FigureId id) {
  const Result *first = comparison->results->len > 0 ? comparison->results->pdata[0] : NULL;
  if (first == NULL || !first->values[id].measured || !other->values[id].measured)
    return -1;
  double own = first->values[id].value, its = other->values[id].value;
  if (figures[id].more_is_better)
    return its > 0 ? own / its : -1;
  return own > 0 ? its / own : -1;
}

/* "123", "1,234". */
static char *
count_text(double value) {
  char digits[32];
  GString *text = g_string_new(NULL);
  g_snprintf(digits, sizeof digits, "%.0f", value);
  gsize length = strlen(digits);
  for (gsize i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0)
      g_string_append_c(text, ',');
    g_string_append_c(text, digits[i]);
  }
  return g_string_free(text, FALSE);
}

char *
figure_value_text(const Figure *figure, double value) {
  switch (figure->unit) {
  case FIGURE_IN_BYTES:
    return size_text((guint64)MAX(value, 0));
  case FIGURE_IN_MEMORY: /* in which xl counts, and calls it MB */
    return g_strdup_printf("%.1f MiB", value / (1024 * 1024));
  case FIGURE_IN_SECONDS:
    return g_strdup_printf("%.2f s", value);
  case FIGURE_IN_INSTRUCTIONS:
    return g_strdup_printf("%.1f G", value / 1e9);
  case FIGURE_IN_RATE:
    return g_strdup_printf("%.1f/s", value);
  case FIGURE_IN_COUNT:
    break;
  }
  return count_text(value);
}

char *
figure_text(const Comparison *comparison, const Result *result, FigureId id, const char **why) {
  const FigureValue *value = &result->values[id];
  const Result *first = comparison->results->pdata[0];
  if (why != NULL)
    *why = value->asked && !value->measured ? value->text : NULL;
  if (!value->asked)
    return g_strdup("-");
  if (!value->measured)
    return g_strdup("not measured");
  if (!figures[id].ratio_only)
    return figure_value_text(&figures[id], value->value);
  if (!first->values[id].measured || first->values[id].value <= 0)
    return g_strdup("no ratio");
  return g_strdup_printf("%.2f", value->value / first->values[id].value);
}

char *
figure_ratio_text(double ratio) {
  if (ratio < 0)
    return g_strdup("-");
  if (ratio >= 100)
    return g_strdup_printf("%.0f", ratio);
  return g_strdup_printf(ratio >= 10 ? "%.1f" : "%.2f", ratio);
}
