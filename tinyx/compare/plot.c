/* plot.c - bar charts as SVG. */
#include "compare/plot.h"

#include "base/plain.h"
#include "compare/show.h"

#include <math.h>

/* Numbers in SVG have a point, whatever the language. */
static void
put_number(GString *svg, const char *name, double value) {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(text, sizeof text, "%.1f", value);
  g_string_append_printf(svg, " %s=\"%s\"", name, text);
}

/* LABEL is for those who hear the page. */
static void
put_begin(GString *svg, double width, double height, const char *label) {
  g_autofree char *plain = plain_line(label);
  g_autofree char *escaped = g_markup_escape_text(plain, -1);
  char w[G_ASCII_DTOSTR_BUF_SIZE], h[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd(w, sizeof w, "%.0f", width);
  g_ascii_formatd(h, sizeof h, "%.0f", height);
  g_string_append_printf(svg, "<svg viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">", w, h,
                         escaped);
}

static void
put_text(GString *svg, double x, double y, const char *attributes, const char *words) {
  g_autofree char *plain = plain_line(words);
  g_autofree char *escaped = g_markup_escape_text(plain, -1);
  g_string_append(svg, "<text");
  put_number(svg, "x", x);
  put_number(svg, "y", y);
  g_string_append_printf(svg, " %s>%s</text>", attributes, escaped);
}

static void
put_bar(GString *svg, double x, double y, double width, double height, guint colour,
        const char *title) {
  g_autofree char *plain = plain_line(title);
  g_autofree char *escaped = g_markup_escape_text(plain, -1);
  g_string_append(svg, "<rect rx=\"2\"");
  put_number(svg, "x", x);
  put_number(svg, "y", y);
  put_number(svg, "width", MAX(width, 1.5));
  put_number(svg, "height", height);
  g_string_append_printf(svg, " class=\"c%u\"><title>%s</title></rect>", colour % PLOT_COLOURS,
                         escaped);
}

enum { RATIO_WIDTH = 1050, RATIO_LEFT = 190, RATIO_RIGHT = 70, RATIO_ROW = 25, RATIO_TOP = 26 };

/* Powers of ten that the axis ends at: LOW <= 0 <= HIGH. */
static guint
ratio_range(const Comparison *comparison, const Result *reference, int *low, int *high) {
  guint count = 0;
  *low = 0;
  *high = 1;
  for (guint id = 0; id < FIGURE_COUNT; id++) {
    double ratio = comparison_ratio(comparison, reference, (FigureId)id);
    if (ratio <= 0)
      continue;
    count++;
    *low = MIN(*low, (int)floor(log10(ratio)));
    *high = MAX(*high, (int)ceil(log10(ratio)));
  }
  return count;
}

static void
put_axis(GString *svg, int low, int high, double step, double bottom) {
  for (int power = low; power <= high; power++) {
    g_autofree char *label = g_strdup_printf("%g", pow(10, power));
    g_autofree char *times = g_strconcat(label, "×", NULL);
    double x = RATIO_LEFT + (power - low) * step;
    g_string_append(svg, "<line");
    put_number(svg, "x1", x);
    put_number(svg, "y1", RATIO_TOP - 6);
    put_number(svg, "x2", x);
    put_number(svg, "y2", bottom);
    g_string_append_printf(svg, " class=\"%s\"/>", power == 0 ? "one" : "grid");
    put_text(svg, x, RATIO_TOP - 12, "text-anchor=\"middle\" class=\"soft\"", times);
  }
}

enum { RING = 5, LABEL_GAP = 6, LABEL_DIGIT = 8 };

/* Where the label WORDS of a bar that ends at END begins: behind the ring at RING_X, if that would
 * be in its way. */
static double
label_place(double end, double ring_x, const char *words) {
  double width = (double)g_utf8_strlen(words, -1) * LABEL_DIGIT;
  gboolean hit = ring_x + RING > end && ring_x - RING < end + LABEL_GAP + width;
  return (hit ? ring_x + RING : end) + LABEL_GAP;
}

static void
put_ratio_row(GString *svg, const Comparison *comparison, const Result *reference, FigureId id,
              double y, int low, double step) {
  double ratio = comparison_ratio(comparison, reference, id);
  double paper = comparison->paper[id].ratio;
  double zero = RATIO_LEFT - low * step, x = zero + log10(ratio) * step;
  g_autofree char *text = figure_ratio_text(ratio);
  g_autofree char *times = g_strconcat(text, "×", NULL);
  put_text(svg, RATIO_LEFT - 10, y + 15, "text-anchor=\"end\"", figure_get(id)->title);
  put_bar(svg, MIN(zero, x), y + 4, fabs(x - zero), RATIO_ROW - 9, 0, times);
  if (paper > 0) {
    g_string_append_printf(svg, "<circle r=\"%d\" class=\"paper\"", RING);
    put_number(svg, "cx", zero + log10(paper) * step);
    put_number(svg, "cy", y + 11.5);
    g_autofree char *its = figure_ratio_text(paper);
    g_string_append_printf(svg, "><title>the paper: %s×</title></circle>", its);
  }
  put_text(svg, label_place(MAX(zero, x), paper > 0 ? zero + log10(paper) * step : -1, times),
           y + 15, "", times);
}

char *
plot_ratios(const Comparison *comparison) {
  const Result *reference = show_reference(comparison);
  int low, high;
  guint count = reference != NULL ? ratio_range(comparison, reference, &low, &high) : 0;
  if (count == 0)
    return g_strdup("");
  double bottom = RATIO_TOP + (double)count * RATIO_ROW, y = RATIO_TOP;
  double step = (double)(RATIO_WIDTH - RATIO_LEFT - RATIO_RIGHT) / (high - low);
  GString *svg = g_string_new(NULL);
  put_begin(svg, RATIO_WIDTH, bottom + 4,
            "Ratios as bars; the same numbers are in the table of all figures");
  put_axis(svg, low, high, step, bottom);
  for (guint id = 0; id < FIGURE_COUNT; id++) {
    if (comparison_ratio(comparison, reference, (FigureId)id) <= 0)
      continue;
    put_ratio_row(svg, comparison, reference, (FigureId)id, y, low, step);
    y += RATIO_ROW;
  }
  g_string_append(svg, "</svg>");
  return g_string_free(svg, FALSE);
}

gboolean
plot_has(const Comparison *comparison, FigureId id) {
  for (guint i = 0; i < comparison->results->len; i++)
    if (((Result *)comparison->results->pdata[i])->values[id].measured)
      return TRUE;
  return FALSE;
}

enum { BAR_WIDTH = 330, BAR_LEFT = 0, BAR_ROOM = 84, BAR_ROW = 22 };

/* "kernel file: tinyx 1.06 MB; Debian 8.25 MB". g_free. */
static char *
figure_label(const Comparison *comparison, FigureId id) {
  GString *label = g_string_new(figure_get(id)->title);
  for (guint i = 0; i < comparison->results->len; i++) {
    const Result *result = comparison->results->pdata[i];
    g_autofree char *text = figure_text(comparison, result, id, NULL);
    g_string_append_printf(label, "%s %s %s", i > 0 ? ";" : ":", result->title, text);
  }
  return g_string_free(label, FALSE);
}

char *
plot_figure(const Comparison *comparison, FigureId id) {
  GString *svg = g_string_new(NULL);
  g_autofree char *label = figure_label(comparison, id);
  double largest = 0, y = 0;
  for (guint i = 0; i < comparison->results->len; i++)
    largest = MAX(largest, ((Result *)comparison->results->pdata[i])->values[id].value);
  put_begin(svg, BAR_WIDTH, comparison->results->len * (double)BAR_ROW, label);
  for (guint i = 0; i < comparison->results->len; i++, y += BAR_ROW) {
    const Result *result = comparison->results->pdata[i];
    const FigureValue *value = &result->values[id];
    g_autofree char *text = figure_text(comparison, result, id, NULL);
    g_autofree char *title = g_strdup_printf("%s: %s", result->title, text);
    double width = value->measured && largest > 0
                       ? value->value / largest * (BAR_WIDTH - BAR_LEFT - BAR_ROOM)
                       : 0;
    if (value->measured && value->value > 0)
      put_bar(svg, BAR_LEFT, y + 4, width, BAR_ROW - 8, i, title);
    put_text(svg, BAR_LEFT + width + (value->measured ? 7 : 0), y + 15.5,
             value->measured ? "" : "class=\"soft\" font-style=\"italic\"", text);
  }
  g_string_append(svg, "</svg>");
  return g_string_free(svg, FALSE);
}
