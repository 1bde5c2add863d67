/* qemu-words.c - the command line of a guest's QEMU; most of it comes from the platform's data:
 * qemu-machine, qemu-network, qemu-disk. */
#include "guest/qemu-words.h"

#include "xen/confine.h"

#include <string.h>
#include <x86intrin.h>

#define TSC_US 20000 /* it is watched for */

static void add(GPtrArray *words, const char *option, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* OPTION and its value. */
static void
add(GPtrArray *words, const char *option, const char *format, ...) {
  va_list args;
  va_start(args, format);
  g_ptr_array_add(words, g_strdup(option));
  g_ptr_array_add(words, g_strdup_vprintf(format, args));
  va_end(args);
}

static void
add_network(GPtrArray *words, const Guest *guest) {
  for (int i = 0; i < guest->recipe->vifs; i++) {
    add(words, "-netdev", "tap,id=net%d,ifname=tap%d,script=no,downscript=no", i, i);
    add(words, "-device", "%s,netdev=net%d,mac=%s", guest->image->platform->qemu_network, i,
        guest->vifs[i].mac);
  }
}

static void
add_files(GPtrArray *words, const Guest *guest, gboolean has_second) {
  const GuestImage *image = guest->image;
  gboolean own_disk = has_second && guest_file_is_disk(image);
  add(words, "-kernel", KERNEL_LINK);
  if (has_second && !own_disk)
    add(words, "-initrd", SECOND_LINK);
  if (!own_disk && image->host_disk == NULL)
    return;
  /* What is written to somebody else's disk is forgotten with the guest. */
  add(words, "-drive", "id=disk0,if=none,format=raw,file=%s,%s", own_disk ? SECOND_LINK : DISK_LINK,
      own_disk ? "readonly=on" : "snapshot=on");
  add(words, "-device", "%s,drive=disk0", image->platform->qemu_disk);
}

typedef struct {
  guint64 ticks;
  gint64 us;
} ClockPair;

/* Both clocks at one time: of some tries the one that was interrupted least. */
static ClockPair
read_clocks(void) {
  ClockPair pair = {0};
  guint64 shortest = G_MAXUINT64;
  for (int i = 0; i < 5; i++) {
    guint64 before = __rdtsc();
    gint64 us = g_get_monotonic_time();
    guint64 after = __rdtsc();
    if (after - before < shortest) {
      shortest = after - before;
      pair = (ClockPair){before, us};
    }
  }
  return pair;
}

/* kHz of the counter that QEMU shows a guest which it emulates: this machine's own. */
static guint
tsc_khz(void) {
  ClockPair begin = read_clocks();
  g_usleep(TSC_US);
  ClockPair end = read_clocks();
  return (guint)((end.ticks - begin.ticks) * 1000 / (guint64)(end.us - begin.us));
}

/* With ACPI a microvm has no timer by whose interrupts a distribution's kernel could find out how
 * fast its other clocks are; KVM tells it, an emulated machine does not (early_acpi_boot_init,
 * calibrate_APIC_clock in arch/x86/kernel). */
static char *
kernel_arguments(const Guest *guest) {
  const QemuHost *qemu = guest->host->data;
  g_autofree char *cmdline = guest_command_line(guest);
  if (!guest->image->is_distribution || strcmp(qemu->accelerator, "tcg") != 0)
    return g_steal_pointer(&cmdline);
  return g_strdup_printf("%s tsc_early_khz=%u tsc=reliable", cmdline, tsc_khz());
}

/* What an emulated processor calls itself decides which of a kernel's code for it runs. */
static void
add_variation(GPtrArray *words, const GuestImage *image, gboolean kvm) {
  if (image->processor != NULL && !kvm)
    add(words, "-cpu", "max,vendor=%s", image->processor);
  else
    add(words, "-cpu", "%s", kvm ? "host" : "max");
  if (image->clock_ahead != 0) {
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) then = g_date_time_add_seconds(now, (double)image->clock_ahead);
    g_autofree char *text = g_date_time_format(then, "%Y-%m-%dT%H:%M:%S");
    add(words, "-rtc", "base=%s", text);
  }
}

static GPtrArray *
command_words(const Guest *guest, gboolean has_second) {
  const QemuHost *qemu = guest->host->data;
  const Platform *platform = guest->image->platform;
  gboolean kvm = strcmp(qemu->accelerator, "kvm") == 0;
  g_autofree char *cmdline = kernel_arguments(guest);
  GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(words, g_strdup(QEMU));
  for (const char *const *word =
           (const char *const[]){"-nodefaults", "-no-user-config", "-no-reboot", "-S", NULL};
       *word != NULL; word++)
    g_ptr_array_add(words, g_strdup(*word));
  /* Ended by the agent, whoever it has become. */
  confine_add(words);
  add(words, "-name", "%s", guest->name);
  add(words, "-display", "none");
  add(words, "-M", "%s",
      guest->image->is_distribution ? platform->qemu_distribution_machine : platform->qemu_machine);
  add(words, "-accel", "%s", qemu->accelerator);
  add_variation(words, guest->image, kvm);
  add(words, "-m", "%d", guest->image->memory);
  add(words, "-chardev", "stdio,id=console,signal=off");
  add(words, "-serial", "chardev:console");
  add(words, "-qmp", "unix:" MONITOR ",server=on,wait=off");
  add_files(words, guest, has_second);
  add(words, "-append", "%s", cmdline);
  add_network(words, guest);
  if (qemu->count_plugin != NULL)
    add(words, "-plugin", "./" PLUGIN_LINK ",counter=" COUNTER);
  if (guest->host->trace != NULL) {
    add(words, "-d", "in_asm");
    add(words, "-dfilter", "0x%" G_GINT64_MODIFIER "x+0x%" G_GINT64_MODIFIER "x", qemu->trace_low,
        qemu->trace_high - qemu->trace_low);
    add(words, "-D", "%s", guest->host->trace);
  }
  return words;
}

/* By exec, in the guest's folder; its standard input is what agent_tell() says to the console. */
char *
qemu_command_text(const Guest *guest, gboolean has_second) {
  g_autoptr(GPtrArray) words = command_words(guest, has_second);
  g_autofree char *folder = g_shell_quote(guest->folder);
  GString *text = g_string_new(NULL);
  g_string_append_printf(text, "cd %s && echo $$ >" PID " && exec", folder);
  for (guint i = 0; i < words->len; i++) {
    g_autofree char *quoted = g_shell_quote(words->pdata[i]);
    g_string_append_printf(text, " %s", quoted);
  }
  g_string_append(text, " 2>errors");
  return g_string_free(text, FALSE);
}
