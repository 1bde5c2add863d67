/* neutral.c - a kernel with some functions made to return at once. */
#include "minimize/neutral.h"

#include "base/elffile.h"
#include "base/files.h"

#include <string.h>

/* x86-64: xor %eax,%eax; ret */
static const guint8 return_zero[] = {0x31, 0xc0, 0xc3};
/* mov $-38,%rax; ret: ENOSYS */
static const guint8 return_enosys[] = {0x48, 0xc7, 0xc0, 0xda, 0xff, 0xff, 0xff, 0xc3};

struct Neutral {
  char *data; /* the file */
  gsize size;
  ElfFile elf;           /* of it */
  GHashTable *initcalls; /* address (guint64*) as a set */
};

void
neutral_close(Neutral *neutral) {
  if (neutral == NULL)
    return;
  g_free(neutral->data);
  if (neutral->initcalls != NULL)
    g_hash_table_unref(neutral->initcalls);
  g_free(neutral);
}

/* Where LENGTH bytes at ADDRESS are in DATA, which is the file or a copy of it; NULL: nowhere. */
static char *
bytes_at(const Neutral *neutral, char *data, guint64 address, gsize length) {
  guint64 offset;
  return elf_file_find(&neutral->elf, address, length, &offset) ? data + offset : NULL;
}

static void
read_initcalls(Neutral *neutral, const Codemap *map) {
  const CodeSymbol *first = codemap_find(map, "__initcall_start");
  const CodeSymbol *last = codemap_find(map, "__initcall_end");
  for (guint64 at = first != NULL && last != NULL ? first->address : 0;
       last != NULL && at != 0 && at < last->address; at += 4) {
    gint32 distance;
    const char *bytes = bytes_at(neutral, neutral->data, at, sizeof distance);
    guint64 *target;
    if (bytes == NULL)
      return;
    memcpy(&distance, bytes, sizeof distance);
    target = g_new(guint64, 1);
    *target = at + (guint64)(gint64)distance;
    g_hash_table_add(neutral->initcalls, target);
  }
}

Neutral *
neutral_open(const char *vmlinux, const Codemap *map, GError **error) {
  g_autoptr(Neutral) neutral = g_new0(Neutral, 1);
  if (!file_read(vmlinux, ELF_BYTES_MAX, &neutral->data, &neutral->size, error))
    return NULL;
  if (!elf_file_open(&neutral->elf, neutral->data, neutral->size, "vmlinux", NULL) ||
      !neutral->elf.is64) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT, "%s: expected a 64-bit ELF kernel",
                vmlinux);
    return NULL;
  }
  neutral->initcalls = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  read_initcalls(neutral, map);
  return g_steal_pointer(&neutral);
}

static gboolean
is_initcall(const Neutral *neutral, const CodeSymbol *function) {
  return g_hash_table_contains(neutral->initcalls, &function->address);
}

static gboolean
is_syscall(const CodeSymbol *function) {
  return g_str_has_prefix(function->name, "__x64_sys_");
}

gboolean
neutral_can(const Neutral *neutral, const CodeSymbol *function) {
  return (is_initcall(neutral, function) && function->size >= sizeof return_zero) ||
         (is_syscall(function) && function->size >= sizeof return_enosys);
}

gboolean
neutral_write(const Neutral *neutral, const GPtrArray *functions, const char *path,
              GError **error) {
  g_autofree char *copy = g_memdup2(neutral->data, neutral->size);
  for (guint i = 0; i < functions->len; i++) {
    const CodeSymbol *function = functions->pdata[i];
    gboolean syscall = is_syscall(function);
    gsize length = syscall ? sizeof return_enosys : sizeof return_zero;
    char *bytes;
    if (!neutral_can(neutral, function))
      continue;
    bytes = bytes_at(neutral, copy, function->address, length);
    if (bytes == NULL) {
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_CORRUPT,
                  "%s: function %s is not in the kernel file", path, function->name);
      return FALSE;
    }
    memcpy(bytes, syscall ? return_enosys : return_zero, length);
  }
  return file_write(path, copy, neutral->size, 0644, error);
}
