/* kernel.c - from a kernel's input to its verified configuration and its finished files. */
#include "kernel/kernel.h"

#include "base/cache.h"
#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "kernel/build.h"
#include "kernel/choose.h"
#include "kernel/config.h"
#include "kernel/features.h"
#include "kernel/make.h"

#include <string.h>

#define KIND "kernel"
#define CHOSEN "chosen.config"

void
kernel_result_clear(KernelResult *result) {
  g_free(result->folder);
  g_free(result->version);
  if (result->chosen != NULL)
    g_ptr_array_unref(result->chosen);
  memset(result, 0, sizeof *result);
}

const char *const *
kernel_files(void) {
  static const char *const files[] = {PLATFORM_KERNEL_ELF, PLATFORM_KERNEL_IMAGE, "kernel.config",
                                      CHOSEN, NULL};
  return files;
}

/* What is known before anything is built: chosen symbols, source, toolchain, .config. */
typedef struct {
  KernelSource *source;
  char *toolchain;
  char *config;
} Plan;

static void
plan_clear(Plan *plan) {
  source_free(plan->source);
  g_free(plan->toolchain);
  g_free(plan->config);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

static gboolean
find_source(const KernelInput *input, Plan *plan, GError **error) {
  if (plan->source == NULL)
    plan->source = source_find(input->source, error);
  if (plan->source != NULL && plan->toolchain == NULL)
    plan->toolchain = kernel_toolchain(error);
  return plan->toolchain != NULL;
}

/* The choice and its .config; YIELDED gets what of the lock is in its way. */
static gboolean
configure(const KernelInput *input, const char *data, KernelResult *result, Plan *plan,
          GHashTable *yielded, GError **error) {
  g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
  result->chosen = choose_symbols(input, data, notes, error);
  if (result->chosen == NULL)
    return FALSE;
  for (guint i = 0; i < notes->len; i++)
    msg_verbose("kernel: %s", (char *)notes->pdata[i]);
  if (find_source(input, plan, error))
    plan->config = config_make(plan->source, plan->toolchain, result->chosen, yielded, error);
  return plan->config != NULL;
}

/* Whether something is asked for that nobody named. */
static gboolean
has_defaults(const GPtrArray *chosen) {
  for (guint i = 0; chosen != NULL && i < chosen->len; i++)
    if (((const SymbolRequest *)chosen->pdata[i])->by_default)
      return TRUE;
  return FALSE;
}

/* Again without the lines of the lock that are in the way of what was asked for by name, as long as
 * there are such; then with what stands by default where it can: a recipe's own option may be in
 * its way, and the recipe's word counts more. */
static gboolean
configure_all(const KernelInput *input, const char *data, KernelResult *result, Plan *plan,
              GError **error) {
  g_autoptr(GHashTable) yielded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  KernelInput rest = *input;
  guint before = 0;
  for (;;) {
    g_autoptr(GError) why = NULL;
    if (configure(&rest, data, result, plan, yielded, &why))
      break;
    gboolean more = g_hash_table_size(yielded) > before;
    if (!more && (rest.defaults_yield || !has_defaults(result->chosen))) {
      g_propagate_error(error, g_steal_pointer(&why));
      return FALSE;
    }
    before = g_hash_table_size(yielded);
    rest.yielded = yielded;
    rest.defaults_yield = !more;
    g_clear_pointer(&result->chosen, g_ptr_array_unref);
  }
  g_autoptr(GList) lines = g_list_sort(g_hash_table_get_values(yielded), (GCompareFunc)strcmp);
  for (const GList *line = lines; line != NULL; line = line->next)
    if (((char *)line->data)[0] != '\0')
      msg_info("note: %s", (char *)line->data);
  return TRUE;
}

/* The choice of "Kernel compression mode" (init/Kconfig) must be one that the platform's loader
 * unpacks. */
static gboolean
check_compression(const Platform *platform, const GPtrArray *chosen, const DotConfig *config,
                  GError **error) {
  static const char *const modes[] = {"GZIP", "BZIP2", "LZMA", "XZ", "LZO", "LZ4", "ZSTD"};
  for (guint i = 0; i < G_N_ELEMENTS(modes) && platform->kernel_compressions[0] != NULL; i++) {
    g_autofree char *symbol = g_strconcat("KERNEL_", modes[i], NULL);
    g_autofree char *name = g_ascii_strdown(modes[i], -1);
    if (config_is_yes(config, symbol) &&
        !g_strv_contains((const char *const *)platform->kernel_compressions, name)) {
      g_autofree char *known = g_strjoinv(", ", platform->kernel_compressions);
      const SymbolRequest *asked = symbol_request_find(chosen, symbol);
      g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT,
                  "%s%sCONFIG_%s=y: no loader of %s unpacks %s; expected one of: %s",
                  asked != NULL ? asked->origin : "", asked != NULL ? ": " : "", symbol,
                  platform->name, name, known);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
make_plan(const KernelInput *input, KernelResult *result, Plan *plan, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  memset(result, 0, sizeof *result);
  if (!configure_all(input, data, result, plan, error))
    return FALSE;
  result->version = g_strdup(plan->source->version);
  g_autoptr(DotConfig) config = config_parse(plan->config, strlen(plan->config), ".config", error);
  if (config == NULL || !check_compression(input->platform, result->chosen, config, error))
    return FALSE;
  result->symbols_y = config_count_yes(config);
  return feature_count(data, "hardening", result->chosen, config, &result->hardening, error);
}

gboolean
kernel_configure(const KernelInput *input, KernelResult *result, char **config, GError **error) {
  g_auto(Plan) plan = {0};
  if (!make_plan(input, result, &plan, error))
    return FALSE;
  *config = g_steal_pointer(&plan.config);
  return TRUE;
}

/* What a build made, from its cache entry BUILT to NEW. */
static gboolean
copy_built(const char *built, const char *new, GError **error) {
  g_autofree char *map = g_build_filename(built, "System.map", NULL);
  g_autofree char *to_map = g_build_filename(new, "System.map", NULL);
  const char *const *files = kernel_files();
  gboolean done = file_copy(map, to_map, 0644, error);
  for (guint i = 0; done && files[i] != NULL; i++) {
    g_autofree char *from = g_build_filename(built, files[i], NULL);
    g_autofree char *to = g_build_filename(new, files[i], NULL);
    done = strcmp(files[i], CHOSEN) == 0 || file_copy(from, to, 0644, error);
  }
  return done;
}

/* The finished entry with chosen.config beside the kernel; the kernel itself may be an older one:
 * another reason for a symbol is no other kernel. */
static char *
finished_entry(KernelBuild *build, const char *chosen, gboolean *from_cache, GError **error) {
  g_autofree char *built_key = build_key(build, error);
  g_autofree char *key = built_key != NULL ? sha256_of_strings(built_key, chosen, NULL) : NULL;
  char *folder = key != NULL ? cache_lookup(KIND, key) : NULL;
  if (key == NULL)
    return NULL;
  *from_cache = folder != NULL;
  if (folder != NULL)
    return folder;
  g_autofree char *built = build_kernel(build, from_cache, error);
  g_autofree char *new = built != NULL ? cache_begin(KIND, key, error) : NULL;
  if (new == NULL)
    return NULL;
  g_autofree char *path = g_build_filename(new, CHOSEN, NULL);
  if (copy_built(built, new, error) && file_write(path, chosen, strlen(chosen), 0644, error))
    folder = cache_commit(new, KIND, key, error);
  if (folder == NULL)
    cache_discard(new);
  return folder;
}

gboolean
kernel_build(const KernelInput *input, KernelResult *result, GError **error) {
  g_auto(Plan) plan = {0};
  if (!make_plan(input, result, &plan, error))
    return FALSE;
  g_autofree char *header =
      g_strdup_printf("# What was asked of Linux %s for %s, by whom and why.\n", result->version,
                      input->platform->name);
  g_autofree char *chosen = chosen_text(result->chosen, header);
  KernelBuild build = {.source = plan.source,
                       .toolchain = plan.toolchain,
                       .platform = input->platform,
                       .cached_only = input->cached_only,
                       .config = plan.config};

  result->folder = finished_entry(&build, chosen, &result->from_cache, error);
  if (result->folder == NULL)
    return FALSE;
  g_autofree char *vmlinux = g_build_filename(result->folder, PLATFORM_KERNEL_ELF, NULL);
  g_autofree char *image = g_build_filename(result->folder, input->platform->kernel, NULL);
  g_autofree char *packed = g_build_filename(result->folder, input->platform->packed, NULL);
  if (!platform_check_kernel(input->platform, vmlinux, &result->facts, error))
    return FALSE;
  result->vmlinux_size = file_size(vmlinux);
  result->image_size = file_size(image);
  result->packed_size = file_size(packed);
  return TRUE;
}
