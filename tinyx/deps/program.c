/* program.c - one program's link maps, in the order in which ld.so makes them. */
#include "deps/closure-private.h"
#include "deps/dlopen.h"

#include <elf.h>
#include <string.h>

#define PRELOAD "/etc/ld.so.preload"

typedef struct {
  Resolver *resolver;
  GPtrArray *maps;    /* LinkMap*: the program first */
  GHashTable *names;  /* name -> LinkMap: a loaded object serves every name it is known by */
  GHashTable *loaded; /* Content* -> LinkMap */
  LinkMap *interp;    /* the loader itself, or NULL */
  gboolean old_libc;  /* glibc before 2.34: NSS "files" and "dns" are modules of their own */
} Program;

static void
map_free(gpointer data) {
  LinkMap *map = data;
  g_free(map->name);
  g_free(map);
}

static LinkMap *
map_add(Program *program, Content *content, const char *name, LinkMap *loader) {
  LinkMap *map = g_new0(LinkMap, 1);
  map->content = content;
  map->name = g_strdup(name);
  map->loader = loader;
  g_ptr_array_add(program->maps, map);
  g_hash_table_insert(program->loaded, content, map);
  if (content->elf->soname != NULL && !g_hash_table_contains(program->names, content->elf->soname))
    g_hash_table_insert(program->names, content->elf->soname, map);
  return map;
}

/* musl's libc.so answers for all of these (ldso/dynlink.c, load_library). */
static gboolean
is_musl_own(const char *name) {
  static const char *const own[] = {"libc.",  "libpthread.", "librt.",  "libm.",
                                    "libdl.", "libutil.",    "libxnet."};
  for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
    if (g_str_has_prefix(name, own[i]))
      return TRUE;
  return FALSE;
}

typedef enum { LOAD_FOUND, LOAD_MISSING, LOAD_BROKEN } LoadResult;

/* What the programs that are started without LD_LIBRARY_PATH find as NAME comes along. */
static void
add_without_path(Program *program, LinkMap *loader, const char *name, const Reason *reason) {
  Resolver *resolver = program->resolver;
  g_auto(SearchResult) found = {0};
  if (resolver->path_of_some && resolver->ld_library_path != NULL &&
      search_library(resolver->search, loader, program->maps->pdata[0], NULL, name, &found) &&
      found.problem == NULL)
    closure_add_path(resolver, found.name, reason);
}

/* NAME for LOADER; *PROBLEM says why it is broken. */
static LoadResult
load_library(Program *program, LinkMap *loader, const char *name, const Reason *reason,
             char **problem) {
  LinkMap *main_map = program->maps->pdata[0];
  if (g_hash_table_contains(program->names, name))
    return LOAD_FOUND;
  if (program->interp != NULL && search_is_musl(main_map->content->elf) && is_musl_own(name))
    return LOAD_FOUND;
  g_auto(SearchResult) found = {0};
  if (!search_library(program->resolver->search, loader, main_map,
                      program->resolver->ld_library_path, name, &found))
    return LOAD_MISSING;
  if (found.problem != NULL) {
    *problem = g_steal_pointer(&found.problem);
    return LOAD_BROKEN;
  }
  closure_add_path(program->resolver, found.name, reason);
  add_without_path(program, loader, name, reason);
  if (found.by_conf && !program->resolver->static_only) {
    g_autofree char *rule = g_strdup_printf("%s is in a folder of ld.so.conf", found.name);
    Reason cache = {DEP_RULE, main_map->content->node->path, rule};
    closure_queue_file(program->resolver, "/etc/ld.so.cache", &cache);
  }
  LinkMap *map = g_hash_table_lookup(program->loaded, found.content);
  if (map == NULL)
    map = map_add(program, found.content, found.name, loader);
  /* The key must outlive this call: DT_NEEDED strings live in the loader's ElfInfo, others not. */
  g_hash_table_insert(program->names, (gpointer)g_intern_string(name), map);
  if (g_str_has_prefix(name, "libc.so.") && strstr(found.content->node->path, "/libc-2.") != NULL)
    program->old_libc = TRUE;
  return LOAD_FOUND;
}

/* Loads one name, and says so where that fails. */
static LoadResult
load_or_say(Program *program, LinkMap *loader, const char *name, const Reason *reason,
            gboolean optional) {
  g_autofree char *problem = NULL;
  LoadResult result = load_library(program, loader, name, reason, &problem);
  if (result == LOAD_BROKEN || (result == LOAD_MISSING && !optional))
    closure_say(program->resolver->missing, "%s: %s: %s", loader->content->node->path, reason->rule,
                problem != NULL ? problem : "not found");
  return result;
}

static void
load_needed(Program *program, LinkMap *map) {
  char **needed = map->content->elf->needed;
  for (guint i = 0; needed[i] != NULL; i++) {
    g_autofree char *rule = g_strdup_printf("NEEDED %s", needed[i]);
    Reason reason = {DEP_NEEDED, map->content->node->path, rule};
    load_or_say(program, map, needed[i], &reason, FALSE);
  }
}

/* The libraries that provide the symbols of MAP in its place (ld.so(8), "filter objects"). */
static void
load_filters(Program *program, LinkMap *map) {
  const struct {
    char **names;
    const char *word;
    gboolean optional;
  } kinds[] = {{map->content->elf->filters, "FILTER", FALSE},
               {map->content->elf->auxiliary, "AUXILIARY", TRUE}};
  for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
    for (char **name = kinds[k].names; *name != NULL; name++) {
      g_autofree char *rule = g_strdup_printf("%s %s", kinds[k].word, *name);
      Reason reason = {DEP_NEEDED, map->content->node->path, rule};
      load_or_say(program, map, *name, &reason, kinds[k].optional);
    }
}

/* What /etc/ld.so.preload names: the loader maps it into each program (ld.so(8)), and only says so
 * where one is not there. musl has no such file. */
static void
load_preloaded(Program *program, LinkMap *main_map) {
  Resolver *resolver = program->resolver;
  if (program->interp == NULL || search_is_musl(main_map->content->elf))
    return;
  g_autofree char *text = root_text(resolver->root, PRELOAD);
  g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    (*line)[strcspn(*line, "#")] = '\0';
    g_auto(GStrv) names = g_strsplit_set(*line, " \t:", -1);
    for (char **name = names; *name != NULL; name++) {
      Reason reason = {DEP_RULE, main_map->content->node->path, PRELOAD " names it"};
      if (**name != '\0')
        load_or_say(program, main_map, *name, &reason, FALSE);
    }
  }
  if (text != NULL) {
    Reason reason = {DEP_RULE, main_map->content->node->path, "the loader reads it first"};
    closure_queue_file(resolver, PRELOAD, &reason);
  }
}

/* What LD_PRELOAD names, searched as a library that the program needs. */
static void
load_preload_variable(Program *program, LinkMap *main_map) {
  Resolver *resolver = program->resolver;
  if (resolver->preload == NULL || program->interp == NULL)
    return;
  g_auto(GStrv) names = g_strsplit(resolver->preload, ":", -1);
  for (char **name = names; *name != NULL; name++) {
    g_autofree char *rule = g_strdup_printf("LD_PRELOAD %s", *name);
    Reason reason = {DEP_RULE, main_map->content->node->path, rule};
    load_or_say(program, main_map, *name, &reason, resolver->preload_elsewhere);
  }
}

static void
load_dlopen_note(Program *program, LinkMap *map, const DlopenNote *note) {
  const char *feature = note->feature != NULL ? note->feature : "unnamed";
  g_autofree char *rule = g_strdup_printf("dlopen note: feature %s", feature);
  Reason reason = {DEP_DLOPEN, map->content->node->path, rule};
  if (note->priority == DLOPEN_SUGGESTED) {
    closure_say(program->resolver->notes, "%s: %s: only suggested, left out: %s", reason.needed_by,
                rule, note->sonames[0]);
    return;
  }
  for (guint i = 0; note->sonames[i] != NULL; i++)
    if (load_or_say(program, map, note->sonames[i], &reason, TRUE) != LOAD_MISSING)
      return;
  closure_say(note->priority == DLOPEN_REQUIRED ? program->resolver->missing
                                                : program->resolver->notes,
              "%s: %s: %s: not found", reason.needed_by, rule, note->sonames[0]);
}

static void
load_dlopen_notes(Program *program, LinkMap *map) {
  const GPtrArray *texts = map->content->elf->dlopen;
  for (guint i = 0; i < texts->len; i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) notes = dlopen_parse(texts->pdata[i], &error);
    if (notes == NULL)
      closure_say(program->resolver->notes, "%s: %s", map->content->node->path, error->message);
    for (guint k = 0; notes != NULL && k < notes->len; k++)
      load_dlopen_note(program, map, notes->pdata[k]);
  }
}

static void
load_by_rule(Program *program, LinkMap *map, const RuntimeRule *rule) {
  Reason reason = {DEP_RULE, map->content->node->path, rule->reason};
  if (rule->action == RUNTIME_RULE_LIBRARY) {
    for (guint i = 0; i < rule->arguments->len; i++) {
      const RuntimeRuleArgument *argument = rule->arguments->pdata[i];
      g_autofree char *text = g_strdup_printf("%s (%s)", rule->reason, argument->text);
      Reason with_name = {DEP_RULE, reason.needed_by, argument->optional ? rule->reason : text};
      load_or_say(program, map, argument->text, &with_name, argument->optional);
    }
  } else if (rule->action == RUNTIME_RULE_NSS) {
    /* libc goes on to the next service where a module is missing: nsswitch.conf(5). */
    g_autoptr(GPtrArray) modules =
        closure_nss_modules(program->resolver, reason.needed_by, rule, !program->old_libc);
    for (guint i = 0; i < modules->len; i++)
      load_or_say(program, map, modules->pdata[i], &reason, TRUE);
  }
}

/* What MAP opens when it runs. */
static void
load_extras(Program *program, LinkMap *map) {
  load_dlopen_notes(program, map);
  const GPtrArray *rules = closure_rules(program->resolver, map->content);
  for (guint i = 0; rules != NULL && i < rules->len; i++)
    load_by_rule(program, map, rules->pdata[i]);
  closure_apply_file_rules(program->resolver, map->content);
}

static void
load_interp(Program *program, LinkMap *main_map) {
  const ElfInfo *elf = main_map->content->elf;
  Resolver *resolver = program->resolver;
  if (elf->interp == NULL)
    return;
  g_autofree char *rule = g_strdup_printf("INTERP %s", elf->interp);
  Reason reason = {DEP_INTERP, main_map->content->node->path, rule};
  const RootNode *node = closure_add_path(resolver, elf->interp, &reason);
  Content *content = node != NULL ? content_get(resolver->store, node) : NULL;
  if (content == NULL || content->kind != CONTENT_ELF) {
    closure_say(resolver->missing, "%s: %s: %s", reason.needed_by, rule,
                content == NULL            ? "not found"
                : content->problem != NULL ? content->problem
                                           : "no ELF file");
    return;
  }
  program->interp = map_add(program, content, elf->interp, main_map);
  g_hash_table_insert(program->names, elf->interp, program->interp);
}

static void
load_all(Program *program) {
  guint followed = 0, extras = 0;
  /* Breadth first, as _dl_map_object_deps does it; what is opened later comes after all that. */
  while (followed < program->maps->len || extras < program->maps->len) {
    if (followed < program->maps->len) {
      load_needed(program, program->maps->pdata[followed]);
      load_filters(program, program->maps->pdata[followed++]);
    } else if (!program->resolver->static_only)
      load_extras(program, program->maps->pdata[extras++]);
    else
      break;
  }
}

void
closure_follow_program(Resolver *resolver, Content *content) {
  if (content->elf->type != ET_EXEC && content->elf->type != ET_DYN)
    return;
  Program program = {.resolver = resolver};
  program.maps = g_ptr_array_new_with_free_func(map_free);
  program.names = g_hash_table_new(g_str_hash, g_str_equal);
  program.loaded = g_hash_table_new(NULL, NULL);
  /* The kernel tells the loader the real path of the program (/proc/self/exe), so that $ORIGIN is
   * its folder, whatever symlink it was started by. */
  LinkMap *main_map = map_add(&program, content, content->node->path, NULL);
  load_interp(&program, main_map);
  load_preload_variable(&program, main_map);
  if (!resolver->static_only)
    load_preloaded(&program, main_map);
  load_all(&program);
  g_ptr_array_unref(program.maps);
  g_hash_table_unref(program.names);
  g_hash_table_unref(program.loaded);
}
