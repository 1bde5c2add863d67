/* html.c - pages that need nothing else. */
#include "base/html.h"

#include "base/plain.h"

void
html_put(GString *html, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_markup_vprintf_escaped(format, args);
  va_end(args);
  g_autofree char *plain = plain_text(text);
  g_string_append(html, plain);
}

void
html_begin(GString *html, const char *title, const char *style) {
  html_put(html,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<title>%s</title>\n",
           title);
  g_string_append(html, "<link rel=\"icon\" href=\"data:,\">\n"); /* or a browser asks for one */
  g_string_append_printf(html, "<style>\n%s</style>\n</head>\n<body>\n<main>\n", style);
}

void
html_end(GString *html) {
  g_string_append(html, "</main>\n</body>\n</html>\n");
}

void
html_begin_scroll(GString *html, const char *label) {
  html_put(html, "<div class=\"card scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">",
           label);
}

void
html_end_scroll(GString *html) {
  g_string_append(html, "</div>\n");
}
