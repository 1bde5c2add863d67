/* sources.c - takes the machine's Debian sources over, each with the keys that may sign it. */
#include "deps/sources.h"
#include "base/files.h"

#include "base/msg.h"
#include "base/proc.h"
#include "deps/source-entry.h"

#include <string.h>

#define SOURCES_BYTES_MAX (1U << 20) /* of a list of sources */
#define DEBIAN_KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"
#define TARGETS_DEADLINE 60

/* One line of `apt-get indextargets`. */
enum { URI, RELEASE, ORIGIN, COMPONENT, ENTRY, PARTS };

/* The machine's package indexes: a line each, "URI|RELEASE|ORIGIN|COMPONENT|FILE:NUMBER". */
static char **
index_targets(GError **error) {
  const char *argv[] = {"apt-get",
                        "indextargets",
                        "--format",
                        "$(REPO_URI)|$(RELEASE)|$(ORIGIN)|$(COMPONENT)|$(SOURCESENTRY)",
                        "Created-By: Packages",
                        NULL};
  ProcSpec spec = {.argv = argv, .deadline = TARGETS_DEADLINE, .flags = PROC_CAPTURE};
  g_auto(ProcResult) result = {0};
  if (!proc_run(&spec, &result, error))
    return NULL;
  return g_strsplit(result.out, "\n", -1);
}

/* Suites of one release: "bookworm", "bookworm-updates", "bookworm-security". */
static gboolean
belongs(const char *release, const char *codename) {
  gsize length = strlen(codename);
  return strncmp(release, codename, length) == 0 &&
         (release[length] == '\0' || strcmp(release + length, "-updates") == 0 ||
          strcmp(release + length, "-security") == 0);
}

/* Only what says "Origin: Debian" is taken. A source whose index was never fetched says nothing
 * ("$(ORIGIN)" stays as it is): then the name of the machine's own release must do. */
static gboolean
is_debian(char *const *target, const char *codename) {
  return belongs(target[RELEASE], codename) &&
         (strcmp(target[ORIGIN], "Debian") == 0 || target[ORIGIN][0] == '$' ||
          target[ORIGIN][0] == '\0');
}

/* What the file behind TARGET says of it; nothing where that cannot be read. */
static void
read_entry(char *const *target, SourceEntry *entry) {
  g_autofree char *file = g_strdup(target[ENTRY]);
  g_autofree char *text = NULL;
  g_autoptr(GError) why = NULL;
  gsize size;
  char *colon = strrchr(file, ':');
  if (colon != NULL)
    *colon = '\0';
  if (!file_read(file, SOURCES_BYTES_MAX, &text, &size, &why) ||
      !source_entry_find(text, size, file, target[URI], target[RELEASE], entry, &why))
    msg_verbose("whose signature %s %s needs is not known: %s", target[URI], target[RELEASE],
                why->message);
  if (entry->careless != NULL)
    msg_warn("%s: %s of %s %s is not taken over; tinyx takes no package without a signature", file,
             entry->careless, target[URI], target[RELEASE]);
}

static gboolean
need_debian_keyring(GError **error) {
  if (g_file_test(DEBIAN_KEYRING, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_TOOL,
              "%s: not found; expected the keys of Debian's archive (run: apt-get install "
              "debian-archive-keyring)",
              DEBIAN_KEYRING);
  return FALSE;
}

/* A paragraph. SIGNED_BY: NULL for the Debian archive's keys. */
static char *
paragraph(const char *uri, const char *suite, const char *component, const char *signed_by,
          GError **error) {
  if (signed_by == NULL && !need_debian_keyring(error))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(signed_by != NULL ? signed_by : DEBIAN_KEYRING, "\n", -1);
  g_autofree char *value = g_strjoinv("\n ", lines);
  return g_strdup_printf("Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n\n", uri,
                         suite, component, value);
}

char *
sources_of_machine(const char *codename, GError **error) {
  g_auto(GStrv) lines = index_targets(error);
  if (lines == NULL)
    return NULL;
  g_autoptr(GString) sources = g_string_new(NULL);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) target = g_strsplit(lines[i], "|", PARTS);
    g_auto(SourceEntry) entry = {0};
    if (g_strv_length(target) != PARTS || !is_debian(target, codename))
      continue;
    read_entry(target, &entry);
    g_autofree char *text =
        paragraph(target[URI], target[RELEASE], target[COMPONENT], entry.signed_by, error);
    if (text == NULL)
      return NULL;
    if (strstr(sources->str, text) == NULL)
      g_string_append(sources, text);
  }
  if (sources->len == 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "this machine's apt has no Debian sources for %s; set TINYX_MIRROR to a mirror's "
                "address (the folder that holds dists/)",
                codename);
    return NULL;
  }
  return g_string_free(g_steal_pointer(&sources), FALSE);
}

char *
sources_of_mirror(const char *mirror, const char *keyring, const char *codename, GError **error) {
  if (strstr(mirror, ":/") == NULL || strpbrk(mirror, " \t\n[]") != NULL) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "TINYX_MIRROR: \"%s\" is no address; expected one like http://HOST/debian", mirror);
    return NULL;
  }
  if (keyring != NULL && (keyring[0] != '/' || strpbrk(keyring, " ,\t\n") != NULL ||
                          !g_file_test(keyring, G_FILE_TEST_IS_REGULAR))) {
    g_set_error(
        error, TINYX_ERROR, TINYX_ERROR_INPUT,
        "TINYX_KEYRING: \"%s\" is no keyring; expected the absolute path of a file, without "
        "blanks and commas",
        keyring);
    return NULL;
  }
  return paragraph(mirror, codename, "main", keyring, error);
}
