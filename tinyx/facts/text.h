/* text.h - the facts that configuration files, units, command lines and UDP ports show, by the
 * regular expressions in rootfs/text.facts. */
#ifndef TINYX_FACTS_TEXT_H
#define TINYX_FACTS_TEXT_H

#include "facts/facts.h"

typedef struct TextRules TextRules;

/* TEXT as FILE would hold it. INPUT with "FILE:LINE" for what is no rule, and for a fact that no
 * text can show. */
TextRules *text_rules_parse(const char *text, gsize size, const char *file, GError **error);
/* Those of rootfs/text.facts. */
TextRules *text_rules_load(GError **error);
void text_rules_free(TextRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextRules, text_rules_free)

/* Adds what the lines of TEXT show, comments left out. FILE holds them (an image path, or NULL). */
void facts_read_text(Facts *facts, const TextRules *rules, const char *text, const char *file);
/* Adds what an application shows that listens on the UDP port PORT. */
void facts_read_udp(Facts *facts, const TextRules *rules, int port);

/* What LINE of a configuration says, without blanks around it (LINE is changed); NULL: nothing, or
 * no UTF-8. COMMENTED: only lines that are commented out say something, behind their comment sign.
 */
const char *text_line_content(char *line, gboolean commented);

/* TRUE if the file PATH below /etc may be a daemon's configuration that is in use: not what is only
 * there to be enabled by a link, an example, or for another program than a daemon. */
gboolean text_is_configuration(const char *path);

#endif
