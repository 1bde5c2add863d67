/* qemu-microvm.c - the room of QEMU's machine type microvm: an ELF kernel that is entered as Xen
 * enters PVH domains (QEMU, hw/i386/x86.c: load_elfboot), and a script that starts it. */
#include "platform/xen.h"

#include <string.h>

#define MB G_GUINT64_CONSTANT(0x100000)
/* QEMU's own network (-netdev user, qemu(1)): the guest's address there, its gateway, mask,
 * interface and name server. */
#define USER_NETWORK "10.0.2.15::10.0.2.2:255.255.255.0::%s0:off:10.0.2.3"

static gboolean
check_kernel(const Vmlinux *kernel, GError **error) {
  if (vmlinux_note(kernel, "Xen", XEN_NOTE_PHYS32_ENTRY) != NULL)
    return TRUE;
  g_set_error(error, TINYX_ERROR, TINYX_ERROR_UNBOOTABLE,
              "%s: no note with an entry point for PVH: QEMU would not start this kernel; expected "
              "CONFIG_PVH to have put it in",
              kernel->name);
  return FALSE;
}

/* The kernel where it was linked to, the initrd at the end of the memory. */
static int
least_memory(const VmlinuxFacts *kernel, guint64 initrd) {
  guint64 pages = xen_pages(kernel->phys_start + kernel->span) + xen_pages(initrd);
  return (int)((pages * XEN_PAGE + MB - 1) / MB);
}

static void
append_option(GString *text, const char *option, const char *value) {
  g_autofree char *quoted = g_shell_quote(value);
  g_string_append_printf(text, " \\\n\t%s %s", option, quoted);
}

static void
append_file(GString *text, const char *option, const char *path) {
  g_autofree char *name = g_path_get_basename(path);
  append_option(text, option, name);
}

/* More than one interface: their networks are apart, as they are in a test. */
static void
append_network(GString *text, const Platform *platform, int vifs) {
  for (int i = 0; i < vifs; i++)
    g_string_append_printf(text, " \\\n\t-netdev \"user,id=net%d%s\" -device %s,netdev=net%d", i,
                           i == 0 ? "${forward:+,$forward}" : "", platform->qemu_network, i);
}

static char *
script_text(const Platform *platform, const PlatformImage *image, const char *script,
            const char *folder) {
  g_autofree char *quoted_folder = g_shell_quote(folder);
  GString *text = g_string_new("#!/bin/sh\n");
  g_autofree char *cmdline =
      image->vifs > 0 ? g_strdup_printf("%s ip=" USER_NETWORK, image->cmdline, platform->network)
                      : g_strdup(image->cmdline);
  g_string_append_printf(
      text,
      "# Made by tinyx: starts %s in QEMU, with its console here; ctrl-a x ends it. To reach its "
      "port 80:\n"
      "#   forward=hostfwd=tcp:127.0.0.1:8080-:80 %s\n"
      "# A /dev/kvm that exists may not work (a nested one): accel=tcg emulates, and is slower.\n"
      "# What breaks out of the machine finds QEMU sandboxed; sandbox=off for one that was built "
      "without that.\n"
      "cd \"$(dirname \"$0\")\"%s%s || exit\n"
      "[ -n \"$accel\" ] || { [ -w /dev/kvm ] && accel=kvm || accel=tcg; }\n"
      "exec qemu-system-x86_64 -M %s -accel \"$accel\" -cpu max -m \"${memory:-%d}\" -nodefaults "
      "\\\n"
      "\t-sandbox "
      "\"${sandbox:-on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny}\" \\\n"
      "\t-no-user-config -no-reboot -display none -serial mon:stdio",
      image->name, script, strcmp(folder, ".") != 0 ? "/" : "",
      strcmp(folder, ".") != 0 ? quoted_folder : "", platform->qemu_machine, image->memory);
  append_file(text, "-kernel", image->kernel);
  if (image->initrd != NULL)
    append_file(text, "-initrd", image->initrd);
  append_option(text, "-append", cmdline);
  if (image->disk != NULL) {
    g_autofree char *name = g_path_get_basename(image->disk);
    g_autofree char *drive =
        g_strdup_printf("id=disk0,file=%s,format=raw,if=none,readonly=on", name);
    append_option(text, "-drive", drive);
    g_string_append_printf(text, " -device %s,drive=disk0", platform->qemu_disk);
  }
  append_network(text, platform, image->vifs);
  g_string_append(text, " \"$@\"\n");
  return g_string_free(text, FALSE);
}

static void
launch_files(const Platform *platform, const PlatformImage *image, GPtrArray *files) {
  platform_add_file(files, g_strdup("qemu.sh"), script_text(platform, image, "./qemu.sh", "."),
                    TRUE);
}

static char *
export_files(const Platform *platform, const PlatformImage *image, const char *folder,
             GPtrArray *scripts, GPtrArray *beside) {
  (void)beside;
  platform_add_file(scripts, g_strdup("run-qemu.sh"),
                    script_text(platform, image, "./run-qemu.sh", folder), TRUE);
  return g_strdup_printf(
      "QEMU (qemu-system-x86_64, 7 or newer), as any user:\n\n"
      "    ./run-qemu.sh\n"
      "%s"
      "    memory=64 ./run-qemu.sh                  # MB; %d without it\n"
      "    accel=tcg ./run-qemu.sh                  # without KVM: emulated, slower\n\n"
      "Its console is the terminal; ctrl-a x ends it at once.\n",
      image->vifs > 0 ? "    forward=hostfwd=tcp:127.0.0.1:8080-:80 ./run-qemu.sh   # its port 80 "
                        "is 8080 here\n"
                      : "",
      image->memory);
}

const PlatformRoom platform_qemu_microvm = {.name = "qemu-microvm",
                                            .check_kernel = check_kernel,
                                            .least_memory = least_memory,
                                            .launch_files = launch_files,
                                            .export_files = export_files};
