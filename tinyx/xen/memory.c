/* memory.c - a machine's memory as a file, packed by zstd. */
#include "xen/memory.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STREAM_SECONDS 300 /* to write it: 1 */

/* QEMU starts no programs (confine.h): it gets one end of a pipe, and PACKER is at the other. */
static Proc *
begin_stream(Qmp *qmp, const char *const *packer, const char *file, gboolean in, GError **error) {
  ProcSpec spec = {.argv = packer};
  int ends[2];
  int fd = in ? open(file, O_RDONLY | O_CLOEXEC)
              : open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Proc *proc = NULL;
  if (fd < 0) {
    file_failed(file, error);
    return NULL;
  }
  if (pipe2(ends, O_CLOEXEC) != 0) {
    g_set_error(error, TINYX_ERROR, TINYX_ERROR_FAILED, "pipe: %s", g_strerror(errno));
    close(fd);
    return NULL;
  }
  spec.input_fd = in ? fd : ends[0];
  spec.output_fd = in ? ends[1] : fd;
  if (qmp_give(qmp, "stream", ends[in ? 0 : 1], error))
    proc = proc_start(&spec, error);
  close(ends[0]);
  close(ends[1]);
  close(fd);
  return proc;
}

static gboolean
end_stream(Proc *packer, GError **error) {
  int status = -1;
  gboolean ended = proc_wait(packer, STREAM_SECONDS) && !proc_alive(packer, &status);
  proc_stop(packer, 0);
  return (ended && status == 0) ||
         tinyx_fail(error, TINYX_ERROR_HOST, "zstd of the Xen host's memory: %s",
                    ended ? "it failed" : "it does not end");
}

gboolean
memory_load(Qmp *qmp, const char *file, Proc **packer, GError **error) {
  static const char *const argv[] = {"zstd", "-dcq", NULL};
  *packer = begin_stream(qmp, argv, file, TRUE, error);
  return *packer != NULL &&
         qmp_execute(qmp, "migrate-incoming", "{\"uri\": \"fd:stream\"}", NULL, error);
}

gboolean
memory_save(Qmp *qmp, const char *file, GError **error) {
  static const char *const argv[] = {"zstd", "-1qc", NULL};
  Proc *packer;
  if (!qmp_execute(qmp, "stop", NULL, NULL, error) ||
      !qmp_execute(qmp, "migrate-set-parameters", "{\"max-bandwidth\": 100000000000}", NULL,
                   error) ||
      (packer = begin_stream(qmp, argv, file, FALSE, error)) == NULL)
    return FALSE;
  if (qmp_execute(qmp, "migrate", "{\"uri\": \"fd:stream\"}", NULL, error) &&
      qmp_wait_status(qmp, "query-migrate", "completed", "failed", STREAM_SECONDS, error))
    return end_stream(packer, error) && qmp_execute(qmp, "cont", NULL, NULL, error);
  proc_stop(packer, 0);
  return FALSE;
}
