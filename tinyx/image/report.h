/* report.h - report.json: what a build made, in bytes, counts and seconds. */
#ifndef TINYX_IMAGE_REPORT_H
#define TINYX_IMAGE_REPORT_H

#include "image/output.h"
#include "kernel/kernel.h"
#include "kernel/lock.h"
#include "rootfs/rootfs.h"

typedef struct {
  const char *name, *key, *folder;
  const Platform *platform;
  RootfsFormat format;
  const Lock *lock;            /* that was used; or NULL */
  const FilesLock *files_lock; /* that was used; or NULL */
  const char *search;          /* file with the figures of the search for it; need not exist */
  RootfsPlan *plan;
  KernelResult *kernel;
  const GPtrArray *absent; /* Absent*: absent.h */
  gint64 rootfs_bytes;     /* of rootfs_format_file(format) */
  int least_memory;        /* MB, to create a guest */
  int start_memory;        /* MB, to unpack its files and to start: memory.h */
  gboolean start_measured; /* that was measured, not estimated */
  int memory;              /* MB, what the configurations ask for */
  double rootfs_seconds, kernel_seconds, image_seconds;
} Report;

/* The text of report.json with OUTPUT's files listed; g_free. */
char *report_text(const Report *report, Output *output, GError **error);

#endif
