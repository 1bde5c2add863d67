/* foreign.c - our files with another kernel: by somebody else's configuration, brought to the
 * platform; or ours with /proc. */
#include "compare/systems.h"

#include "base/dotconfig.h"
#include "base/files.h"
#include "base/msg.h"
#include "image/parts.h"
#include "kernel/choose.h"
#include "kernel/kconfig.h"
#include "kernel/kernel.h"
#include "kernel/source.h"

#include <string.h>
#include <unistd.h>

#define BOOT_SECONDS 120
#define PROCFS "proc" /* the feature */

/* What platform, rules and recipe ask for: SymbolRequest*. */
static GPtrArray *
asked_requests(const KernelInput *input, GError **error) {
  g_autofree char *data = data_path("kconfig-heuristics");
  return choose_symbols(input, data, NULL, error);
}

static GHashTable *
symbols_of(const GPtrArray *chosen) {
  GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < chosen->len; i++)
    g_hash_table_add(names, g_strdup(((SymbolRequest *)chosen->pdata[i])->symbol));
  return names;
}

/* Adds to ASKED every member of a choice that one of ASKED decides: what the configuration says of
 * the others would turn it off. */
static gboolean
add_choices(Kconfig *kconfig, const GPtrArray *requests, GHashTable *asked, GError **error) {
  g_autofree char *text = kconfig_apply(kconfig, requests, error);
  g_autoptr(GPtrArray) symbols = text != NULL ? kconfig_symbols(kconfig, text, error) : NULL;
  g_autoptr(GHashTable) choices = g_hash_table_new(g_str_hash, g_str_equal);
  if (symbols == NULL)
    return FALSE;
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    if (symbol->choice != NULL && g_hash_table_contains(asked, symbol->symbol))
      g_hash_table_add(choices, symbol->choice);
  }
  for (guint i = 0; i < symbols->len; i++) {
    const KconfigSymbol *symbol = symbols->pdata[i];
    if (symbol->choice != NULL && g_hash_table_contains(choices, symbol->choice))
      g_hash_table_add(asked, g_strdup(symbol->symbol));
  }
  return TRUE;
}

/* All that the configuration in PATH says, as this source's Kconfig understands it with CHOSEN on
 * top; ASKED, the symbols of CHOSEN, grows: see add_choices. */
static GPtrArray *
read_config(const char *source_name, const char *path, const GPtrArray *chosen, GHashTable *asked,
            GError **error) {
  g_autoptr(KernelSource) source = source_find(source_name, error);
  g_autoptr(Kconfig) kconfig = NULL;
  g_autoptr(GError) problem = NULL;
  g_autofree char *text = NULL;
  if (!file_read(path, CONFIG_BYTES_MAX, &text, NULL, &problem)) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "--kernel %s: %s", path, problem->message);
    return NULL;
  }
  if (source == NULL || !source_unpack(source, error) ||
      (kconfig = kconfig_open(source, error)) == NULL)
    return NULL;
  GPtrArray *requests = NULL;
  if (kconfig_check_names(kconfig, text, path, error))
    requests = kconfig_requests(kconfig, text, chosen, path, error);
  if (requests != NULL && !add_choices(kconfig, requests, asked, error))
    g_clear_pointer(&requests, g_ptr_array_unref);
  return requests;
}

/* REQUESTS less what the platform decides; modules cannot be loaded, and are built in; what this
 * Linux no longer has, or what hangs on something that went, may vanish. */
static void
adapt(GPtrArray *requests, GHashTable *asked) {
  for (guint i = requests->len; i > 0; i--) {
    SymbolRequest *request = requests->pdata[i - 1];
    if (g_hash_table_contains(asked, request->symbol)) {
      g_ptr_array_remove_index(requests, i - 1);
      continue;
    }
    request->may_vanish = TRUE;
    if (strcmp(request->value, "m") == 0) {
      g_free(request->value);
      request->value = g_strdup("y");
    }
  }
}

static gboolean
build(const Recipe *recipe, const ImageOptions *options, const char *config, KernelResult *kernel,
      GError **error) {
  g_auto(ImageParts) parts = {0};
  g_autoptr(GHashTable) asked = NULL;
  g_autoptr(GPtrArray) chosen = NULL, requests = NULL;
  ImageOptions plain = *options;
  plain.no_lock = TRUE; /* what our search took out is not theirs */
  if (!image_parts(recipe, &plain, &parts, error) ||
      (chosen = asked_requests(&parts.input, error)) == NULL)
    return FALSE;
  asked = symbols_of(chosen);
  requests = read_config(options->kernel_source, config, chosen, asked, error);
  if (requests == NULL)
    return FALSE;
  adapt(requests, asked);
  for (guint i = 0; i < parts.requests->len; i++) {
    const SymbolRequest *from = parts.requests->pdata[i];
    g_ptr_array_add(requests,
                    symbol_request_new(from->symbol, from->value, from->origin, from->reason));
  }
  parts.input.requests = requests;
  return kernel_build(&parts.input, kernel, error);
}

static gboolean
link_into(const char *folder, const char *name, const char *target, GError **error) {
  g_autofree char *path = g_build_filename(folder, name, NULL);
  if (symlink(target, path) == 0)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "%s: cannot be made", path);
  return FALSE;
}

/* The kernel and OURS' files beside each other in a folder. */
static gboolean
fill(System *system, const KernelResult *kernel, const System *ours, GError **error) {
  const Platform *platform = ours->platform;
  const char *const kernels[] = {platform->kernel, platform->packed};
  g_autofree char *booted = g_build_filename(kernel->folder, platform->kernel, NULL);
  g_autofree char *rootfs = g_build_filename(ours->folder, ours->initrd, NULL);
  system->scratch = g_dir_make_tmp("tinyx-compare-XXXXXX", error);
  system->folder = g_strdup(system->scratch);
  system->config = g_build_filename(kernel->folder, "kernel.config", NULL);
  system->platform = platform;
  system->kernel = g_strdup(platform->kernel);
  system->packed_kernel = g_strdup(platform->packed);
  system->initrd = g_strdup("rootfs");
  system->cmdline = g_strdup(ours->cmdline);
  if (system->folder == NULL || !link_into(system->folder, "rootfs", rootfs, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(kernels); i++) {
    g_autofree char *path = g_build_filename(kernel->folder, kernels[i], NULL);
    if ((i == 0 || strcmp(kernels[i], kernels[0]) != 0) &&
        !link_into(system->folder, kernels[i], path, error))
      return FALSE;
  }
  system->tree = tree_read_image(ours->folder, error);
  g_autofree char *sum = file_sha256(booted, error);
  if (sum != NULL)
    system->key = sha256_of_strings(sum, ours->key, system->cmdline, NULL);
  return system->tree != NULL && sum != NULL;
}

/* "peers/firecracker-6.1.config" -> "firecracker-6.1". */
static char *
config_name(const char *path) {
  char *name = g_path_get_basename(path);
  char *dot = g_strrstr(name, ".config");
  if (dot != NULL && dot != name)
    *dot = '\0';
  return name;
}

System *
system_of_config(const Recipe *recipe, const ImageOptions *options, const char *config,
                 const System *ours, GError **error) {
  g_autoptr(System) system = g_new0(System, 1);
  g_autofree char *name = config_name(config);
  g_auto(KernelResult) kernel = {0};
  system->id = g_strconcat("kernel:", name, NULL);
  system->title = g_strdup_printf("kernel of %s", name);
  system->memory = system_memory(ours);
  system->boot_seconds = MAX(BOOT_SECONDS, ours->boot_seconds);
  msg_stage_begin(system->title);
  if (!build(recipe, options, config, &kernel, error) || !fill(system, &kernel, ours, error)) {
    msg_stage_abort();
    g_prefix_error(error, "%s: ", config);
    return NULL;
  }
  g_autofree char *size = size_text((guint64)kernel.image_size);
  msg_stage_end(size);
  system->note =
      g_strdup_printf("%s.config, brought to the platform, built from the same Linux %s; tinyx' "
                      "files; in %d MiB.",
                      name, kernel.version, system->memory);
  return g_steal_pointer(&system);
}

/* ---- ours with /proc ---------------------------------------------------- */

static char **
with_feature(char **features, const char *name) {
  g_autoptr(GStrvBuilder) all = g_strv_builder_new();
  if (features != NULL)
    g_strv_builder_addv(all, (const char **)features);
  g_strv_builder_add(all, name);
  return g_strv_builder_end(all);
}

gboolean
system_add_procfs(const Recipe *recipe, const ImageOptions *options, System *ours, GError **error) {
  g_auto(ImageParts) parts = {0};
  g_auto(KernelResult) kernel = {0};
  g_auto(GStrv) with = with_feature(options->features.with, PROCFS);
  g_autoptr(GError) problem = NULL;
  ImageOptions more = *options;
  more.features.with = with;
  g_autoptr(DotConfig) config = config_load(ours->config, error);
  if (config == NULL)
    return FALSE;
  if (config_is_yes(config, "PROC_FS") ||
      (options->features.without != NULL &&
       g_strv_contains((const char *const *)options->features.without, PROCFS)))
    return TRUE;
  g_autoptr(System) twin = g_new0(System, 1);
  twin->id = g_strdup(ours->id);
  twin->title = g_strdup_printf("%s with /proc", ours->title);
  twin->memory = ours->memory;
  twin->boot_seconds = ours->boot_seconds;
  msg_stage_begin(twin->title);
  if (!image_parts(recipe, &more, &parts, &problem) ||
      !kernel_build(&parts.input, &kernel, &problem) || !fill(twin, &kernel, ours, &problem)) {
    /* It is there for one figure only, which says itself what it lacks. */
    if (options->cached_kernel && g_error_matches(problem, TINYX_ERROR, TINYX_ERROR_INPUT)) {
      msg_stage_end("left out: not in the cache");
      return TRUE;
    }
    msg_stage_abort();
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
  }
  msg_stage_end(NULL);
  ours->with_procfs = g_steal_pointer(&twin);
  return TRUE;
}
