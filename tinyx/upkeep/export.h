/* export.h - images for somebody who has no tinyx: files that start by a script. */
#ifndef TINYX_UPKEEP_EXPORT_H
#define TINYX_UPKEEP_EXPORT_H

#include "platform/platform.h"
#include "recipe/recipe.h"
#include "rootfs/rootfs.h"

/* One platform's image, as `tinyx build` left it. */
typedef struct {
  const Platform *platform;
  char *folder; /* g_free */
  RootfsFormat format;
  int memory; /* MB */
} ExportPart;

void export_part_free(gpointer part);

/* INPUT where two of PLATFORMS (Platform*) are started by a script of the same name, or one by
 * none. */
gboolean export_check(const GPtrArray *platforms, GError **error);
/* Writes the images of RECIPE in PARTS (ExportPart*, one or more) to TARGET: a folder, which must
 * not exist or be empty, or an archive, where it ends in ".tar.gz" or ".tgz" (a folder NAME is in
 * it). One image is beside its script, each of several in a folder with its platform's name. */
gboolean export_write(const Recipe *recipe, const GPtrArray *parts, const char *target,
                      GError **error);

#endif
