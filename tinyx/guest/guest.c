/* guest.c - a guest's name, networks and files: what every launcher needs to know of it. */
#include "guest/launcher.h"

#include "base/files.h"
#include "guest/console.h"
#include "rootfs/overlay.h"

#include <string.h>

#define SPARE_NETWORKS 5       /* candidates beyond those that are needed */
#define CONSOLE_MOST (8 << 20) /* bytes */
#define BOOT_SECONDS 60
/* For a packed megabyte: some ten times what a busy emulated machine takes. */
#define UNPACK_SECONDS 4
#define UNPACK_MOST 600

int
guest_shutdown_seconds(const GuestImage *image, const Recipe *recipe) {
  int most = 0; /* applications are asked side by side (rootfs/glue/stop) */
  for (guint i = 0; i < recipe->runs->len; i++) {
    const RecipeRun *run = recipe->runs->pdata[i];
    int seconds = run->stop_seconds > 0 ? run->stop_seconds : RECIPE_STOP_SECONDS;
    most = MAX(most, run->stop != NULL ? 2 * seconds : seconds); /* its commands have as long */
  }
  return MAX(20, image->boot_seconds / 3) + most;
}

int
guest_boot_seconds(const GuestImage *image, const Recipe *recipe) {
  g_autofree char *rootfs =
      g_build_filename(image->folder, rootfs_format_file(image->format), NULL);
  gint64 bytes = rootfs_format_is_disk(image->format) ? 0 : MAX(file_size(rootfs), 0);
  int unpacked = BOOT_SECONDS + (int)MIN(bytes / 1000000 * UNPACK_SECONDS, UNPACK_MOST);
  return image->boot_seconds > 0 ? image->boot_seconds : MAX(unpacked, recipe->test_timeout);
}

Guest *
guest_new(GuestHost *host, const Recipe *recipe, const GuestImage *image) {
  Guest *guest = g_new0(Guest, 1);
  guest->host = host;
  guest->recipe = recipe;
  guest->image = image;
  guest->name = g_strdup_printf("tinyx-%s-%06x", recipe->name, g_random_int() & 0xffffff);
  guest->folder = g_build_filename(host->folder, guest->name, NULL);
  guest->console = g_string_new(NULL);
  guest->create_cpu_seconds = -1;
  guest->first_side = AGENT_NO_SIDE;
  return guest;
}

void
guest_free(Guest *guest) {
  if (guest == NULL)
    return;
  for (int i = 0; i < RECIPE_VIFS_MAX; i++) {
    g_free(guest->vifs[i].guest);
    g_free(guest->vifs[i].gateway);
    g_free(guest->vifs[i].mac);
  }
  g_string_free(guest->console, TRUE);
  g_free(guest->name);
  g_free(guest->folder);
  g_free(guest->detail);
  g_free(guest);
}

void
guest_set_end(Guest *guest, GuestEnd end, const char *detail) {
  char *copy = g_strdup(detail);
  g_free(guest->detail);
  guest->end = end;
  guest->detail = copy;
}

/* A guest may talk without end: of what it said the newer half is kept. */
static void
console_limit(GString *console) {
  static const char left_out[] = "[what came before is left out]\n";
  const char *line;
  if (console->len <= CONSOLE_MOST)
    return;
  line = memchr(console->str + CONSOLE_MOST / 2, '\n', console->len - CONSOLE_MOST / 2);
  g_string_erase(console, 0,
                 line != NULL ? (gssize)(line + 1 - console->str) : (gssize)CONSOLE_MOST / 2);
  g_string_prepend(console, left_out);
}

void
guest_take_console(const char *bytes, gsize size, gpointer data) {
  Guest *guest = data;
  if (bytes == NULL) /* its end: ended() tells more */
    return;
  for (gsize i = 0; i < size; i++) /* it may say anything */
    g_string_append_c(guest->console, bytes[i] != '\0' ? bytes[i] : '?');
  console_limit(guest->console);
  guest->console_heard = g_get_monotonic_time();
  if (guest->on_console != NULL)
    guest->on_console(bytes, size, guest->on_console_data);
}

/* ---- networks ---------------------------------------------------------- */

/* /30 networks in 10.64.0.0/10, which few sites use; the first that are free are taken. The text is
 * three octets: .1 is the host's end, .2 the guest. */
static char *
network_candidates(int count) {
  GString *text = g_string_new(NULL);
  for (int i = 0; i < count + SPARE_NETWORKS; i++)
    g_string_append_printf(text, "%s10.%d.%d", i > 0 ? " " : "", g_random_int_range(64, 128),
                           g_random_int_range(0, 256));
  return g_string_free(text, FALSE);
}

gboolean
guest_choose_networks(Guest *guest, const char *prefix, GError **error) {
  int count = guest->recipe->vifs;
  int first = g_random_int_range(0, 128), second = g_random_int_range(0, 256);
  g_autofree char *candidates = network_candidates(count);
  g_auto(AgentReply) reply = {0};
  g_auto(GStrv) networks = NULL;
  if (count == 0)
    return TRUE;
  if (!agent_call(guest->host->agent, AGENT_NETWORKS, candidates, &reply, error, "%d", count)) {
    g_prefix_error(error, "%s: %s: ", guest->host->name, candidates);
    return FALSE;
  }
  networks = g_strsplit(reply.bytes, " ", -1);
  for (int i = 0; i < count && networks[i] != NULL; i++) {
    GuestVif *vif = &guest->vifs[i];
    vif->gateway = g_strconcat(networks[i], ".1", NULL);
    vif->guest = g_strconcat(networks[i], ".2", NULL);
    vif->mac = g_strdup_printf("%s:%02x:%02x:%02x", prefix, first, second, i);
  }
  return TRUE;
}

static gboolean
make_side(Guest *guest, const char *device, const GuestVif *ends, GError **error) {
  g_auto(AgentReply) reply = {0};
  if (!agent_call(guest->host->agent, AGENT_SIDE, "", &reply, error, "%s %s %s %s", device,
                  ends->gateway, ends->guest, ends->mac)) {
    g_prefix_error(error, "%s cannot be put into a network namespace of its own: ", device);
    return FALSE;
  }
  if (guest->sides == 0)
    guest->first_side = reply.words[0] != NULL ? (int)g_ascii_strtoll(reply.words[0], NULL, 10) : 0;
  guest->sides++;
  return TRUE;
}

gboolean
guest_make_sides(Guest *guest, GError **error) {
  static const GuestVif none = {(char *)"-", (char *)"-", (char *)"-"};
  for (int i = 0; i < guest->recipe->vifs; i++) {
    g_autofree char *device = guest->host->launcher->device(guest, i, error);
    if (device == NULL || !make_side(guest, device, &guest->vifs[i], error))
      return FALSE;
  }
  return guest->sides > 0 || make_side(guest, "-", &none, error);
}

void
guest_drop_sides(Guest *guest) {
  for (int i = 0; i < guest->sides; i++) {
    guint id =
        agent_ask(guest->host->agent, AGENT_DROP_SIDE, "", 0, NULL, "%d", guest->first_side + i);
    if (id != 0)
      agent_forget(guest->host->agent, id);
  }
  guest->sides = 0;
  guest->first_side = AGENT_NO_SIDE;
}

/* ---- what it boots ----------------------------------------------------- */

/* What the command line says after "ip=": the first interface with the host as its gateway, and "
 * ip1=" and so on for the others, which reach their neighbours only. NULL without a network. */
static char *
ip_text(const Guest *guest) {
  const GuestVif *vifs = guest->vifs;
  GString *text;
  if (guest->recipe->vifs == 0)
    return NULL;
  text = g_string_new(NULL);
  g_string_append_printf(text, "%s::%s:255.255.255.252:%s:%s0:off", vifs[0].guest, vifs[0].gateway,
                         guest->recipe->name, guest->image->platform->network);
  for (int i = 1; i < guest->recipe->vifs; i++)
    g_string_append_printf(text, " ip%d=%s:::255.255.255.252::%s%d:off", i, vifs[i].guest,
                           guest->image->platform->network, i);
  return g_string_free(text, FALSE);
}

char *
guest_command_line(const Guest *guest) {
  const GuestImage *image = guest->image;
  g_autofree char *ip = ip_text(guest);
  if (image->cmdline == NULL)
    return platform_cmdline(image->platform, ip, rootfs_format_is_disk(image->format));
  return ip != NULL ? g_strdup_printf("%s ip=%s", image->cmdline, ip) : g_strdup(image->cmdline);
}

gboolean
guest_second_file(const GuestImage *image, const char *scratch, const char **name, char **path,
                  GError **error) {
  g_autofree char *own = NULL, *made = NULL;
  *path = NULL;
  *name = image->initrd != NULL || image->host_disk != NULL ? image->initrd
                                                            : rootfs_format_file(image->format);
  if (*name == NULL)
    return TRUE;
  own = g_build_filename(image->folder, *name, NULL);
  made = g_build_filename(scratch, *name, NULL);
  if (image->at_boot != NULL && (!overlay_append(own, image->at_boot, made, error) ||
                                 !platform_finish_rootfs(image->platform, made, error)))
    return FALSE;
  *path = image->at_boot != NULL ? g_steal_pointer(&made) : g_steal_pointer(&own);
  return TRUE;
}

gboolean
guest_file_is_disk(const GuestImage *image) {
  return image->initrd == NULL && image->host_disk == NULL && rootfs_format_is_disk(image->format);
}

#define MEMORY_STEP 8 /* MB */

char *
guest_memory_advice(const Guest *guest) {
  int memory = guest->image->memory, start = guest->image->start_memory;
  gboolean said = console_wants_memory(guest->console->str);
  int wanted = MAX(start + start / 4, said ? memory + memory / 2 : 0);
  if (!said && memory >= start)
    return g_strdup("");
  wanted = (wanted + MEMORY_STEP - 1) / MEMORY_STEP * MEMORY_STEP;
  return g_strdup_printf(
      "; %d MB of memory %s: give it more (memory=%d in [image] of the recipe, or "
      "--memory %d)",
      memory, said ? "are too little" : "may be too little", wanted, wanted);
}
