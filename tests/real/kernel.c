/* kernel.c - configures and builds a real kernel from the source TINYX_TEST_KERNEL ("6.1"). FILES
 * (paths separated by colons) and FACTS are the evidence, LOCK is a recipe's lock, WITH are
 * features asked for by name. Prints KEY=VALUE lines; with CONFIGURE_ONLY, the .config too. Run by
 * tests/slow/20-kernel.sh. */
#include "kernel/kernel.h"
#include "base/split.h"
#include "kernel/lock.h"

#include <stdio.h>
#include <stdlib.h>

static GPtrArray *
files_from(const char *list) {
  GPtrArray *files = g_ptr_array_new();
  g_auto(GStrv) paths = g_strsplit(list != NULL ? list : "", ":", -1);
  for (guint i = 0; paths[i] != NULL && *paths[i] != '\0'; i++) {
    KernelFile *file = g_new0(KernelFile, 1);
    file->image_path = file->source = g_strdup(paths[i]);
    g_ptr_array_add(files, file);
  }
  return files;
}

static GPtrArray *
requests_from(const char *list) {
  GPtrArray *requests = g_ptr_array_new_with_free_func((GDestroyNotify)symbol_request_free);
  g_auto(GStrv) words = g_strsplit(list != NULL ? list : "", " ", -1);
  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++) {
    g_auto(GStrv) sides = g_strsplit(words[i], "=", 2);
    g_ptr_array_add(requests, symbol_request_new(sides[0], sides[1], "request", "the test's"));
  }
  return requests;
}

static void
test_build(void) {
  const char *source = g_getenv("TINYX_TEST_KERNEL");
  g_autoptr(GError) error = NULL;
  g_auto(KernelResult) result = {0};
  if (source == NULL) {
    g_test_skip("takes minutes: run by tests/slow/20-kernel.sh");
    return;
  }
  const char *named = g_getenv("PLATFORM"), *locked = g_getenv("LOCK");
  g_autoptr(Platform) platform = platform_load(named != NULL ? named : PLATFORM_DEFAULT, &error);
  if (platform == NULL) {
    fprintf(stderr, "%s\n", error->message);
    exit(10 + error->code);
  }
  g_autoptr(Lock) lock = locked != NULL ? lock_load(locked, &error) : NULL;
  g_assert_no_error(error);
  g_autoptr(Facts) facts = facts_new();
  g_auto(GStrv) names = split_words(g_getenv("FACTS") != NULL ? g_getenv("FACTS") : "", " ");
  for (char **name = names; *name != NULL && facts_add_named(facts, *name, &error); name++)
    ;
  g_assert_no_error(error);
  g_auto(GStrv) with = g_getenv("WITH") != NULL ? g_strsplit(g_getenv("WITH"), " ", -1) : NULL;
  const KernelInput input = {.source = source,
                             .platform = platform,
                             .files = files_from(g_getenv("FILES")),
                             .facts = facts,
                             .with = (const char *const *)with,
                             .requests = requests_from(g_getenv("REQUESTS")),
                             .lock = lock};
  gboolean done;
  if (g_getenv("CONFIGURE_ONLY") != NULL) {
    g_autofree char *config = NULL;
    done = kernel_configure(&input, &result, &config, &error);
    printf("%s", done ? config : "");
  } else {
    done = kernel_build(&input, &result, &error);
  }
  if (!done) {
    fprintf(stderr, "%s\n", error->message);
    exit(10 + error->code); /* the script looks at the message and the kind of error */
  }
  printf("# folder=%s\n# version=%s\n# symbols=%u\n# bzimage=%" G_GINT64_FORMAT
         "\n# vmlinux=%" G_GINT64_FORMAT "\n# cached=%d\n# least=%d\n# start=%#" G_GINT64_MODIFIER
         "x\n# span=%#" G_GINT64_MODIFIER "x\n",
         result.folder != NULL ? result.folder : "", result.version, result.symbols_y,
         result.image_size, result.vmlinux_size, result.from_cache,
         platform_least_memory(platform, &result.facts, 10 << 20), result.facts.phys_start,
         result.facts.span);
}

int
main(int argc, char **argv) {
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/kernel/real", test_build);
  return g_test_run();
}
