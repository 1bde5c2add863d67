/* program.c - where a program is looked for that has only a name. */
#include "base/program.h"

#include <string.h>

const char *const *
program_folders(void) {
  static const char *const folders[] = {
      "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", NULL};
  return folders;
}

char *
program_find(const char *name, ProgramTest is_there, gpointer data) {
  const char *const *folders = program_folders();
  if (name[0] == '/')
    return is_there(name, data) ? g_strdup(name) : NULL;
  if (name[0] == '\0' || strchr(name, '/') != NULL)
    return NULL;
  for (guint i = 0; folders[i] != NULL; i++) {
    g_autofree char *path = g_build_filename(folders[i], name, NULL);
    if (is_there(path, data))
      return g_steal_pointer(&path);
  }
  return NULL;
}
