/* platform.c - platforms as their .conf files describe them, and the calls into their rooms. */
#include "platform/platform.h"

#include "base/files.h"
#include "base/folder.h"
#include "base/keylines.h"
#include "base/near.h"
#include "base/place.h"
#include "base/split.h"
#include "base/strings.h"
#include "platform/room.h"

#include <string.h>

#define FOLDER "kconfig-heuristics/platforms"
#define GROUP "platform"
#define SUFFIX ".conf"

static const PlatformRoom *const rooms[] = {&platform_xen_pv, &platform_xen_pvh,
                                            &platform_qemu_microvm};

static void
node_free(gpointer data) {
  PlatformNode *node = data;
  g_free(node->path);
  g_free(node);
}

void
platform_free(Platform *platform) {
  if (platform == NULL)
    return;
  g_free(platform->name);
  g_free(platform->description);
  g_free(platform->needs);
  g_free(platform->family);
  g_free(platform->fragment);
  g_free(platform->layout);
  g_free(platform->kernel);
  g_free(platform->packed);
  g_free(platform->console);
  g_free(platform->disk);
  g_free(platform->network);
  g_free(platform->cmdline);
  g_free(platform->end);
  g_free(platform->xl_type);
  g_free(platform->qemu_machine);
  g_free(platform->qemu_network);
  g_free(platform->qemu_disk);
  g_free(platform->qemu_distribution_machine);
  g_strfreev(platform->distribution_modules);
  g_strfreev(platform->kernel_compressions);
  g_strfreev(platform->launchers);
  g_ptr_array_unref(platform->nodes);
  g_free(platform);
}

/* ---- the .conf file ----------------------------------------------------- */

/* A file that is read; FILE is its name in messages. */
typedef struct {
  Platform *platform;
  GKeyFile *keys;
  GHashTable *lines; /* key_lines_scan() */
  const char *file;
} Reader;

/* The line of [platform]; 0: it is not there. */
static guint
section_line(const Reader *reader) {
  return GPOINTER_TO_UINT(g_hash_table_lookup(reader->lines, "[" GROUP "]"));
}

static gboolean
bad_value(const Reader *reader, const char *key, const char *value, const char *expected,
          GError **error) {
  place_set_error(error, reader->file, key_lines_find(reader->lines, GROUP, key),
                  "%s=%s; expected %s", key, value, expected);
  return FALSE;
}

gboolean
platform_is_kernel(const char *name) {
  return strcmp(name, PLATFORM_KERNEL_IMAGE) == 0 || strcmp(name, PLATFORM_KERNEL_ELF) == 0;
}

static gboolean
read_kernel(Reader *reader, const char *key, const char *value, GError **error) {
  reader->platform->kernel = g_strdup(value);
  reader->platform->packed = g_strdup(value);
  return platform_is_kernel(value) || bad_value(reader, key, value, PLATFORM_KERNELS, error);
}

static gboolean
read_packed(Reader *reader, const char *key, const char *value, GError **error) {
  g_free(reader->platform->packed);
  reader->platform->packed = g_strdup(value);
  return platform_is_kernel(value) || bad_value(reader, key, value, PLATFORM_KERNELS, error);
}

static gboolean
read_end(Reader *reader, const char *key, const char *value, GError **error) {
  reader->platform->end = g_strdup(value);
  return strcmp(value, "poweroff") == 0 || strcmp(value, "reboot") == 0 ||
         bad_value(reader, key, value, "poweroff or reboot", error);
}

static gboolean
read_shutdown(Reader *reader, const char *key, const char *value, GError **error) {
  gboolean console = strcmp(value, "console") == 0;
  reader->platform->shutdown = console ? PLATFORM_SHUTDOWN_CONSOLE : PLATFORM_SHUTDOWN_HYPERVISOR;
  return console || strcmp(value, "hypervisor") == 0 ||
         bad_value(reader, key, value, "hypervisor or console", error);
}

static gboolean
read_room(Reader *reader, const char *key, const char *value, GError **error) {
  g_autoptr(GString) known = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(rooms); i++) {
    if (strcmp(rooms[i]->name, value) == 0)
      reader->platform->room = rooms[i];
    g_string_append_printf(known, "%s%s", i > 0 ? ", " : "one of: ", rooms[i]->name);
  }
  return reader->platform->room != NULL || bad_value(reader, key, value, known->str, error);
}

/* A file beside the .conf. */
static gboolean
read_file(Reader *reader, char **name, const char *key, const char *value, GError **error) {
  *name = g_strdup(value);
  return strchr(value, '/') == NULL || bad_value(reader, key, value, "a name without '/'", error);
}

static gboolean
read_fragment(Reader *reader, const char *key, const char *value, GError **error) {
  return read_file(reader, &reader->platform->fragment, key, value, error);
}

static gboolean
read_layout(Reader *reader, const char *key, const char *value, GError **error) {
  return read_file(reader, &reader->platform->layout, key, value, error);
}

static gboolean
parse_number(const char *word, guint base, guint64 max, unsigned *number) {
  guint64 value;
  if (!g_ascii_string_to_unsigned(word, base, 0, max, &value, NULL))
    return FALSE;
  *number = (unsigned)value;
  return TRUE;
}

/* "/dev/NAME", or "/dev/FOLDER/NAME". */
static gboolean
is_device_path(const char *path) {
  return g_regex_match_simple("^/dev/[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?$", path,
                              G_REGEX_DOLLAR_ENDONLY, 0);
}

/* PATH:c|b:MODE:MAJOR:MINOR */
static PlatformNode *
parse_node(const char *word) {
  g_auto(GStrv) part = g_strsplit(word, ":", -1);
  PlatformNode node = {0};
  if (g_strv_length(part) != 5 || !is_device_path(part[0]) ||
      (strcmp(part[1], "c") != 0 && strcmp(part[1], "b") != 0) ||
      !parse_number(part[2], 8, 0777, &node.mode) ||
      !parse_number(part[3], 10, 4095, &node.major) ||
      !parse_number(part[4], 10, 1048575, &node.minor))
    return NULL;
  node.path = g_strdup(part[0]);
  node.is_block = part[1][0] == 'b';
  return g_memdup2(&node, sizeof node);
}

static gboolean
read_nodes(Reader *reader, const char *key, const char *value, GError **error) {
  g_auto(GStrv) words = split_words(value, " \t");
  for (guint i = 0; words[i] != NULL; i++) {
    PlatformNode *node = parse_node(words[i]);
    if (node != NULL)
      g_ptr_array_add(reader->platform->nodes, node);
    else
      return bad_value(reader, key, words[i], "/dev/NAME:c|b:MODE:MAJOR:MINOR", error);
  }
  return TRUE;
}

/* Those of "Kernel compression mode" (init/Kconfig). */
static gboolean
read_compressions(Reader *reader, const char *key, const char *value, GError **error) {
  static const char *const known[] = {"gzip", "bzip2", "lzma", "xz", "lzo", "lz4", "zstd", NULL};
  g_auto(GStrv) words = split_words(value, " \t");
  for (guint i = 0; words[i] != NULL; i++)
    if (!g_strv_contains(known, words[i])) {
      g_autofree char *all = g_strjoinv(", ", (char **)known);
      g_autofree char *expected = g_strconcat("one of: ", all, NULL);
      return bad_value(reader, key, words[i], expected, error);
    }
  reader->platform->kernel_compressions = g_steal_pointer(&words);
  return TRUE;
}

/* What a key's value becomes: a text at an offset of Platform, a list of words, or what a function
 * makes of it. */
static const struct {
  const char *name;
  gboolean optional;
  gsize text, words; /* offsets; 0: not so */
  gboolean (*read)(Reader *reader, const char *key, const char *value, GError **error);
} keys[] = {
    {"description", FALSE, G_STRUCT_OFFSET(Platform, description), 0, NULL},
    {"needs", TRUE, G_STRUCT_OFFSET(Platform, needs), 0, NULL},
    {"room", TRUE, 0, 0, read_room},
    {"family", TRUE, G_STRUCT_OFFSET(Platform, family), 0, NULL},
    {"fragment", FALSE, 0, 0, read_fragment},
    {"layout", TRUE, 0, 0, read_layout},
    {"kernel", FALSE, 0, 0, read_kernel},
    {"packed", TRUE, 0, 0, read_packed},
    {"kernel-compressions", TRUE, 0, 0, read_compressions},
    {"console", FALSE, G_STRUCT_OFFSET(Platform, console), 0, NULL},
    {"disk", TRUE, G_STRUCT_OFFSET(Platform, disk), 0, NULL},
    {"network", TRUE, G_STRUCT_OFFSET(Platform, network), 0, NULL},
    {"nodes", TRUE, 0, 0, read_nodes},
    {"cmdline", TRUE, G_STRUCT_OFFSET(Platform, cmdline), 0, NULL},
    {"end", FALSE, 0, 0, read_end},
    {"shutdown", FALSE, 0, 0, read_shutdown},
    {"launchers", TRUE, 0, G_STRUCT_OFFSET(Platform, launchers), NULL},
    {"xl-type", TRUE, G_STRUCT_OFFSET(Platform, xl_type), 0, NULL},
    {"qemu-machine", TRUE, G_STRUCT_OFFSET(Platform, qemu_machine), 0, NULL},
    {"qemu-network", TRUE, G_STRUCT_OFFSET(Platform, qemu_network), 0, NULL},
    {"qemu-disk", TRUE, G_STRUCT_OFFSET(Platform, qemu_disk), 0, NULL},
    {"qemu-distribution-machine", TRUE, G_STRUCT_OFFSET(Platform, qemu_distribution_machine), 0,
     NULL},
    {"distribution-modules", TRUE, 0, G_STRUCT_OFFSET(Platform, distribution_modules), NULL},
};

static gboolean
read_key(Reader *reader, guint i, GError **error) {
  g_autofree char *given = g_key_file_get_string(reader->keys, GROUP, keys[i].name, NULL);
  const char *value = given != NULL ? g_strstrip(given) : "";
  if (given == NULL && !keys[i].optional) {
    place_set_error(error, reader->file, section_line(reader), "no %s=; expected it in [" GROUP "]",
                    keys[i].name);
    return FALSE;
  }
  if (value[0] == '\0' && !keys[i].optional)
    return bad_value(reader, keys[i].name, "", "a value", error);
  if (value[0] != '\0' && keys[i].read != NULL)
    return keys[i].read(reader, keys[i].name, value, error);
  if (keys[i].words != 0)
    G_STRUCT_MEMBER(char **, reader->platform, keys[i].words) = split_words(value, " \t");
  else if (keys[i].text != 0)
    G_STRUCT_MEMBER(char *, reader->platform, keys[i].text) = g_strdup(value);
  return TRUE;
}

static gboolean
is_section(const char *section) {
  return strcmp(section, GROUP) == 0;
}

static gboolean
is_key(const char *section, const char *key) {
  (void)section; /* there is one */
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
    if (strcmp(keys[i].name, key) == 0)
      return TRUE;
  return FALSE;
}

static char *
expected_names(const char *section) {
  GString *text = g_string_new(section == NULL ? "expected [" GROUP "]" : "expected one of:");
  for (guint i = 0; section != NULL && i < G_N_ELEMENTS(keys); i++)
    g_string_append_printf(text, " %s", keys[i].name);
  return g_string_free(text, FALSE);
}

static const KeyLinesFormat conf_format = {
    .first = GROUP, .is_section = is_section, .is_key = is_key, .expected = expected_names};

/* What each launcher (guest/launcher.c) must be told, and whether it can ask a guest to shut down
 * by the hypervisor and by the console. QEMU's power button is an event that a guest's kernel only
 * hands on to a daemon (drivers/acpi/button.c), and there is none. */
static const struct {
  const char *name, *needs[3];
  gboolean hypervisor, console;
} launchers[] = {{"xl", {"xl-type", NULL}, TRUE, FALSE},
                 {"qemu", {"qemu-machine", "qemu-network", NULL}, FALSE, TRUE}};

static gboolean
check_launcher(const Reader *reader, const char *name, GError **error) {
  gboolean console = reader->platform->shutdown == PLATFORM_SHUTDOWN_CONSOLE;
  guint i = 0;
  while (i < G_N_ELEMENTS(launchers) && strcmp(launchers[i].name, name) != 0)
    i++;
  if (i == G_N_ELEMENTS(launchers))
    return bad_value(reader, "launchers", name, "one of: xl, qemu", error);
  for (const char *const *key = launchers[i].needs; *key != NULL; key++) {
    g_autofree char *value = g_key_file_get_string(reader->keys, GROUP, *key, NULL);
    if (value == NULL || g_strstrip(value)[0] == '\0') {
      place_set_error(error, reader->file, key_lines_find(reader->lines, GROUP, "launchers"),
                      "launchers=%s, and no %s=; expected it", name, *key);
      return FALSE;
    }
  }
  if (console ? launchers[i].console : launchers[i].hypervisor)
    return TRUE;
  g_autofree char *expected = g_strdup_printf("%s, which is how %s asks a guest to end",
                                              console ? "hypervisor" : "console", name);
  return bad_value(reader, "shutdown", console ? "console" : "hypervisor", expected, error);
}

static gboolean
check_launchers(const Reader *reader, GError **error) {
  for (char **name = reader->platform->launchers; *name != NULL; name++)
    if (!check_launcher(reader, *name, error))
      return FALSE;
  return TRUE;
}

/* What a key that is not there stands for. */
static void
set_defaults(Platform *platform) {
  if (platform->kernel_compressions == NULL)
    platform->kernel_compressions = g_new0(char *, 1);
  if (platform->network[0] == '\0') {
    g_free(platform->network);
    platform->network = g_strdup("eth");
  }
  if (platform->qemu_distribution_machine[0] == '\0') {
    g_free(platform->qemu_distribution_machine);
    platform->qemu_distribution_machine = g_strdup(platform->qemu_machine);
  }
}

static gboolean
read_all(Reader *reader, const char *text, GError **error) {
  g_autoptr(GError) syntax = NULL;
  if (section_line(reader) == 0) {
    place_set_error(error, reader->file, 1, "no [" GROUP "]; expected it");
    return FALSE;
  }
  if (!g_key_file_load_from_data(reader->keys, text, (gsize)-1, G_KEY_FILE_NONE, &syntax)) {
    place_set_error(error, reader->file, 0, "%s; expected KEY=VALUE lines", syntax->message);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
    if (!read_key(reader, i, error))
      return FALSE;
  return check_launchers(reader, error);
}

Platform *
platform_parse(const char *name, const char *text, const char *file, GError **error) {
  g_autoptr(Platform) platform = g_new0(Platform, 1);
  g_autoptr(GKeyFile) file_keys = g_key_file_new();
  g_autoptr(GHashTable) lines = NULL;
  platform->name = g_strdup(name);
  platform->nodes = g_ptr_array_new_with_free_func(node_free);
  if (!place_check_text(text, strlen(text), file, error) ||
      (lines = key_lines_scan(&conf_format, text, file, error)) == NULL)
    return NULL;
  Reader reader = {platform, file_keys, lines, file};
  if (!read_all(&reader, text, error))
    return NULL;
  set_defaults(platform);
  return g_steal_pointer(&platform);
}

/* The files that it names lie beside it. */
static gboolean
check_files(const Platform *platform, const char *file, GError **error) {
  const char *names[] = {platform->fragment, platform->layout};
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *relative = g_strconcat(FOLDER "/", names[i], NULL);
    g_autofree char *path = data_path(relative);
    if (names[i] == NULL || g_file_test(path, G_FILE_TEST_IS_REGULAR))
      continue;
    place_set_error(error, file, 0, "%s=%s; expected a file in the same folder",
                    i == 0 ? "fragment" : "layout", names[i]);
    return FALSE;
  }
  return TRUE;
}

char **
platform_names(void) {
  g_autofree char *folder = data_path(FOLDER);
  g_autoptr(GPtrArray) files = folder_names(folder, SUFFIX, NULL);
  g_autoptr(GPtrArray) names = strings_new();
  for (guint i = 0; files != NULL && i < files->len; i++)
    g_ptr_array_add(names, g_strndup(files->pdata[i], strlen(files->pdata[i]) - strlen(SUFFIX)));
  strings_sort(names); /* "a-b.conf" stands before "a.conf", "a" before "a-b" */
  return strings_copy(names);
}

Platform *
platform_load(const char *name, GError **error) {
  g_auto(GStrv) names = platform_names();
  g_autofree char *file = g_strconcat(FOLDER "/", name, SUFFIX, NULL);
  g_autofree char *path = data_path(file);
  g_autofree char *text = NULL;
  if (names[0] == NULL) {
    g_autofree char *folder = data_path(FOLDER);
    tinyx_fail(error, TINYX_ERROR_INPUT,
               "%s: no platform is there; expected the data that come with tinyx (TINYX_DATADIR "
               "says where they are)",
               folder);
    return NULL;
  }
  if (!g_strv_contains((const char *const *)names, name)) {
    g_autofree char *near = near_or_all(name, (const char *const *)names, "expected one of");
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_INPUT, "platform '%s' is not known%s", name, near);
    return NULL;
  }
  if (!file_read(path, FILE_OWN_MAX, &text, NULL, error))
    return NULL;
  g_autoptr(Platform) platform = platform_parse(name, text, file, error);
  return platform != NULL && check_files(platform, file, error) ? g_steal_pointer(&platform) : NULL;
}

char **
platform_known_words(GError **error) {
  g_auto(GStrv) names = platform_names();
  g_autoptr(GStrvBuilder) words = g_strv_builder_new();
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; names[i] != NULL; i++) {
    g_autoptr(Platform) platform = platform_load(names[i], error);
    if (platform == NULL)
      return NULL;
    const char *both[] = {platform->name, platform->family};
    for (guint j = 0; j < G_N_ELEMENTS(both); j++)
      if (both[j][0] != '\0' && g_hash_table_add(seen, g_strdup(both[j])))
        g_strv_builder_add(words, both[j]);
  }
  return g_strv_builder_end(words);
}

/* ---- what the rooms know ------------------------------------------------ */

gboolean
platform_check_kernel(const Platform *platform, const char *path, VmlinuxFacts *facts,
                      GError **error) {
  g_autoptr(Vmlinux) kernel = vmlinux_open(path, error);
  if (kernel == NULL)
    return FALSE;
  *facts = kernel->facts;
  if (platform->room != NULL)
    return platform->room->check_kernel(kernel, error);
  if (kernel->has_entry)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE,
              "%s: its entry point is in none of its segments; expected it in one", path);
  return FALSE;
}

int
platform_least_memory(const Platform *platform, const VmlinuxFacts *kernel, guint64 initrd) {
  const guint64 mb = 1024 * 1024;
  if (platform->room != NULL && platform->room->least_memory != NULL)
    return platform->room->least_memory(kernel, initrd);
  /* What is loaded must at least be there. */
  return (int)((kernel->phys_start + kernel->span + initrd + mb - 1) / mb);
}

gboolean
platform_finish_rootfs(const Platform *platform, const char *path, GError **error) {
  return platform->room == NULL || platform->room->finish_rootfs == NULL ||
         platform->room->finish_rootfs(path, error);
}

char *
platform_cmdline(const Platform *platform, const char *ip, gboolean disk) {
  GString *text = g_string_new(NULL);
  g_string_append_printf(text, "console=%s loglevel=4 panic=-1", platform->console);
  if (platform->cmdline[0] != '\0')
    g_string_append_printf(text, " %s", platform->cmdline);
  /* An initramfs is unpacked into a tmpfs where the kernel has one, which takes half of the memory
   * at most (init/do_mounts.c, init_rootfs); ramfs has no such limit. */
  if (disk)
    g_string_append_printf(text, " root=/dev/%s ro rootfstype=squashfs init=/sbin/init",
                           platform->disk);
  else
    g_string_append(text, " rootfstype=ramfs");
  if (ip != NULL)
    g_string_append_printf(text, " ip=%s", ip);
  return g_string_free(text, FALSE);
}

void
platform_file_free(gpointer data) {
  PlatformFile *file = data;
  g_free(file->name);
  g_free(file->text);
  g_free(file);
}

void
platform_add_file(GPtrArray *files, char *name, char *text, gboolean is_program) {
  PlatformFile *file = g_new0(PlatformFile, 1);
  *file = (PlatformFile){name, text, is_program};
  g_ptr_array_add(files, file);
}

GPtrArray *
platform_launch_files(const Platform *platform, const PlatformImage *image) {
  GPtrArray *files = g_ptr_array_new_with_free_func(platform_file_free);
  if (platform->room != NULL && platform->room->launch_files != NULL)
    platform->room->launch_files(platform, image, files);
  return files;
}

char *
platform_export(const Platform *platform, const PlatformImage *image, const char *folder,
                GPtrArray *scripts, GPtrArray *beside) {
  return platform->room != NULL && platform->room->export_files != NULL
             ? platform->room->export_files(platform, image, folder, scripts, beside)
             : NULL;
}
