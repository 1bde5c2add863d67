/* busybox-source.c - Debian's source package of BusyBox. The machine needs no deb-src entries, nor
 * root rights: the apt root's own sources are used, as deb-src, with lists of their own. */
#include "rootfs/busybox-private.h"

#include "base/cache.h"
#include "base/files.h"
#include "base/proc.h"
#include "deps/apt.h"

#include <string.h>

#define KIND "busybox-source"
#define DEADLINE 600 /* seconds for a download */

/* EXTRA options and ARGUMENTS for PROGRAM in the apt root. */
static gboolean
run_apt(const char *root, const char *const *extra, const char *cwd, const char *program,
        const char *const *arguments, ProcResult *result, GError **error) {
  g_autoptr(GPtrArray) words = g_ptr_array_new();
  for (guint i = 0; extra != NULL && extra[i] != NULL; i++)
    g_ptr_array_add(words, (gpointer)extra[i]);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add(words, (gpointer)arguments[i]);
  g_ptr_array_add(words, NULL);
  ProcSpec how = {.cwd = cwd, .deadline = DEADLINE, .flags = result != NULL ? PROC_CAPTURE : 0};
  return apt_run(root, program, (const char *const *)words->pdata, &how, result, error);
}

/* The value of "FIELD: value" in the first stanza of TEXT, or NULL. */
static char *
field_of(const char *text, const char *field) {
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  gsize length = strlen(field);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    if (strncmp(lines[i], field, length) == 0 && lines[i][length] == ':')
      return g_strdup(g_strstrip(lines[i] + length + 1));
  return NULL;
}

/* A package that was only rebuilt says "Source: busybox (1:1.35.0-4)"; else its own version is the
 * source's. */
static char *
source_version(const char *record) {
  g_autofree char *source = field_of(record, "Source");
  char *open = source != NULL ? strchr(source, '(') : NULL;
  if (open != NULL)
    return g_strndup(open + 1, strcspn(open + 1, ")"));
  return field_of(record, "Version");
}

char *
busybox_version(GError **error) {
  const char *const arguments[] = {"show", "--no-all-versions", "busybox", NULL};
  g_autofree char *root = apt_root(NULL, error);
  g_auto(ProcResult) result = {0};
  char *version;
  if (root == NULL || !run_apt(root, NULL, NULL, "apt-cache", arguments, &result, error))
    return NULL;
  version = source_version(result.out);
  if (version == NULL)
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED,
                "Debian's package index says nothing of busybox");
  return version;
}

/* The apt root's sources, for source packages; their keys stay the same. */
static char *
as_source_types(const char *sources) {
  g_auto(GStrv) parts = g_strsplit(sources, "Types: deb\n", -1);
  return g_strjoinv("Types: deb-src\n", parts);
}

/* Options that put the index of sources into FOLDER; g_strfreev. */
static char **
source_options(const char *folder) {
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  const char *const places[][2] = {{"Dir::Etc::sourcelist", APT_SOURCES},
                                   {"Dir::State::lists", "lists"},
                                   {"Dir::Cache", "cache"}};
  for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
    g_autofree char *option = g_strdup_printf("%s=%s/%s", places[i][0], folder, places[i][1]);
    g_strv_builder_add_many(builder, "-o", option, NULL);
  }
  return g_strv_builder_end(builder);
}

static char *
write_sources(const char *root, const char *index, GError **error) {
  static const char *const folders[] = {"lists/partial", "cache/archives/partial"};
  g_autofree char *from = g_build_filename(root, "etc/apt", APT_SOURCES, NULL);
  g_autofree char *to = g_build_filename(index, APT_SOURCES, NULL);
  g_autofree char *text = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path = g_build_filename(index, folders[i], NULL);
    if (!dir_make(path, error))
      return NULL;
  }
  if (!file_read(from, FILE_OWN_MAX, &text, NULL, error))
    return NULL;
  g_autofree char *lines = as_source_types(text);
  return file_write(to, lines, strlen(lines), 0644, error) ? g_steal_pointer(&to) : NULL;
}

static gboolean
download(const char *version, const char *folder, GError **error) {
  const char *const update[] = {"-q", "update", NULL};
  g_autofree char *wanted = g_strdup_printf("busybox=%s", version);
  const char *const fetch[] = {"-q", "source", "--download-only", wanted, NULL};
  g_autofree char *root = apt_root(NULL, error);
  g_autofree char *index = root != NULL ? g_build_filename(folder, "index", NULL) : NULL;
  g_autofree char *list = index != NULL ? write_sources(root, index, error) : NULL;
  if (list == NULL)
    return FALSE;
  g_auto(GStrv) extra = source_options(index);
  return run_apt(root, (const char *const *)extra, folder, "apt-get", update, NULL, error) &&
         run_apt(root, (const char *const *)extra, folder, "apt-get", fetch, NULL, error) &&
         dir_remove(index, error);
}

char *
busybox_source(const char *version, GError **error) {
  g_autofree char *key = g_strdelimit(g_strdup(version), ":/", '_');
  g_autoptr(CacheLock) lock = cache_lock(KIND, key, error);
  char *found = lock != NULL ? cache_lookup(KIND, key) : NULL;
  if (found != NULL || lock == NULL)
    return found;
  g_autofree char *folder = cache_begin(KIND, key, error);
  if (folder == NULL)
    return NULL;
  if (!download(version, folder, error)) {
    cache_discard(folder);
    g_prefix_error(error, "source package %s: ", version);
    return NULL;
  }
  return cache_commit(folder, KIND, key, error);
}
