/* meminfo.c - the program in an image that says how much memory was in use. */
#include "rootfs/meminfo.h"

#include "rootfs/static-program.h"

gboolean
meminfo_add(Tree *tree, GError **error) {
  g_autofree char *program = static_program("rootfs/glue/meminfo.c", error);
  return program != NULL &&
         tree_add_file(tree, "/etc/tinyx/meminfo", program, 0755,
                       from_origin(ORIGIN_GLUE, "says how much memory was in use, without /proc"),
                       error) != NULL;
}
