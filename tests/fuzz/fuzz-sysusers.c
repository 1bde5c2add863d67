/* fuzz-sysusers.c - any bytes as sysusers.d(5): tinyx/draft/sysusers.c. */
#include "draft/sysusers.h"

#include "fuzz.h"

/* What is written into passwd(5) must be one field of one line. */
static void
check_field(const char *field) {
  if (field != NULL && strpbrk(field, ":\n") != NULL)
    g_error("a field of passwd: '%s'", field);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  g_autofree char *copy = fuzz_copy(data, size);
  g_autofree char *text = g_strndup(copy, size);
  g_autoptr(Tree) tree = tree_new();
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  tree_add_data(tree, "/usr/lib/sysusers.d/fuzz.conf", text, -1, 0644, from_package("fuzz", "new"),
                NULL);
  g_autoptr(GPtrArray) entries = sysusers_read(tree, complaints);
  for (guint i = 0; i < entries->len; i++) {
    const SysusersEntry *entry = entries->pdata[i];
    if (entry->name == NULL || entry->name[0] == '\0' || strchr("ugm", entry->type) == NULL ||
        entry->id < -1 || entry->id > G_MAXUINT32)
      g_error("%s: type %c, name %s", entry->origin, entry->type, entry->name);
    check_field(entry->name);
    check_field(entry->group);
    check_field(entry->gecos);
    check_field(entry->home);
    check_field(entry->shell);
  }
  return 0;
}
