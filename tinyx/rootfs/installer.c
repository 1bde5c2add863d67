/* installer.c - packages become files: each step in a sandbox, without a network. */
#include "rootfs/installer.h"

#include "base/files.h"
#include "base/msg.h"
#include "base/proc.h"
#include "deps/apt.h"
#include "rootfs/file-capabilities.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE_DEADLINE 900
#define INSTALL_DEADLINE 1800
#define STEP_DEADLINE 600 /* of a tar file that is read or written */

/* The installation: the base below, what it makes and changes above. Made anew for each step, and
 * only from folders in which no maintainer script can write otherwise. */
#define OVERLAY "--overlay", "/area/base", "/area/upper", "/area/overlay", "/target"

static void
add_words(GPtrArray *words, const char *const *more) {
  for (; *more != NULL; more++)
    g_ptr_array_add(words, (gpointer)*more);
}

/* Runs COMMAND in a sandbox with OPTIONS and the work folder at /area. Its output goes to the file
 * OUTPUT, which is ours, or nowhere. */
static gboolean
step_run(const Installer *installer, const char *const *options, const char *const *command,
         const char *const *env, int deadline, const char *output, GError **error) {
  const char *const common[] = {"--programs", "--proc",        "/proc", "--dev", "/dev",
                                "--give",     installer->work, "/area", NULL};
  g_autoptr(GPtrArray) words = g_ptr_array_new();
  gboolean done;
  int fd = -1;
  add_words(words, common);
  add_words(words, options);
  g_ptr_array_add(words, NULL);
  g_auto(GStrv) argv = sandbox_words((const char *const *)words->pdata, command, error);
  if (argv == NULL)
    return FALSE;
  if (output != NULL &&
      (fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
    return file_failed(output, error);
  ProcSpec spec = {
      .argv = (const char *const *)argv, .env = env, .deadline = deadline, .output_fd = fd};
  done = proc_run(&spec, NULL, error);
  if (fd >= 0)
    close(fd);
  return done;
}

gboolean
installer_clean(const Installer *installer, GError **error) {
  struct stat info;
  if (lstat(installer->work, &info) != 0)
    return TRUE;
  return sandbox_remove(installer->work, error) && dir_remove(installer->work, error);
}

static gboolean
work_begin(const Installer *installer, GError **error) {
  return installer_clean(installer, error) && dir_make(installer->work, error);
}

/* The order in which Perl walks a hash, which some maintainer scripts write into files
 * (perlrun(1)), and the time of files that they make: any fixed ones will do. */
#define STEADY "PERL_HASH_SEED=0", "PERL_PERTURB_KEYS=0", "SOURCE_DATE_EPOCH=1", "LC_ALL=C"

/* What maintainer scripts take for the host's name, and write down: scripts/overlay-install has its
 * address. */
#define HOST_NAME "localhost"

/* The mounts that mmdebstrap would make are there, or not needed: it may make none. */
gboolean
installer_base(const Installer *installer, const char *repository, const char *tar,
               GError **error) {
  g_autofree char *sources = g_build_filename(installer->apt, "etc/apt", APT_SOURCES, NULL);
  g_autofree char *line =
      g_strdup_printf("deb [trusted=yes] copy:/repository %s main", installer->codename);
  const char *const options[] = {
      "--show", repository,        "/repository",        "--show", sources,   "/sources", "--disk",
      "/area",  SANDBOX_DISK_WORD, SANDBOX_FOR_PACKAGES, "--host", HOST_NAME, NULL};
  static const char *const env[] = {"TMPDIR=/area", STEADY, NULL};
  const char *const command[] = {"mmdebstrap", "--mode=root", "--variant=essential",
                                 "--include=passwd", "--format=tar", "--skip=chroot/mount",
                                 "--aptopt=APT::Sandbox::User \"root\"",
                                 /* what the base has to say of its sources, which are not ours */
                                 "--customize-hook=rm -f \"$1/etc/apt/sources.list\"; "
                                 "cp /sources \"$1/etc/apt/sources.list.d/debian.sources\"",
                                 installer->codename, "-", line, NULL};
  return work_begin(installer, error) &&
         step_run(installer, options, command, env, BASE_DEADLINE, tar, error) &&
         installer_clean(installer, error);
}

static gboolean
base_unpack(const Installer *installer, const char *base, const char *script, GError **error) {
  const char *const options[] = {"--show", base,         "/base.tar",          "--show",
                                 script,   "/installer", SANDBOX_FOR_PACKAGES, NULL};
  static const char *const command[] = {"sh", "/installer", "unpack", NULL};
  return step_run(installer, options, command, NULL, STEP_DEADLINE, NULL, error);
}

/* The folders of the overlay are covered once it is mounted: a maintainer script that leaves its
 * chroot finds this machine's programs, and nothing to write to. */
static gboolean
packages_configure(const Installer *installer, const char *debs, const char *script,
                   const char *const *packages, GError **error) {
  const char *const options[] = {OVERLAY,
                                 "--tmpfs",
                                 "/area",
                                 "700",
                                 "4096",
                                 "--proc",
                                 "/target/proc",
                                 "--dev",
                                 "/target/dev",
                                 "--tmpfs",
                                 "/target/run",
                                 "755",
                                 "67108864",
                                 "--tmpfs",
                                 "/target/tmp",
                                 "1777",
                                 "1073741824",
                                 "--show",
                                 debs,
                                 "/target/var/cache/apt/archives",
                                 "--show",
                                 installer->apt,
                                 installer->apt,
                                 "--show",
                                 script,
                                 "/installer",
                                 "--disk",
                                 "/target",
                                 SANDBOX_DISK_WORD,
                                 SANDBOX_FOR_PACKAGES,
                                 "--nodes",
                                 "--host",
                                 HOST_NAME,
                                 NULL};
  static const char *const env[] = {"PERL_HASH_SEED=0", "PERL_PERTURB_KEYS=0", "LC_ALL=C", NULL};
  static const char *const begin[] = {"sh", "/installer", "install", NULL};
  g_auto(GStrv) apt = apt_options(installer->apt);
  g_autoptr(GPtrArray) command = g_ptr_array_new();
  add_words(command, begin);
  add_words(command, (const char *const *)apt);
  g_ptr_array_add(command, (gpointer) "--");
  add_words(command, packages);
  g_ptr_array_add(command, NULL);
  return step_run(installer, options, (const char *const *)command->pdata, env, INSTALL_DEADLINE,
                  NULL, error);
}

/* No maintainer script runs any more: all died with the sandbox before. What they left is only
 * read, and OUT's files are made by us. */
static gboolean
result_pack(const Installer *installer, const char *script, const char *out, GError **error) {
  g_autofree char *tar = g_build_filename(out, "root.tar", NULL);
  g_autofree char *list = g_build_filename(out, "upper.list", NULL);
  const char *const options[] = {OVERLAY,  "--show",       script, "/installer",
                                 "--keep", "dac_override", NULL};
  static const char *const packs[] = {"sh", "/installer", "pack", NULL};
  static const char *const lists[] = {"sh", "/installer", "list", NULL};
  return step_run(installer, options, lists, NULL, STEP_DEADLINE, list, error) &&
         step_run(installer, options, packs, NULL, STEP_DEADLINE, tar, error);
}

/* TRUE if PATHS, upper.list, has setcap: else no file was given a capability. */
static gboolean
has_setcap(const char *list, gboolean *found, GError **error) {
  static const char setcap[] = "/sbin/setcap"; /* and the NUL behind it */
  g_autofree char *paths = NULL;
  gsize size;
  if (!file_read(list, MANIFEST_BYTES_MAX, &paths, &size, error))
    return FALSE;
  *found = memmem(paths, size, setcap, sizeof setcap) != NULL;
  return TRUE;
}

/* root.tar is without extended attributes, whose form of tar has longer headers. */
static gboolean
capabilities_pack(const Installer *installer, const char *out, GError **error) {
  g_autofree char *list = g_build_filename(out, "upper.list", NULL);
  g_autofree char *tar = g_build_filename(out, "capabilities.tar", NULL);
  static const char *const options[] = {OVERLAY, "--keep", "dac_override", NULL};
  static const char *const command[] = {"tar",
                                        "-cf",
                                        "-",
                                        "--format=posix",
                                        "--xattrs",
                                        "--xattrs-include=" FILE_CAPABILITIES,
                                        "--exclude=./proc/*",
                                        "--exclude=./sys/*",
                                        "--exclude=./dev/*",
                                        "--exclude=./var",
                                        "-C",
                                        "/target",
                                        ".",
                                        NULL};
  gboolean found = FALSE;
  return has_setcap(list, &found, error) &&
         (!found || step_run(installer, options, command, NULL, STEP_DEADLINE, tar, error));
}

gboolean
installer_packages(const Installer *installer, const char *base, const char *debs,
                   const char *const *packages, const char *out, GError **error) {
  g_autofree char *script = data_path("scripts/overlay-install");
  return work_begin(installer, error) && base_unpack(installer, base, script, error) &&
         (packages[0] == NULL || packages_configure(installer, debs, script, packages, error)) &&
         result_pack(installer, script, out, error) && capabilities_pack(installer, out, error) &&
         installer_clean(installer, error);
}
