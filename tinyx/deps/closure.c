/* closure.c - which files come in: the queue of files, and what each asks for. */
#include "deps/closure.h"

#include "base/files.h"
#include "base/strings.h"
#include "deps/closure-private.h"

#include <elf.h>
#include <string.h>

static void
dep_file_free(gpointer data) {
  DepFile *file = data;
  g_free(file->path);
  g_free(file->link);
  g_free(file->needed_by);
  g_free(file->rule);
  g_free(file);
}

void
closure_say(GHashTable *lines, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_hash_table_add(lines, g_strdup_vprintf(format, args));
  va_end(args);
}

/* The entry for NODE, unless it is there already. */
static void
add_entry(Resolver *resolver, const RootNode *node, const Reason *reason) {
  if (g_hash_table_contains(resolver->files, node->path))
    return;
  DepFile *file = g_new0(DepFile, 1);
  file->path = g_strdup(node->path);
  file->link = g_strdup(node->link);
  file->size = node->size;
  file->kind = reason->kind;
  file->needed_by = g_strdup(reason->needed_by);
  file->rule = g_strdup(reason->rule);
  g_hash_table_insert(resolver->files, file->path, file);
}

const RootNode *
closure_add_path(Resolver *resolver, const char *path, const Reason *reason) {
  const RootPath *there = root_resolve(resolver->root, path);
  if (there->node->type != NODE_FILE)
    return NULL;
  Reason step = *reason;
  for (guint i = 0; i < there->file_links->len; i++) {
    const RootNode *link = there->file_links->pdata[i];
    add_entry(resolver, link, &step);
    step = (Reason){DEP_SYMLINK, link->path, "target of the link"};
  }
  add_entry(resolver, there->node, &step);
  if (there->links->len == there->file_links->len)
    return there->node;

  g_autofree char *rule = g_strdup_printf("on the way to %s", path);
  Reason way = {DEP_SYMLINK, reason->needed_by, rule};
  for (guint i = 0; i < there->links->len; i++)
    add_entry(resolver, there->links->pdata[i], &way);
  return there->node;
}

void
closure_queue_file(Resolver *resolver, const char *path, const Reason *reason) {
  const RootNode *node = closure_add_path(resolver, path, reason);
  if (node == NULL) {
    const RootPath *there = root_resolve(resolver->root, path);
    closure_say(resolver->missing, "%s: %s: %s: %s", reason->needed_by, reason->rule, path,
                there->loop ? "too many symlinks" : "not found");
    return;
  }
  if (g_hash_table_add(resolver->queued, (gpointer)node))
    g_queue_push_tail(resolver->queue, (gpointer)node);
}

static void
follow_script(Resolver *resolver, const Content *content) {
  const char *interpreter = content->script[0];
  g_autofree char *rule = g_strdup_printf("#! %s", interpreter);
  Reason reason = {DEP_SCRIPT, content->node->path, rule};
  if (interpreter[0] != '/') {
    closure_say(resolver->missing, "%s: %s: not an absolute path", content->node->path, rule);
    return;
  }
  closure_queue_file(resolver, interpreter, &reason);

  g_autofree char *base = g_path_get_basename(interpreter);
  g_autofree char *name = strcmp(base, "env") == 0 ? content_env_program(content->script[1]) : NULL;
  if (name == NULL)
    return;
  g_autofree char *env_rule = g_strdup_printf("#! %s %s", interpreter, content->script[1]);
  g_autofree char *program = search_program(resolver->root, name);
  reason.rule = env_rule;
  if (program != NULL)
    closure_queue_file(resolver, program, &reason);
  else
    closure_say(resolver->missing, "%s: %s: %s is in none of the folders of PATH",
                content->node->path, env_rule, name);
}

/* Says what is special about a program that was named. */
static void
note_program(Resolver *resolver, const Content *content) {
  const ElfInfo *elf = content->elf;
  const char *machine = elf_machine_name(elf->machine);
  if (elf->type != ET_EXEC && elf->type != ET_DYN)
    closure_say(resolver->notes, "%s: an ELF file that is no program or library (type %u)",
                content->node->path, elf->type);
  else if (elf->interp == NULL && elf->needed[0] == NULL && (elf->type == ET_EXEC || elf->pie))
    closure_say(resolver->notes, "%s: static (%s): needs no loader and no library",
                content->node->path, machine);
  if (root_is_here(resolver->root) &&
      (elf->machine != elf_machine_here() || elf->is64 != (sizeof(void *) == 8)))
    closure_say(resolver->notes, "%s: for %s, %d-bit, not for this machine (%s)",
                content->node->path, machine, elf->is64 ? 64 : 32,
                elf_machine_name(elf_machine_here()));
}

static gboolean
follow(Resolver *resolver, const RootNode *node, GError **error) {
  Content *content = content_get(resolver->store, node);
  const DepFile *entry = g_hash_table_lookup(resolver->files, node->path);
  gboolean named = g_hash_table_contains(resolver->named, node);
  if (content->kind == CONTENT_BAD) {
    if (named && resolver->pass_over) {
      closure_say(resolver->notes, "%s; taken as it is, without what it may need",
                  content->problem);
      return TRUE;
    }
    if (named) {
      g_set_error_literal(error, TINYX_ERROR, TINYX_ERROR_INPUT, content->problem);
      return FALSE;
    }
    closure_say(resolver->missing, "%s: %s: %s", entry->needed_by, entry->rule, content->problem);
    return TRUE;
  }
  if (content->kind == CONTENT_ELF) {
    if (named)
      note_program(resolver, content);
    closure_follow_program(resolver, content);
  } else if (content->kind == CONTENT_SCRIPT && (named || entry->kind != DEP_RULE)) {
    /* A module that a rule brings in is read by its interpreter, whatever its first line says. */
    follow_script(resolver, content);
  }
  closure_apply_file_rules(resolver, content);
  return TRUE;
}

static gboolean
queue_named(Resolver *resolver, const char *name, GError **error) {
  static const Reason reason = {DEP_NAMED, NULL, "named"};
  g_autofree char *path = name[0] == '/' ? g_strdup(name) : g_strconcat("/", name, NULL);
  const RootPath *there = root_resolve(resolver->root, path);
  const char *problem = there->loop                         ? "too many symlinks (a loop)"
                        : there->node->type == NODE_MISSING ? "no such file"
                        : there->node->type == NODE_FOLDER  ? "is a folder; expected a file"
                        : there->node->type == NODE_FILE    ? NULL
                                                            : "not a regular file";
  if (problem != NULL) {
    gboolean dangling = there->node->type == NODE_MISSING && there->links->len > 0;
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "%s: %s%s%s", path, problem,
                dangling ? ": a link leads to " : "", dangling ? there->node->path : "");
    return FALSE;
  }
  g_hash_table_add(resolver->named, (gpointer)there->node);
  closure_queue_file(resolver, path, &reason);
  return TRUE;
}

static GPtrArray *
load_rules(const ClosureInput *input, GError **error) {
  if (input->static_only)
    return g_ptr_array_new();
  g_autofree char *path =
      input->rules != NULL ? g_strdup(input->rules) : data_path("rootfs/runtime.rules");
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr(GError) why = NULL;
  if (!file_read(path, FILE_OWN_MAX, &text, &size, &why)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "run-time rules: %s", why->message);
    return NULL;
  }
  return runtime_rules_parse(text, size, path, error);
}

static gboolean
resolver_open(Resolver *resolver, const ClosureInput *input, GError **error) {
  resolver->rules = load_rules(input, error);
  if (resolver->rules == NULL || (resolver->root = root_new(input->root, error)) == NULL)
    return FALSE;
  resolver->static_only = input->static_only;
  resolver->pass_over = input->pass_over;
  resolver->ld_library_path = input->ld_library_path;
  resolver->path_of_some = input->path_of_some;
  resolver->preload = input->preload;
  resolver->preload_elsewhere = input->preload_elsewhere;
  resolver->store = content_store_new(resolver->root, input->static_only ? 0 : ELF_WANT_IMPORTS);
  resolver->search =
      library_search_new(resolver->root, resolver->store, input->static_only ? SEARCH_THIS_CPU : 0);
  resolver->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, dep_file_free);
  resolver->missing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  resolver->notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  resolver->named = g_hash_table_new(NULL, NULL);
  resolver->queued = g_hash_table_new(NULL, NULL);
  resolver->queue = g_queue_new();
  return TRUE;
}

static void
resolver_close(Resolver *resolver) {
  g_clear_pointer(&resolver->files, g_hash_table_unref);
  g_clear_pointer(&resolver->missing, g_hash_table_unref);
  g_clear_pointer(&resolver->notes, g_hash_table_unref);
  g_clear_pointer(&resolver->named, g_hash_table_unref);
  g_clear_pointer(&resolver->queued, g_hash_table_unref);
  g_clear_pointer(&resolver->queue, g_queue_free);
  library_search_free(resolver->search);
  content_store_free(resolver->store);
  root_free(resolver->root);
  g_clear_pointer(&resolver->rules, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Resolver, resolver_close)

static int
compare_files(gconstpointer a, gconstpointer b) {
  return strcmp((*(DepFile *const *)a)->path, (*(DepFile *const *)b)->path);
}

static GPtrArray *
take_lines(GHashTable *lines) {
  GPtrArray *array = g_ptr_array_new_with_free_func(g_free);
  GHashTableIter iter;
  gpointer line;
  g_hash_table_iter_init(&iter, lines);
  while (g_hash_table_iter_next(&iter, &line, NULL)) {
    g_ptr_array_add(array, line);
    g_hash_table_iter_steal(&iter);
  }
  strings_sort(array);
  return array;
}

static void
take_result(Resolver *resolver, Closure *closure) {
  GHashTableIter iter;
  gpointer file;
  closure->suspects = closure_suspects(resolver); /* first: it asks what is in */
  closure->files = g_ptr_array_new_with_free_func(dep_file_free);
  g_hash_table_iter_init(&iter, resolver->files);
  while (g_hash_table_iter_next(&iter, NULL, &file)) {
    g_ptr_array_add(closure->files, file);
    g_hash_table_iter_steal(&iter);
  }
  g_ptr_array_sort(closure->files, compare_files);
  closure->missing = take_lines(resolver->missing);
  closure->notes = take_lines(resolver->notes);
}

static gboolean
compute(const ClosureInput *input, gboolean without_nss, Closure *closure, GError **error) {
  g_auto(Resolver) resolver = {.without_nss = without_nss};
  if (!resolver_open(&resolver, input, error))
    return FALSE;
  for (guint i = 0; input->names[i] != NULL; i++)
    if (!queue_named(&resolver, input->names[i], error))
      return FALSE;
  const RootNode *node;
  while ((node = g_queue_pop_head(resolver.queue)) != NULL)
    if (!follow(&resolver, node, error))
      return FALSE;
  take_result(&resolver, closure);
  return TRUE;
}

gboolean
closure_compute(const ClosureInput *input, Closure *closure, GError **error) {
  return compute(input, FALSE, closure, error);
}

gboolean
closure_compute_without_nss(const ClosureInput *input, Closure *closure, GError **error) {
  return compute(input, TRUE, closure, error);
}

void
closure_clear(Closure *closure) {
  g_clear_pointer(&closure->files, g_ptr_array_unref);
  g_clear_pointer(&closure->missing, g_ptr_array_unref);
  g_clear_pointer(&closure->notes, g_ptr_array_unref);
  g_clear_pointer(&closure->suspects, g_ptr_array_unref);
}
