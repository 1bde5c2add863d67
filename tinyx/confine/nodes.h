/* nodes.h - the devices that what is confined may make by mknod(2), and what it leaves for them.
 *
 * The kernel lets nobody make device nodes in a user namespace. With `tinyx-confine --nodes` a call
 * for one of these succeeds, and there is a file with NODE_TEXT in it; who reads the finished root
 * (rootfs/import.c) takes that for the node. They say nothing of a machine and reach none: it
 * does no harm if somebody writes such a file by other means.
 */
#ifndef TINYX_CONFINE_NODES_H
#define TINYX_CONFINE_NODES_H

#define NODE_TEXT "tinyx: character device %u %u\n" /* printf: major, minor */
#define NODE_TEXT_MAX 64                            /* bytes of it, at most */

static const struct {
  const char *name;
  unsigned major, minor; /* Documentation/admin-guide/devices.txt */
} nodes_granted[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                     {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

#endif
