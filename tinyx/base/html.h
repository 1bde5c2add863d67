/* html.h - pages that need nothing else: one file with its style, for every size of a screen, in
 * light and dark, and for those who hear it or have no mouse. */
#ifndef TINYX_BASE_HTML_H
#define TINYX_BASE_HTML_H

#include <glib.h>

/* Appends FORMAT with its arguments (strings) escaped, and what cannot be seen written out. */
void html_put(GString *html, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Everything up to where the page's own words begin; STYLE is the text of a style sheet. */
void html_begin(GString *html, const char *title, const char *style);
void html_end(GString *html);

/* Around a table that can be wider than the screen: it scrolls by itself, so that the page does
 * not, and the keyboard reaches it. LABEL tells who hears it what is in it. */
void html_begin_scroll(GString *html, const char *label);
void html_end_scroll(GString *html);

#endif
