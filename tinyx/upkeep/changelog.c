/* changelog.c - names of advisories in a Debian changelog: see changelog.h. */
#include "upkeep/changelog.h"

#include "base/strings.h"
#include "deps/deb822.h"

#include <string.h>

/* The version of the entry that LINE begins, "nginx (1.22.1-9) bookworm; urgency=medium"; NULL: it
 * begins none. g_free. */
static char *
entry_version(const char *line) {
  const char *open = strstr(line, " ("), *close = open != NULL ? strchr(open, ')') : NULL;
  if (line[0] == ' ' || close == NULL || strchr(close, ';') == NULL)
    return NULL;
  return g_strndup(open + 2, (gsize)(close - open - 2));
}

static gboolean
is_newer(const char *entry, const char *version) {
  g_autofree char *upstream = g_strdup(entry);
  char *dash = strrchr(upstream, '-');
  if (strchr(version, '-') == NULL && dash != NULL)
    *dash = '\0';
  return deb822_version_compare(upstream, version) > 0;
}

static void
add_names(const char *line, const GRegex *names, GPtrArray *all) {
  g_autoptr(GMatchInfo) match = NULL;
  for (g_regex_match(names, line, 0, &match); g_match_info_matches(match);
       g_match_info_next(match, NULL)) {
    g_autofree char *name = g_match_info_fetch(match, 0);
    strings_add_once(all, name);
  }
}

GPtrArray *
changelog_advisories(const char *text, const char *version) {
  g_autoptr(GRegex) names =
      g_regex_new("\\b(?:CVE-\\d{4}-\\d{4,}|D[SL]A-\\d+(?:-\\d+)?)\\b", G_REGEX_RAW, 0, NULL);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GPtrArray *all = strings_new();
  gboolean newer = FALSE;
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *entry = entry_version(lines[i]);
    if (entry != NULL)
      newer = is_newer(entry, version);
    /* An older one mentions what came before it; what follows it is older still. */
    if (entry != NULL && !newer)
      break;
    if (newer)
      add_names(lines[i], names, all);
  }
  strings_sort(all);
  return all;
}
