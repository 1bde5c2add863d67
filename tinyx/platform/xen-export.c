/* xen-export.c - a domain that is started on another machine's dom0, from wherever it is unpacked:
 * an xl.cfg with relative paths, and a script that hands xl the whole ones. */
#include "platform/xen-config.h"
#include "platform/xen.h"

#include <string.h>

/* xl takes relative paths of kernels as libxl finds them, and its block scripts none at all. */
static const char head[] =
    "#!/bin/sh\n"
    "# Made by tinyx: starts %s as a Xen domain, with its console here (ctrl-] leaves it running); "
    "in "
    "dom0, by root.\n"
    "#   ./run-xen.sh -d                             in the background (xl console NAME, xl "
    "shutdown NAME)\n"
    "#   ip=192.0.2.5::192.0.2.1:255.255.255.0::eth0:off:192.0.2.53 ./run-xen.sh      an address "
    "instead of DHCP\n"
    "#   bridge=br0 memory=64 name=second ./run-xen.sh   further words go to xl create\n"
    "cd \"$(dirname \"$0\")\"%s%s || exit\n"
    "here=$(pwd)\n"
    "command -v xl >/dev/null || { echo \"run-xen.sh: no xl here; expected a Xen host's dom0\" "
    ">&2; exit 2; }\n"
    "# A string of xl's syntax.\n"
    "quoted() { printf '\"%%s\"' \"$(printf '%%s' \"$1\" | sed 's/[\\\\\"]/\\\\&/g')\"; }\n"
    "cmdline=%s\n"
    "case ${1-} in -d) shift ;; *) set -- -c \"$@\" ;; esac\n";

static void
append_given(GString *text, const char *key, const char *value) {
  g_autofree char *quoted = g_shell_quote(value);
  g_string_append_printf(text, " \\\n\t%s=\"$(quoted \"$here\"/%s)\"", key, quoted);
}

static char *
script_text(const Platform *platform, const PlatformImage *image, const char *folder,
            const char *config) {
  gboolean below = strcmp(folder, ".") != 0;
  g_autofree char *quoted_folder = g_shell_quote(folder);
  g_autofree char *cmdline = g_shell_quote(image->cmdline);
  g_autofree char *quoted_config = g_shell_quote(config);
  GString *text = g_string_new(NULL);
  g_string_append_printf(text, head, image->name, below ? "/" : "", below ? quoted_folder : "",
                         cmdline);
  if (image->vifs > 0)
    g_string_append(text, "[ -z \"${ip-}\" ] || cmdline=\"$cmdline ip=$ip\"\n");
  if (image->vifs == 1)
    g_string_append(text, "[ -z \"${bridge-}\" ] || set -- \"$@\" \"vif=[ $(quoted "
                          "\"bridge=$bridge\") ]\"\n");
  g_string_append(text, "[ -z \"${name-}\" ] || set -- \"$@\" \"name=$(quoted \"$name\")\"\n"
                        "[ -z \"${memory-}\" ] || set -- \"$@\" \"memory=$memory\"\n");
  if (image->disk != NULL) {
    g_autofree char *disk = g_shell_quote(image->disk);
    g_string_append_printf(text,
                           "set -- \"$@\" \"disk=[ $(quoted \"format=raw,vdev=%s,access=ro,"
                           "target=$here/\"%s) ]\"\n",
                           platform->disk, disk);
  }
  g_string_append_printf(text, "exec xl create %s", quoted_config);
  append_given(text, "kernel", image->kernel);
  if (image->initrd != NULL)
    append_given(text, "ramdisk", image->initrd);
  g_string_append(text, " \\\n\tcmdline=\"$(quoted \"$cmdline\")\" \"$@\"\n");
  return g_string_free(text, FALSE);
}

char *
xen_export_files(const Platform *platform, const PlatformImage *image, const char *folder,
                 GPtrArray *scripts, GPtrArray *beside) {
  XenConfig config = xen_config_of(platform, image);
  g_autofree char *name = g_strconcat(image->name, ".xl.cfg", NULL);
  platform_add_file(beside, g_strdup(name), xen_config_xl(&config), FALSE);
  platform_add_file(scripts, g_strdup("run-xen.sh"), script_text(platform, image, folder, name),
                    TRUE);
  return g_strdup_printf(
      "Xen (4.14 or newer, xl), by root in dom0:\n\n"
      "    ./run-xen.sh                             # with its console; ctrl-] leaves it running\n"
      "    ./run-xen.sh -d                          # in the background\n"
      "%s"
      "    memory=64 name=second ./run-xen.sh       # MB (%d without it), and a name\n\n"
      "%s has relative paths, which the script makes whole; for `xl create` by itself write them "
      "out.\n",
      image->vifs > 0
          ? "    ip=192.0.2.5::192.0.2.1:255.255.255.0::eth0:off:192.0.2.53 ./run-xen.sh   # else "
            "DHCP\n"
            "    bridge=br0 ./run-xen.sh                  # another bridge than xl.conf's\n"
          : "",
      image->memory, name);
}
