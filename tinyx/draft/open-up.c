/* open-up.c - makes a daemon listen on all addresses that would listen on the loopback alone. */
#include "draft/open-up.h"

#include "base/files.h"
#include "base/place.h"
#include "base/strings.h"
#include "draft/draft-private.h"
#include "draft/find.h"
#include "draft/listen.h"

#include <string.h>

#define OPEN_UP "rootfs/open-up"

/* The files below FOLDER become files of the draft, below PATH in the image. */
static void
add_files(Draft *draft, const char *folder, const char *path) {
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *source = g_build_filename(folder, name, NULL);
    g_autofree char *inside = g_build_filename(path, name, NULL);
    char *text = NULL;
    if (strcmp(inside, "/arguments") == 0 || strcmp(inside, "/packages") == 0)
      continue;
    if (g_file_test(source, G_FILE_TEST_IS_DIR))
      add_files(draft, source, inside);
    else if (file_read(source, FILE_OWN_MAX, &text, NULL, NULL)) {
      g_hash_table_replace(draft->files, g_strdup(inside), text);
      g_ptr_array_add(draft->notes, g_strdup_printf("files%s is from rootfs/open-up: without it it "
                                                    "would serve the loopback only, or not start",
                                                    inside));
    }
  }
}

/* The lines of FOLDER/arguments go to the end of the command; those that begin with # are comments.
 */
static void
add_arguments(Draft *draft, Service *service, const char *folder) {
  g_autofree char *path = g_build_filename(folder, "arguments", NULL);
  g_autofree char *text = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, NULL))
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_strstrip(lines[i])[0] == '\0' || lines[i][0] == '#')
      continue;
    char *command = g_strdup_printf("%s %s", service->run->command, lines[i]);
    g_free(service->run->command);
    service->run->command = command;
    g_ptr_array_add(
        draft->notes,
        g_strdup_printf("it listens on the loopback only unless told otherwise: %s tells "
                        "it",
                        lines[i]));
  }
}

/* FOLDER/packages has, one a line, packages that the daemon's own only recommends, and without
 * which it does not start. */
static void
add_packages(Draft *draft, const char *folder) {
  g_autofree char *path = g_build_filename(folder, "packages", NULL);
  g_autofree char *text = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, NULL))
    return;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_strstrip(lines[i])[0] != '\0' && lines[i][0] != '#')
      strv_add_once(&draft->recipe->packages, lines[i]);
}

void
open_up(Draft *draft, Service *service, Tree *installed, const PortRules *rules) {
  g_autoptr(GPtrArray) files = listen_files(draft, service, installed);
  g_autofree char *program = listen_program(service);
  g_autofree char *known = g_build_filename(OPEN_UP, program, NULL);
  g_autofree char *folder = data_path(known);
  char *command = ports_open_up(rules, service->run->command, PORTS_PLAIN, NULL);
  if (command != NULL) {
    g_ptr_array_add(
        draft->notes,
        g_strdup_printf("%s listens on the loopback only: the command has 0.0.0.0 instead",
                        service->origin));
    g_free(service->run->command);
    service->run->command = command;
  }
  for (guint i = 0; i < files->len; i++) {
    const TreeEntry *entry = files->pdata[i];
    gboolean program_file = (entry->mode & 0111) != 0; /* no configuration */
    g_autofree char *text = program_file ? NULL : find_text(installed, entry->path);
    int line = 0;
    char *opened = text != NULL ? ports_open_up(rules, text, PORTS_PLAIN, &line) : NULL;
    if (opened == NULL)
      continue;
    g_ptr_array_add(draft->notes,
                    place_message(entry->path, line,
                                  "it listens on the loopback only; files%s has 0.0.0.0 instead",
                                  entry->path));
    draft_put_copy(draft, entry, opened);
  }
  add_files(draft, folder, "/");
  add_arguments(draft, service, folder);
  add_packages(draft, folder);
}
