/* config.c - runs Kconfig over what was chosen, verifies and keeps the .config. */
#include "kernel/config.h"

#include "base/cache.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "kernel/choose.h"
#include "kernel/make.h"
#include "kernel/query.h"
#include "kernel/string-rules.h"
#include "kernel/verify.h"
#include "kernel/yield.h"

#include <glib/gstdio.h>
#include <string.h>

#define KIND "kconfig"
#define RECIPE "1"                    /* change it when the same input would give another .config */
#define DEADLINE 600                  /* seconds for a configuration */
#define UNFINISHED "tinyx-unfinished" /* a file: the build in this folder has not ended */

/* The fragments behind `make tinyconfig`, in its order; later lines win, ours come last. A symbol
 * that no fragment names is off: the goal is allnoconfig, as tinyconfig's own is. Merging into a
 * finished tinyconfig instead would let each symbol that becomes visible take its default, y. */
static const char *const tiny_fragments[] = {
    "kernel/configs/tiny-base.config",
    "kernel/configs/tiny.config",
    "arch/x86/configs/tiny.config",
};

gboolean
config_write_fragment(const KernelSource *source, const GPtrArray *chosen, const char *path,
                      GError **error) {
  g_autoptr(GString) text = g_string_new(NULL);
  if (!string_rules_check(chosen, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(tiny_fragments); i++) {
    g_autofree char *name = g_build_filename(source->folder, tiny_fragments[i], NULL);
    g_autofree char *content = NULL;
    if (file_read(name, CONFIG_BYTES_MAX, &content, NULL, NULL)) /* Linux 6.12 has two of them */
      g_string_append_printf(text, "%s\n", content);
  }
  if (text->len == 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                "%s: no kernel/configs/tiny.config; expected Linux 4.1 or newer", source->folder);
    return FALSE;
  }
  g_autofree char *ours = chosen_allconfig(chosen);
  g_string_append(text, ours);
  return file_write(path, text->str, text->len, 0644, error);
}

/* What a compiler that was killed left of Kconfig's own program is not trusted: half an object,
 * which make takes for a whole one. A folder that was left in the middle is made anew. */
static gboolean
make_allnoconfig(const KernelSource *source, const char *objects, const GPtrArray *chosen,
                 GError **error) {
  g_autofree char *all = g_build_filename(objects, "tinyx-all.config", NULL);
  g_autofree char *log = g_strconcat(objects, ".log", NULL);
  g_autofree char *allconfig = g_strdup_printf("KCONFIG_ALLCONFIG=%s", all);
  const char *goals[] = {"allnoconfig", NULL};
  const char *env[] = {allconfig, NULL};
  KernelMake make = {
      .source = source,
      .objects = objects,
      .goals = goals,
      .env = env,
      .log = log,
      .deadline = DEADLINE,
  };
  g_autofree char *dirty = g_build_filename(objects, UNFINISHED, NULL);
  msg_stage_detail("configuring");
  if (g_file_test(dirty, G_FILE_TEST_EXISTS) && !dir_remove(objects, error))
    return FALSE;
  return dir_make(objects, error) && file_write(dirty, "", 0, 0644, error) &&
         config_write_fragment(source, chosen, all, error) && kernel_make(&make, error) &&
         (g_unlink(dirty) == 0 || file_failed(dirty, error));
}

static char *
take_folder(KernelSource *source, CacheLock **lock, GError **error) {
  if (!source_unpack(source, error))
    return NULL;
  g_autofree char *name = g_strndup(source->id, 12);
  return source_build_folder("config", name, "configuration", lock, error);
}

char *
config_folder(KernelSource *source, CacheLock **lock, GError **error) {
  g_autoptr(GPtrArray) nothing = g_ptr_array_new();
  g_autofree char *objects = take_folder(source, lock, error);
  g_autofree char *conf =
      objects != NULL ? g_build_filename(objects, "scripts/kconfig/conf", NULL) : NULL;
  g_autofree char *dirty = objects != NULL ? g_build_filename(objects, UNFINISHED, NULL) : NULL;
  if (objects == NULL)
    return NULL;
  gboolean whole = g_file_test(conf, G_FILE_TEST_EXISTS) && !g_file_test(dirty, G_FILE_TEST_EXISTS);
  if (!whole && !make_allnoconfig(source, objects, nothing, error))
    return NULL;
  return g_steal_pointer(&objects);
}

/* Makes the .config and verifies it; the text. */
static char *
configure(KernelSource *source, const GPtrArray *chosen, GHashTable *yielded, GError **error) {
  g_autoptr(CacheLock) lock = NULL;
  g_autofree char *objects = take_folder(source, &lock, error);
  if (objects == NULL)
    return NULL;
  g_autofree char *path = g_build_filename(objects, ".config", NULL);
  g_autofree char *text = NULL;
  gsize size;
  if (!make_allnoconfig(source, objects, chosen, error) ||
      !file_read(path, CONFIG_BYTES_MAX, &text, &size, error))
    return NULL;
  g_autoptr(DotConfig) config = config_parse(text, size, path, error);
  g_autoptr(GPtrArray) facts =
      config != NULL ? kconfig_query(source, objects, chosen, error) : NULL;
  if (facts == NULL)
    return NULL;
  if (!verify_config(chosen, config, facts, error)) {
    if (yielded != NULL)
      yield_find(chosen, config, facts, yielded);
    return NULL;
  }
  return g_steal_pointer(&text);
}

/* "VERSION DATE" of the source, kept beside the .config. */
static gboolean
read_source_facts(KernelSource *source, const char *folder) {
  g_autofree char *path = g_build_filename(folder, "source", NULL);
  g_autofree char *text = NULL;
  if (!file_read(path, CONFIG_BYTES_MAX, &text, NULL, NULL))
    return FALSE;
  g_auto(GStrv) words = g_strsplit(text, " ", 2);
  if (g_strv_length(words) != 2)
    return FALSE;
  if (source->version == NULL) {
    source->version = g_strdup(words[0]);
    source->date = g_ascii_strtoll(words[1], NULL, 10);
  }
  return TRUE;
}

static gboolean
store(const KernelSource *source, const char *key, const char *text, GError **error) {
  g_autofree char *folder = cache_begin(KIND, key, error);
  if (folder == NULL)
    return FALSE;
  g_autofree char *config = g_build_filename(folder, "kernel.config", NULL);
  g_autofree char *facts = g_build_filename(folder, "source", NULL);
  g_autofree char *line = g_strdup_printf("%s %" G_GINT64_FORMAT, source->version, source->date);
  g_autofree char *place = NULL;
  if (file_write(config, text, strlen(text), 0644, error) &&
      file_write(facts, line, strlen(line), 0644, error))
    place = cache_commit(folder, KIND, key, error);
  if (place == NULL)
    cache_discard(folder);
  return place != NULL;
}

char *
config_make(KernelSource *source, const char *toolchain, const GPtrArray *chosen,
            GHashTable *yielded, GError **error) {
  /* Reasons and origins stay out: they change no .config. may_vanish decides what is verified. */
  g_autoptr(GString) asked = g_string_new(NULL);
  for (guint i = 0; i < chosen->len; i++) {
    const SymbolRequest *request = chosen->pdata[i];
    g_string_append_printf(asked, "%s=%s%s\n", request->symbol, request->value,
                           request->may_vanish ? "?" : "");
  }
  g_autofree char *key = sha256_of_strings(RECIPE, source->id, toolchain, asked->str, NULL);
  g_autofree char *folder = cache_lookup(KIND, key);
  g_autofree char *text = NULL;
  if (folder != NULL && read_source_facts(source, folder)) {
    g_autofree char *path = g_build_filename(folder, "kernel.config", NULL);
    if (file_read(path, CONFIG_BYTES_MAX, &text, NULL, NULL))
      return g_steal_pointer(&text);
  }
  text = configure(source, chosen, yielded, error);
  if (text == NULL || !store(source, key, text, error)) {
    g_prefix_error(error, "kernel configuration: ");
    return NULL;
  }
  return g_steal_pointer(&text);
}
