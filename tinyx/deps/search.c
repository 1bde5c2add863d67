/* search.c - looks a library up in the order of ld.so(8). */
#include "deps/search.h"

#include "base/program.h"
#include "deps/ldconf.h"

#include <elf.h>
#include <string.h>

struct LibrarySearch {
  Root *root;
  ContentStore *store;
  SearchFlags flags;
  GPtrArray *conf; /* char*: the folders of ld.so.conf */
};

/* What is looked for, and for whom. */
typedef struct {
  const char *name;
  const LinkMap *loader, *main_map;
  const ElfInfo *program; /* class and machine must be its */
  SearchResult *result;
} Query;

static const struct {
  guint16 machine;
  gboolean is64;
  const char *triplet, *platform;
} architectures[] = {
    {EM_X86_64, TRUE, "x86_64-linux-gnu", "x86_64"},
    {EM_X86_64, FALSE, "x86_64-linux-gnux32", "x86_64"},
    {EM_386, FALSE, "i386-linux-gnu", "i686"},
    {EM_AARCH64, TRUE, "aarch64-linux-gnu", "aarch64"},
    {EM_ARM, FALSE, "arm-linux-gnueabihf", "v7l"},
    {EM_RISCV, TRUE, "riscv64-linux-gnu", "riscv64"},
    {EM_PPC64, TRUE, "powerpc64le-linux-gnu", "power8"},
    {EM_S390, TRUE, "s390x-linux-gnu", "z900"},
    {EM_LOONGARCH, TRUE, "loongarch64-linux-gnu", "loongarch64"},
};

void
search_result_clear(SearchResult *result) {
  g_clear_pointer(&result->name, g_free);
  g_clear_pointer(&result->problem, g_free);
}

LibrarySearch *
library_search_new(Root *root, ContentStore *store, SearchFlags flags) {
  LibrarySearch *search = g_new0(LibrarySearch, 1);
  search->root = root;
  search->store = store;
  search->flags = flags;
  search->conf = ldconf_read(root, "/etc/ld.so.conf");
  return search;
}

void
library_search_free(LibrarySearch *search) {
  if (search == NULL)
    return;
  g_ptr_array_unref(search->conf);
  g_free(search);
}

gboolean
search_is_musl(const ElfInfo *program) {
  return program->interp != NULL && strstr(program->interp, "/ld-musl-") != NULL;
}

static gsize
architecture_index(const ElfInfo *program) {
  gsize i = 0;
  while (i < G_N_ELEMENTS(architectures) &&
         (architectures[i].machine != program->machine || architectures[i].is64 != program->is64))
    i++;
  return i;
}

static const char *
triplet_of(const ElfInfo *program) {
  gsize i = architecture_index(program);
  return i < G_N_ELEMENTS(architectures) ? architectures[i].triplet : NULL;
}

/* The highest x86-64-vN of this CPU; 1 is the base line. */
static int
cpu_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("popcnt"))
    return 1;
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") ||
      !__builtin_cpu_supports("fma"))
    return 2;
  return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") ? 4 : 3;
#else
  return 1;
#endif
}

/* TRUE ends the search: found, or found something that the loader gives up on. */
static gboolean
try_path(LibrarySearch *search, const Query *query, const char *path) {
  const RootPath *there = root_resolve(search->root, path);
  if (there->node->type != NODE_FILE)
    return FALSE;
  Content *content = content_get(search->store, there->node);
  if (content->kind == CONTENT_ELF && (content->elf->machine != query->program->machine ||
                                       content->elf->is64 != query->program->is64 ||
                                       content->elf->big_endian != query->program->big_endian))
    return FALSE; /* another architecture: the loader goes on */
  query->result->path = there;
  query->result->content = content;
  query->result->name = g_strdup(path);
  if (content->kind == CONTENT_BAD)
    query->result->problem = g_strdup(content->problem);
  else if (content->kind != CONTENT_ELF)
    query->result->problem = g_strdup_printf("%s: no ELF file", path);
  return TRUE;
}

static gboolean
try_folder(LibrarySearch *search, const Query *query, const char *folder) {
  g_autofree char *path = g_build_filename(folder, query->name, NULL);
  return try_path(search, query, path);
}

/* The variants of one level below FOLDER. */
static gboolean
try_hwcaps(LibrarySearch *search, const Query *query, const char *folder, int level) {
  g_autofree char *hwcaps = g_build_filename(folder, "glibc-hwcaps", NULL);
  if (query->program->machine != EM_X86_64 ||
      root_resolve(search->root, hwcaps)->node->type != NODE_FOLDER)
    return FALSE;
  g_autofree char *variant = g_strdup_printf("%s/x86-64-v%d", hwcaps, level);
  return try_folder(search, query, variant);
}

static int
own_level(const LibrarySearch *search) {
  return (search->flags & SEARCH_THIS_CPU) != 0 && root_is_here(search->root) ? cpu_level() : 1;
}

/* A folder of RPATH or RUNPATH: the best variant first, then the base file. */
static gboolean
try_path_folder(LibrarySearch *search, const Query *query, const char *folder) {
  for (int level = own_level(search); level > 1; level--)
    if (try_hwcaps(search, query, folder, level))
      return TRUE;
  return try_folder(search, query, folder);
}

static const char *
lib_token(LibrarySearch *search, const ElfInfo *program) {
  const char *triplet = triplet_of(program);
  if (triplet != NULL) {
    g_autofree char *folder = g_strconcat("/lib/", triplet, NULL);
    if (root_resolve(search->root, folder)->node->type == NODE_FOLDER)
      return g_intern_string(folder + 1);
  }
  return program->is64 ? "lib64" : "lib";
}

static const char *
platform_token(const ElfInfo *program) {
  gsize i = architecture_index(program);
  return i < G_N_ELEMENTS(architectures) ? architectures[i].platform : "";
}

/* $NAME or ${NAME} at TEXT; returns its length, or 0. */
static gsize
token_length(const char *text, const char *name) {
  gsize length = strlen(name);
  if (strncmp(text + 1, name, length) == 0 && !g_ascii_isalnum(text[1 + length]) &&
      text[1 + length] != '_')
    return length + 1;
  if (text[1] == '{' && strncmp(text + 2, name, length) == 0 && text[2 + length] == '}')
    return length + 3;
  return 0;
}

/* "Dynamic string tokens" of ld.so(8). */
static char *
expand_tokens(LibrarySearch *search, const Query *query, const LinkMap *map, const char *text) {
  if (strchr(text, '$') == NULL)
    return g_strdup(text);
  g_autofree char *origin = g_path_get_dirname(map->name);
  const struct {
    const char *name, *value;
  } tokens[] = {{"ORIGIN", origin},
                {"LIB", lib_token(search, query->program)},
                {"PLATFORM", platform_token(query->program)}};
  g_autoptr(GString) result = g_string_new(NULL);
  while (*text != '\0') {
    gsize skip = 0;
    for (gsize i = 0; *text == '$' && skip == 0 && i < G_N_ELEMENTS(tokens); i++) {
      skip = token_length(text, tokens[i].name);
      if (skip != 0)
        g_string_append(result, tokens[i].value);
    }
    if (skip == 0)
      g_string_append_c(result, *text);
    text += MAX(skip, 1);
  }
  return g_string_free(g_steal_pointer(&result), FALSE);
}

/* Relative entries depend on the working directory, which nobody knows here: passed over. */
static gboolean
try_path_list(LibrarySearch *search, const Query *query, const LinkMap *map, const char *list) {
  if (list == NULL)
    return FALSE;
  g_auto(GStrv) entries = g_strsplit(list, ":", -1);
  for (guint i = 0; entries[i] != NULL; i++) {
    g_autofree char *folder = expand_tokens(search, query, map, entries[i]);
    if (folder[0] == '/' && try_path_folder(search, query, folder))
      return TRUE;
  }
  return FALSE;
}

static gboolean
try_rpath(LibrarySearch *search, const Query *query) {
  gboolean did_main = FALSE;
  if (query->loader->content->elf->runpath != NULL)
    return FALSE;
  for (const LinkMap *map = query->loader; map != NULL; map = map->loader) {
    const ElfInfo *elf = map->content->elf;
    did_main = did_main || map == query->main_map;
    if (elf->runpath == NULL && try_path_list(search, query, map, elf->rpath))
      return TRUE;
  }
  const ElfInfo *elf = query->main_map->content->elf;
  return !did_main && elf->runpath == NULL &&
         try_path_list(search, query, query->main_map, elf->rpath);
}

static GPtrArray *
default_folders(const ElfInfo *program) {
  GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
  const char *triplet = triplet_of(program);
  if (triplet != NULL) {
    g_ptr_array_add(folders, g_strconcat("/lib/", triplet, NULL));
    g_ptr_array_add(folders, g_strconcat("/usr/lib/", triplet, NULL));
  }
  if (program->is64) {
    g_ptr_array_add(folders, g_strdup("/lib64"));
    g_ptr_array_add(folders, g_strdup("/usr/lib64"));
  }
  g_ptr_array_add(folders, g_strdup("/lib"));
  g_ptr_array_add(folders, g_strdup("/usr/lib"));
  return folders;
}

/* ldconfig puts only what is named like a library into the cache. */
static gboolean
is_cached_name(const char *name) {
  return (g_str_has_prefix(name, "lib") || g_str_has_prefix(name, "ld-")) &&
         strstr(name, ".so") != NULL;
}

static gboolean
try_folders(LibrarySearch *search, const Query *query, const GPtrArray *folders, int level) {
  for (guint i = 0; i < folders->len; i++)
    if (level > 1 ? try_hwcaps(search, query, folders->pdata[i], level)
                  : try_folder(search, query, folders->pdata[i]))
      return TRUE;
  return FALSE;
}

/* The loader itself cannot know ld.so.conf: it needs the cache for what is in no default folder. */
static void
note_conf(LibrarySearch *search, const Query *query, const GPtrArray *defaults) {
  g_autofree char *found = g_path_get_dirname(query->result->name);
  const RootNode *folder = root_resolve(search->root, found)->node;
  for (guint i = 0; i < defaults->len; i++)
    if (root_resolve(search->root, defaults->pdata[i])->node == folder)
      return;
  query->result->by_conf = TRUE;
}

static gboolean
try_system(LibrarySearch *search, const Query *query) {
  g_autoptr(GPtrArray) defaults = default_folders(query->program);
  static const GPtrArray none = {NULL, 0};
  const GPtrArray *conf = is_cached_name(query->name) ? search->conf : &none;
  for (int level = own_level(search); level >= 1; level--) {
    if (try_folders(search, query, conf, level)) {
      note_conf(search, query, defaults);
      return TRUE;
    }
    if (try_folders(search, query, defaults, level))
      return TRUE;
  }
  for (int level = 2; level <= 4; level++)
    if (try_folders(search, query, conf, level) || try_folders(search, query, defaults, level))
      return TRUE;
  return FALSE;
}

/* musl: one list of folders, RPATH and RUNPATH alike and both inherited (ldso/dynlink.c). */
static gboolean
try_musl(LibrarySearch *search, const Query *query) {
  for (const LinkMap *map = query->loader; map != NULL; map = map->loader) {
    const ElfInfo *elf = map->content->elf;
    if (try_path_list(search, query, map, elf->runpath != NULL ? elf->runpath : elf->rpath))
      return TRUE;
  }
  g_autoptr(GPtrArray) folders = ldconf_musl_folders(search->root, query->program->interp);
  return try_folders(search, query, folders, 1);
}

gboolean
search_library(LibrarySearch *search, const LinkMap *loader, const LinkMap *main_map,
               const char *ld_library_path, const char *name, SearchResult *result) {
  const ElfInfo *program = main_map->content->elf;
  Query query = {.loader = loader, .main_map = main_map, .program = program, .result = result};
  g_autofree char *expanded = expand_tokens(search, &query, loader, name);
  query.name = expanded;
  if (strchr(expanded, '/') != NULL)
    return expanded[0] == '/' && try_path(search, &query, expanded);
  if (search_is_musl(program))
    return try_path_list(search, &query, main_map, ld_library_path) || try_musl(search, &query);
  if (try_rpath(search, &query) || try_path_list(search, &query, main_map, ld_library_path) ||
      try_path_list(search, &query, loader, loader->content->elf->runpath))
    return TRUE;
  return !loader->content->elf->nodeflib && try_system(search, &query);
}

static gboolean
is_program(const char *path, gpointer root) {
  const RootNode *node = root_resolve(root, path)->node;
  return node->type == NODE_FILE && (node->mode & 0111) != 0;
}

char *
search_program(Root *root, const char *name) {
  return name[0] == '/' ? g_strdup(name) : program_find(name, is_program, root);
}
