/* absent.h - what the files of an image name, and the image lacks, with the line that brings it.
 *
 * A small image is one without most things. That nothing is less in silence, each build lists here
 * what its programs name by a path, by a rule of rootfs/absent.rules, by a feature's rule or by a
 * right of root's, and do not get.
 */
#ifndef TINYX_IMAGE_ABSENT_H
#define TINYX_IMAGE_ABSENT_H

#include "image/parts.h"

typedef enum {
  ABSENT_NODE,       /* below /dev */
  ABSENT_PATH,       /* below /proc and /sys */
  ABSENT_FAMILY,     /* of sockets */
  ABSENT_FEATURE,    /* of the kernel */
  ABSENT_CAPABILITY, /* of root's rights */
  ABSENT_HELPER,     /* another program */
  ABSENT_FILE,       /* of the installation */
  ABSENT_LOCALE,
  ABSENT_KINDS
} AbsentKind;

typedef struct {
  AbsentKind kind;
  char *name; /* "/dev/net/tun", "sys_admin" */
  char *by;   /* who names it: "/usr/sbin/openvpn", "import mount in /usr/sbin/x" */
  char *cure; /* "[image] mounts=dev"; NULL: no line of ours is known */
  char *why;  /* what it is for, or why it is not in; NULL: nobody knows */
} Absent;

/* "node", …; and for people: "devices", … */
const char *absent_kind_name(AbsentKind kind);
const char *absent_kind_title(const char *kind);

/* What PARTS lack (Absent*, sorted by kind and name) with the .config CONFIG. g_ptr_array_unref. */
GPtrArray *absent_find(const Recipe *recipe, const ImageParts *parts, const DotConfig *config,
                       GError **error);
/* A line each: "KIND<tab>NAME<tab>BY<tab>CURE<tab>WHY", with "-" for what is not known. g_free. */
char *absent_text(const GPtrArray *list);

#endif
