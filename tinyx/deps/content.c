/* content.c - reads each file once: ELF, script or data. */
#include "deps/content.h"

#include "base/elffile.h"
#include "base/files.h"

#include <string.h>

/* BINPRM_BUF_SIZE in include/uapi/linux/binfmts.h, less the NUL */
#define SCRIPT_LINE 255

struct ContentStore {
  Root *root;
  ElfWant want;
  GHashTable *contents; /* RootNode* -> Content */
};

static void
content_free(gpointer data) {
  Content *content = data;
  elf_info_free(content->elf);
  g_strfreev(content->script);
  g_free(content->problem);
  g_clear_pointer(&content->rules, g_ptr_array_unref);
  g_free(content);
}

ContentStore *
content_store_new(Root *root, ElfWant want) {
  ContentStore *store = g_new0(ContentStore, 1);
  store->root = root;
  store->want = want;
  store->contents = g_hash_table_new_full(NULL, NULL, NULL, content_free);
  return store;
}

void
content_store_free(ContentStore *store) {
  if (store == NULL)
    return;
  g_hash_table_unref(store->contents);
  g_free(store);
}

char **
content_script_line(const char *text, gsize size) {
  if (size < 3 || text[0] != '#' || text[1] != '!')
    return NULL;
  gsize limit = MIN(size, SCRIPT_LINE);
  const char *end = memchr(text, '\n', limit);
  const char *zero = memchr(text, '\0', limit);
  gsize length = (gsize)((end != NULL ? end : text + limit) - text);
  if (zero != NULL && (gsize)(zero - text) < length)
    length = (gsize)(zero - text);
  g_autofree char *line = g_strndup(text + 2, length - 2);
  g_strstrip(line);
  if (line[0] == '\0')
    return NULL;
  char **words = g_new0(char *, 3);
  gsize first = strcspn(line, " \t");
  words[0] = g_strndup(line, first);
  const char *argument = line + first + strspn(line + first, " \t");
  if (argument[0] != '\0')
    words[1] = g_strdup(argument);
  return words;
}

char *
content_env_program(const char *argument) {
  if (argument == NULL)
    return NULL;
  g_auto(GStrv) words = g_strsplit_set(argument, " \t", -1);
  for (guint i = 0; words[i] != NULL; i++) {
    const char *word = words[i];
    if (strcmp(word, "-u") == 0 || strcmp(word, "-C") == 0)
      i += words[i + 1] != NULL; /* they take an operand */
    else if (g_str_has_prefix(word, "-S") && word[2] != '\0')
      return g_strdup(word + 2);
    else if (word[0] != '\0' && word[0] != '-' && strchr(word, '=') == NULL)
      return g_strdup(word);
  }
  return NULL;
}

static void
classify(Content *content, const void *data, gsize size, ElfWant want) {
  g_autoptr(GError) error = NULL;
  content->elf = elf_parse(data, size, content->node->path, want, &error);
  content->script = content->elf == NULL ? content_script_line(data, size) : NULL;
  if (content->elf != NULL) {
    content->kind = CONTENT_ELF;
  } else if (error != NULL) {
    content->kind = CONTENT_BAD;
    content->problem = g_strdup(error->message);
  } else if (content->script != NULL) {
    content->kind = CONTENT_SCRIPT;
  }
}

static void
load(Content *content, const char *host_path, ElfWant want) {
  g_autoptr(GError) error = NULL;
  g_autoptr(GMappedFile) map = file_map(host_path, ELF_BYTES_MAX, &error);
  gsize size = map != NULL ? g_mapped_file_get_length(map) : 0;
  if (map == NULL) {
    content->kind = CONTENT_BAD;
    content->problem = g_strdup_printf("%s: %s", content->node->path, error->message);
  } else if (size > 0) {
    classify(content, g_mapped_file_get_contents(map), size, want);
  }
}

Content *
content_get(ContentStore *store, const RootNode *node) {
  Content *content = g_hash_table_lookup(store->contents, node);
  if (content != NULL)
    return content;
  content = g_new0(Content, 1);
  content->node = node;
  if (node->size > 0) {
    g_autofree char *host_path = root_host_path(store->root, node->path);
    load(content, host_path, store->want);
  }
  g_hash_table_insert(store->contents, (gpointer)node, content);
  return content;
}
