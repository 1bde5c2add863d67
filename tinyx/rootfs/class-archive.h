/* class-archive.h - times that Java's archives of classes hold of the jars that they are of. */
#ifndef TINYX_ROOTFS_CLASS_ARCHIVE_H
#define TINYX_ROOTFS_CLASS_ARCHIVE_H

#include "tree/tree.h"

/* Gives each jar of TREE the time that an archive of classes in TREE (*.jsa, as
 * -XX:ArchiveClassesAtExit writes it) holds of it: else Java takes the archive for another jar's,
 * and loads and verifies each class anew. Jars that no archive is of keep the time of all files. */
void class_archive_times(Tree *tree);

#endif
