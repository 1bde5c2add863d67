/* html.c - the comparison as one page. */
#include "base/html.h"
#include "compare/plot.h"
#include "compare/show.h"

#include <string.h>

static void
put_keys(GString *html, const Comparison *comparison) {
  g_string_append(html, "<ul class=\"keys\">");
  for (guint i = 0; i < comparison->results->len; i++) {
    const Result *result = comparison->results->pdata[i];
    html_put(html,
             "<li><i class=\"c%u\" aria-hidden=\"true\"></i><span><b>%s</b> <span "
             "class=\"soft\">%s</span></span></li>",
             i % PLOT_COLOURS, result->title, result->note != NULL ? result->note : "");
  }
  g_string_append(html, "</ul>\n");
}

static void
put_head(GString *html, const Comparison *comparison, const char *style) {
  g_autofree char *title = g_strdup_printf("%s: tinyx compare", comparison->name);
  html_begin(html, title, style);
  html_put(
      html,
      "<h1>%s, side by side</h1>\n<p class=\"soft\">%s. Measured by tinyx compare%s%s on %s; the "
      "guests' host: %s.</p>\n",
      comparison->name, comparison->description != NULL ? comparison->description : "",
      comparison->platform != NULL ? " --platform " : "",
      comparison->platform != NULL ? comparison->platform : "",
      comparison->date != NULL ? comparison->date : "-",
      comparison->host != NULL ? comparison->host : "-");
  put_keys(html, comparison);
}

static void
put_ratios(GString *html, const Comparison *comparison) {
  const Result *reference = show_reference(comparison);
  const Result *first = comparison->results->pdata[0];
  g_autofree char *svg = plot_ratios(comparison);
  if (svg[0] == '\0')
    return;
  html_put(
      html,
      "<h2>How many times less</h2>\n<p class=\"soft\">%s in units of %s, on a logarithmic axis; "
      "of "
      "requests a second the other way round. A ring is the ratio that the paper gives for its "
      "Tinyx and its Debian.</p>\n",
      reference->title, first->title);
  html_begin_scroll(html, "Ratios, a wide picture");
  g_string_append_printf(html, "<figure class=\"wide\">%s</figure>", svg);
  html_end_scroll(html);
}

static void
put_cell(GString *html, const Comparison *comparison, guint index, FigureId id) {
  const Result *result = comparison->results->pdata[index];
  const char *why;
  g_autofree char *text = figure_text(comparison, result, id, &why);
  const char *more = why != NULL ? why : result->values[id].text;
  html_put(html, "<td class=\"%s\" title=\"%s\">%s</td>",
           !result->values[id].measured ? "missing"
           : index == 0                 ? "first"
                                        : "",
           more != NULL ? more : "", text);
}

static void
put_row(GString *html, const Comparison *comparison, FigureId id) {
  const Result *reference = show_reference(comparison);
  g_autofree char *paper = show_paper(comparison, id);
  g_autofree char *ratio =
      figure_ratio_text(reference != NULL ? comparison_ratio(comparison, reference, id) : -1);
  html_put(html, "<tr><th scope=\"row\" title=\"%s\">%s</th>", figure_get(id)->what,
           figure_get(id)->title);
  for (guint i = 0; i < comparison->results->len; i++)
    put_cell(html, comparison, i, id);
  html_put(html, "<td>%s</td><td class=\"paper\">%s</td></tr>\n", ratio, paper);
}

static void
put_table(GString *html, const Comparison *comparison) {
  const Result *reference = show_reference(comparison);
  const char *group = "";
  g_string_append(html, "<h2>All figures</h2>\n");
  html_begin_scroll(html, "All figures, a wide table");
  html_put(html,
           "<table>\n<caption>%s: each figure of each system</caption>\n<thead><tr><th "
           "scope=\"col\">figure</th>",
           comparison->name);
  for (guint i = 0; i < comparison->results->len; i++)
    html_put(html, "<th scope=\"col\">%s</th>", ((Result *)comparison->results->pdata[i])->title);
  html_put(html,
           "<th scope=\"col\">%s to %s</th><th scope=\"col\">the paper: Tinyx / "
           "Debian</th></tr></thead>\n<tbody>\n",
           reference != NULL ? reference->title : "ratio",
           ((Result *)comparison->results->pdata[0])->title);
  for (guint id = 0; id < FIGURE_COUNT; id++) {
    if (strcmp(group, figure_get((FigureId)id)->group) != 0)
      html_put(html, "<tr><th colspan=\"%u\" scope=\"rowgroup\">%s</th></tr>\n",
               comparison->results->len + 3, group = figure_get((FigureId)id)->group);
    put_row(html, comparison, (FigureId)id);
  }
  g_string_append(html, "</tbody></table>");
  html_end_scroll(html);
}

static void
put_plots(GString *html, const Comparison *comparison) {
  g_string_append(html, "<h2>Figure by figure</h2>\n<p class=\"soft\">Each from zero, on a scale "
                        "of its own.</p>\n<div class=\"grid\">\n");
  for (guint id = 0; id < FIGURE_COUNT; id++) {
    if (!plot_has(comparison, (FigureId)id))
      continue;
    g_autofree char *svg = plot_figure(comparison, (FigureId)id);
    html_put(html, "<figure class=\"card\" style=\"margin:0\"><h3>%s</h3><p class=\"what\">%s</p>",
             figure_get((FigureId)id)->title, figure_get((FigureId)id)->what);
    g_string_append_printf(html, "%s</figure>\n", svg);
  }
  g_string_append(html, "</div>\n");
}

static void
put_remarks(GString *html, const Comparison *comparison, const char *heading, gboolean measured) {
  gboolean any = FALSE;
  for (guint i = 0; i < comparison->results->len; i++) {
    const Result *result = comparison->results->pdata[i];
    for (guint id = 0; id < FIGURE_COUNT; id++) {
      const FigureValue *value = &result->values[id];
      const Figure *figure = figure_get((FigureId)id);
      if (!value->asked || value->measured != measured || value->text == NULL ||
          (measured && !figure->remarked))
        continue;
      if (!any)
        html_put(html, "<h2>%s</h2>\n<dl>\n", heading);
      any = TRUE;
      html_put(html, "<dt>%s, %s</dt><dd>%s</dd>\n", result->title, figure->title, value->text);
    }
  }
  if (any)
    g_string_append(html, "</dl>\n");
}

static void
put_paper(GString *html, const Comparison *comparison) {
  g_string_append(html,
                  "<h2>The paper's figures</h2>\n<p class=\"soft\">LightVM (SOSP 2017), on other "
                  "hardware with other versions: shown beside, never computed with.</p>\n<dl>\n");
  for (guint id = 0; id < FIGURE_COUNT; id++)
    if (comparison->paper[id].source != NULL)
      html_put(html, "<dt>%s</dt><dd>%s</dd>\n", figure_get((FigureId)id)->title,
               comparison->paper[id].source);
  g_string_append(html, "</dl>\n");
}

char *
show_html(const Comparison *comparison, const char *style) {
  GString *html = g_string_new(NULL);
  put_head(html, comparison, style);
  put_ratios(html, comparison);
  put_table(html, comparison);
  put_plots(html, comparison);
  put_remarks(html, comparison, "Measured otherwise", TRUE);
  put_remarks(html, comparison, "Not measured", FALSE);
  put_paper(html, comparison);
  html_end(html);
  return g_string_free(html, FALSE);
}
