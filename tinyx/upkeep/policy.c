/* policy.c - reads what apt-cache(8)'s policy says: the newest version, and where it comes from. */
#include "upkeep/outdated.h"

#include <string.h>

static void
policy_free(gpointer data) {
  Policy *policy = data;
  g_free(policy->candidate);
  g_free(policy);
}

/* "     1.22.1-9 500" or " *** 1.22.1-9 500": of the version table. */
static gboolean
is_version_line(const char *line, const char *version) {
  g_auto(GStrv) words = g_strsplit_set(line, " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0' && strcmp(words[i], "***") != 0)
      return version != NULL && g_str_equal(words[i], version);
  return FALSE;
}

/* A package's name begins its line; the lines below a version say where that comes from. */
GHashTable *
policy_parse(const char *text) {
  GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, policy_free);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  Policy *policy = NULL;
  gboolean of_candidate = FALSE;
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = lines[i];
    gsize indent = strspn(line, " "), length = strlen(line);
    if (indent == 0 && length > 1 && line[length - 1] == ':') {
      policy = g_new0(Policy, 1);
      g_hash_table_replace(all, g_strndup(line, length - 1), policy);
      of_candidate = FALSE;
    } else if (policy == NULL) {
      continue;
    } else if (g_str_has_prefix(line, "  Candidate: ")) {
      const char *version = line + strlen("  Candidate: ");
      policy->candidate = g_str_equal(version, "(none)") ? NULL : g_strdup(version);
    } else if (indent == 5 || g_str_has_prefix(line, " *** ")) {
      of_candidate = is_version_line(line, policy->candidate);
    } else if (indent > 5 && of_candidate && strstr(line, "-security/") != NULL) {
      policy->security = TRUE;
    }
  }
  return all;
}
