/* install.c - installs real packages: TINYX_TEST_INSTALL has their names (separated by spaces; ""
 * for the base alone). Prints KEY=VALUE lines, and writes a manifest of the installation to LIST
 * where that is set. Run by tests/slow/05-install.sh. */
#include "rootfs/install.h"
#include "base/files.h"
#include "base/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static guint
count_new(Tree *tree) {
  const GPtrArray *entries = tree_entries(tree);
  guint count = 0;
  for (guint i = 0; i < entries->len; i++)
    count += installation_is_new(entries->pdata[i]);
  return count;
}

static void
test_install(void) {
  const char *names = g_getenv("TINYX_TEST_INSTALL");
  const char *list = g_getenv("LIST");
  g_autoptr(GError) error = NULL;
  g_auto(Installation) installation = {0};
  if (names == NULL) {
    g_test_skip("takes minutes and a network: run by tests/slow/05-install.sh");
    return;
  }
  g_auto(GStrv) packages = g_strsplit(names, " ", -1);
  if (*names == '\0')
    g_clear_pointer(&packages[0], g_free);
  proc_catch_signals();
  gboolean done = installation_get((const char *const *)packages, &installation, &error);
  if (done && list != NULL) {
    g_autofree char *text = tree_manifest_text(installation.tree, NULL);
    done = file_write(list, text, strlen(text), 0644, &error);
  }
  if (!done) {
    fprintf(stderr, "%s\n", error->message);
    exit(10 + error->code); /* the script looks at the message and the kind of error */
  }
  printf("# root=%s\n# entries=%u\n# new=%u\n", installation.root,
         tree_entries(installation.tree)->len, count_new(installation.tree));
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/install/real", test_install);
  return g_test_run();
}
