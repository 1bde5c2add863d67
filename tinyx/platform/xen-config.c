/* xen-config.c - writes xl.cfg and the JSON of chaos. */
#include "platform/xen-config.h"

#include "base/json.h"

#include <string.h>

/* A string of xl's Python-like syntax; libxlu knows \\, \', \" and \n. */
static void
append_quoted(GString *text, const char *value) {
  g_string_append_c(text, '"');
  for (const char *c = value; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_c(text, '\\');
    g_string_append_c(text, *c);
  }
  g_string_append_c(text, '"');
}

static void
append_key(GString *text, const char *key, const char *value) {
  if (value == NULL)
    return;
  g_string_append_printf(text, "%s = ", key);
  append_quoted(text, value);
  g_string_append_c(text, '\n');
}

static const char *
vif_mac(const XenConfig *config, int index) {
  return config->macs != NULL ? config->macs[index] : NULL;
}

static void
append_vif(GString *text, const XenConfig *config, int index) {
  g_autoptr(GString) vif = g_string_new(NULL);
  const char *const parts[][2] = {
      {"mac", vif_mac(config, index)}, {"bridge", config->bridge}, {"script", config->vif_script}};
  for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
    if (parts[i][1] != NULL)
      g_string_append_printf(vif, "%s%s=%s", vif->len > 0 ? "," : "", parts[i][0], parts[i][1]);
  append_quoted(text, vif->str);
}

static void
append_vifs(GString *text, const XenConfig *config) {
  if (config->vifs == 0)
    return;
  g_string_append(text, "vif = [ ");
  for (int i = 0; i < config->vifs; i++) {
    g_string_append(text, i > 0 ? ", " : "");
    append_vif(text, config, i);
  }
  g_string_append(text, " ]\n");
}

XenConfig
xen_config_of(const Platform *platform, const PlatformImage *image) {
  return (XenConfig){.name = image->name,
                     .type = platform->xl_type,
                     .kernel = image->kernel,
                     .ramdisk = image->initrd,
                     .disk = image->disk,
                     .vdev = platform->disk,
                     .cmdline = image->cmdline,
                     .memory = image->memory,
                     .vifs = image->vifs};
}

char *
xen_config_xl(const XenConfig *config) {
  GString *text = g_string_new("# Made by tinyx; see xl.cfg(5).\n");
  append_key(text, "name", config->name);
  append_key(text, "type", config->type);
  append_key(text, "kernel", config->kernel);
  append_key(text, "ramdisk", config->ramdisk);
  append_key(text, "cmdline", config->cmdline);
  g_string_append_printf(text, "memory = %d\nvcpus = %d\n", config->memory, MAX(config->vcpus, 1));
  if (config->clock_ahead != 0)
    g_string_append_printf(text, "rtc_timeoffset = %" G_GINT64_FORMAT "\n", config->clock_ahead);
  append_vifs(text, config);
  if (config->disk != NULL) {
    g_autofree char *disk = g_strdup_printf("format=raw,vdev=%s,access=%s,target=%s", config->vdev,
                                            config->disk_writable ? "rw" : "ro", config->disk);
    g_string_append(text, "disk = [ ");
    append_quoted(text, disk);
    g_string_append(text, " ]\n");
  }
  append_key(text, "on_poweroff", config->on_end != NULL ? config->on_end : "destroy");
  append_key(text, "on_reboot", config->on_end != NULL ? config->on_end : "restart");
  append_key(text, "on_crash", config->on_end != NULL ? config->on_end : "destroy");
  return g_string_free(text, FALSE);
}

static void
put_given(JsonBuilder *builder, const char *key, const char *value) {
  if (value != NULL)
    json_put_string(builder, key, value);
}

static void
chaos_vifs(JsonBuilder *builder, const XenConfig *config) {
  json_begin_array(builder, "vifs");
  for (int i = 0; i < config->vifs; i++) {
    json_builder_begin_object(builder);
    put_given(builder, "mac", vif_mac(config, i));
    put_given(builder, "bridge", config->bridge != NULL ? config->bridge : "xenbr");
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}

static void
chaos_vbds(JsonBuilder *builder, const XenConfig *config) {
  if (config->disk == NULL)
    return;
  json_begin_array(builder, "vbds");
  json_builder_begin_object(builder);
  put_given(builder, "target", config->disk);
  put_given(builder, "type", "file");
  put_given(builder, "vdev", config->vdev);
  put_given(builder, "access", config->disk_writable ? "w" : "r");
  json_builder_end_object(builder);
  json_builder_end_array(builder);
}

char *
xen_config_chaos(const XenConfig *config) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  put_given(builder, "name", config->name);
  put_given(builder, "kernel", config->kernel);
  put_given(builder, "ramdisk", config->ramdisk);
  put_given(builder, "cmdline", config->cmdline != NULL ? config->cmdline : "");
  json_put_int(builder, "memory", config->memory);
  json_put_int(builder, "vcpus", MAX(config->vcpus, 1));
  chaos_vifs(builder, config);
  chaos_vbds(builder, config);
  json_put_bool(builder, "paused", FALSE);
  json_begin_object(builder, "xen");
  json_put_bool(builder, "pvh", FALSE);
  put_given(builder, "dev_method", "xenstore");
  json_builder_end_object(builder);
  json_builder_end_object(builder);
  return json_lines(builder);
}
