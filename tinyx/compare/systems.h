/* systems.h - the systems that are compared: our image, Debian's, and kernels of others with our
 * files. */
#ifndef TINYX_COMPARE_SYSTEMS_H
#define TINYX_COMPARE_SYSTEMS_H

#include "compare/system.h"
#include "image/image.h"

/* The image that `tinyx build` wrote to FOLDER (initramfs only), in the recipe's memory, at least
 * what its report.json says that it needs. */
System *system_from_image(const Recipe *recipe, const Platform *platform, const char *id,
                          const char *title, const char *folder, GError **error);
/* Debian as people run it, in MEMORY MB (0: 512). */
System *system_of_debian(const Recipe *recipe, const Platform *platform, int memory,
                         GError **error);
/* Debian's kernel for clouds with the files of OURS; its network drivers are modules, and are
 * loaded first. */
System *system_of_cloud(const System *ours, GError **error);
/* The configuration in the file CONFIG, with what OPTIONS' platform and the recipe need, from the
 * same source, with the files of OURS. */
System *system_of_config(const Recipe *recipe, const ImageOptions *options, const char *config,
                         const System *ours, GError **error);
/* Gives OURS, which was built by OPTIONS, its with_procfs, unless its kernel has /proc or OPTIONS
 * rule that out. */
gboolean system_add_procfs(const Recipe *recipe, const ImageOptions *options, System *ours,
                           GError **error);
/* MB in which a kernel of others is measured with the files of OURS. */
int system_memory(const System *ours);

#endif
