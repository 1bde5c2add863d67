/* runnable.c - whether the image's kernel can start what the recipe runs. */
#include "rootfs/runnable.h"

#include "base/files.h"
#include "base/msg.h"
#include "deps/content.h"
#include "deps/elf.h"

#include <elf.h>
#include <stdio.h>

#define NAMED_MOST 3        /* foreign programs that one warning names */
#define SCRIPT_LINE 255     /* what execve(2) reads of the first line */
#define INTERPRETERS_MOST 4 /* scripts that run scripts: the kernel's own limit */

static gboolean
elf_check(const ElfInfo *info, const char *path, const char *place, GError **error) {
  if (!elf_is_for_images(info))
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "%s: %s is for %s, %d-bit; expected a program for x86-64, 64-bit: the kernel "
                      "of an image runs no other",
                      place, path, elf_machine_name(info->machine), info->is64 ? 64 : 32);
  if (info->type != ET_EXEC && info->type != ET_DYN)
    return tinyx_fail(error, TINYX_ERROR_INPUT,
                      "%s: %s is an ELF file that is no program (type %u); expected one", place,
                      path, info->type);
  return TRUE;
}

/* The interpreter that the "#!" line of SCRIPT names, in TREE; NULL if it is no script, or nothing
 * is there, which the closure says. */
static const TreeEntry *
interpreter_of(const Tree *tree, const TreeEntry *script) {
  char start[SCRIPT_LINE];
  FILE *file = file_open(script->source, G_MAXUINT64, NULL);
  gsize size = file != NULL ? fread(start, 1, sizeof start, file) : 0;
  if (file != NULL)
    fclose(file);
  g_auto(GStrv) words = content_script_line(start, size);
  const TreeEntry *entry = words != NULL ? tree_resolve(tree, words[0]) : NULL;
  return entry != NULL && entry->type == TREE_FILE ? entry : NULL;
}

gboolean
runnable_check(const Tree *tree, const TreeEntry *program, const char *place, GError **error) {
  for (int i = 0; i < INTERPRETERS_MOST && program != NULL && program->source != NULL; i++) {
    g_autoptr(GError) why = NULL;
    g_autoptr(ElfInfo) info = elf_read(program->source, 0, &why);
    if (why != NULL)
      return tinyx_fail(error, TINYX_ERROR_INPUT, "%s: %s cannot be started: %s", place,
                        program->path, why->message);
    if (info != NULL)
      return elf_check(info, program->path, place, error);
    program = interpreter_of(tree, program);
  }
  return TRUE;
}

void
runnable_warn(const Tree *tree, const Facts *facts) {
  g_autoptr(GString) names = g_string_new(NULL);
  const GPtrArray *list = facts_list(facts);
  guint count = 0;
  for (guint i = 0; i < list->len; i++) {
    const Fact *fact = list->pdata[i];
    if (fact->kind != FACT_TYPE || !g_str_equal(fact->value, "elf-foreign"))
      continue;
    const TreeEntry *entry = tree_find(tree, fact->file);
    if (entry == NULL || (entry->mode & 0111) == 0)
      continue;
    if (count < NAMED_MOST)
      g_string_append_printf(names, "%s%s", count > 0 ? ", " : "", fact->file);
    count++;
  }
  if (count > 0)
    msg_warn("%s%s: for another machine than x86-64, 64-bit; the image has %s, but its kernel "
             "cannot start %s",
             names->str, count > NAMED_MOST ? " and more" : "", count == 1 ? "it" : "them",
             count == 1 ? "it" : "them");
}
