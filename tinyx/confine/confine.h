/* confine.h - what holds foreign code: namespaces, a root of its own, few rights, limits.
 *
 * C alone, without GLib: tinyx-confine (main.c) starts what runs on this machine in it, and
 * tinyx-agent starts tests with the same parts, also on other machines. docs/security.md says what
 * is kept from whom. A function that fails ends the process by confine_die(): half a confinement is
 * none, and nothing foreign has begun to run by then.
 */
#ifndef TINYX_CONFINE_CONFINE_H
#define TINYX_CONFINE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit status where the confinement could not be made, as env(1) has it. */
#define CONFINE_BROKEN 125
/* Where the new root is mounted before it is entered: for those who follow the system calls of a
 * confinement that begins (tinyx/trace). */
#define CONFINE_ROOT "/tmp/root"

/* Says "tinyx-confine: WHAT: the error of errno" and ends with CONFINE_BROKEN. */
void confine_die(const char *what) __attribute__((noreturn));

/* ---- users (users.c) ------------------------------------------------------------------------ */

/* This process becomes root in a user namespace of its own, with the ids 1 to 65535 as subordinate
 * ids: user_namespaces(7), subuid(5). A caller who is root is there not even by another name: its
 * root is a subordinate id, too. Who is in such a namespace already stays. COUNT
 * TREES, of tree_take() by root, show what is root's as that root's. */
void users_enter(const int *trees, size_t count);
/* The same with no id but the caller's own, under its own number: for work on the caller's files.
 */
void users_enter_alone(void);
/* The outer id that root has in there: whose the folders have to be that it writes to. */
unsigned users_root(void);
/* Whether this process is root of the machine, and not of a user namespace. */
bool users_real_root(void);

/* ---- mounts (mounts.c) ---------------------------------------------------------------------- */

/* A detached copy of the mount tree at PATH (open_tree(2)): without setuid programs, read-only
 * unless WRITABLE, without devices unless DEVICES; a descriptor of it. It can be taken where PATH
 * is seen, and attached where it is not. */
int tree_take(const char *path, bool writable, bool devices);
/* Begins a new root: a tmpfs over a folder of this mount namespace, in which the root grows.
 * Returns a descriptor of the root: that of TREE, which may be a foreign one, or, where TREE is
 * negative, of an empty folder. */
int root_begin(int tree);
/* Attaches TREE at TO below ROOT, which is made if it is not there, and closes it. No link in ROOT
 * leads out of it: openat2(2), RESOLVE_IN_ROOT. FOLDER: TREE is one. */
void tree_attach(int tree, int root, const char *to, bool folder);
/* These make a file system, and attach it at TO below ROOT. A tmpfs has at most BYTES (0: half of
 * the memory) and MODE. */
void tmpfs_attach(int root, const char *to, uint64_t bytes, unsigned mode);
/* LOWER, UPPER and WORK are folders below ROOT, too, in which only we have written. */
void overlay_attach(int root, const char *lower, const char *upper, const char *work,
                    const char *to);
/* /proc of the process namespace. What a container engine hides or protects in it is hidden or
 * protected, unless BARE. */
void proc_attach(int root, const char *to, bool bare);
void sys_attach(int root, const char *to);
/* The six devices that say nothing of the machine, terminals and a /dev/shm of its own. */
void dev_attach(int root, const char *to);
/* What was begun becomes the root, the old one is detached from all that this process sees:
 * pivot_root(2). READ_ONLY: of its own mount, not of those on it. */
void root_enter(int root, bool read_only);

/* ---- rights (rights.c) ---------------------------------------------------------------------- */

/* The capability of NAME ("chown"), as a bit, or the set of that name ("for-daemons",
 * "for-packages"); 0: there is none of that name that may be given. */
uint64_t right_named(const char *name);
/* No program that is executed from now on can have more than KEPT. Before the user is changed. */
void rights_bound(uint64_t kept);
/* Only the capabilities KEPT stay. AMBIENT: also for a user who is not root. */
void rights_keep(uint64_t kept, bool ambient);
/* No program gains rights by being executed, and the system calls that reach the machine fail:
 * PR_SET_NO_NEW_PRIVS(2const), seccomp(2). The list is tinyx/confine/calls.allowed. */
void calls_filter(void);

/* ---- devices (nodes.c) ---------------------------------------------------------------------- */

/* From now on mknod(2) of a character device, by this process and what it starts, waits for
 * nodes_serve() at the other end of SOCKET (AF_UNIX). Sets no_new_privs. Before calls_filter(). */
void nodes_filter(int socket);
/* Answers such calls with the rights KEPT until it is ended, as the command's fellow. */
void nodes_serve(int socket, uint64_t kept) __attribute__((noreturn));

typedef struct {
  uint64_t memory;    /* bytes, of all its processes together; 0: no limit */
  uint64_t processes; /* 0: no limit */
  uint64_t disk;      /* bytes below disk_folder; 0: no limit */
  const char *disk_folder;
  bool memory_kept; /* by a cgroup: nobody need look */
} Limits;

/* Those that the kernel keeps by itself: setrlimit(2). */
void limits_set(const Limits *limits);

/* ---- limits that the kernel keeps together (group.c) ------------------------------------------
 */

/* Descriptors of a cgroup: to enter it, and memory.events; and one whose last copy, when it is
 * closed, has the group removed by a process that stayed outside. -1: there is none. */
typedef struct {
  int enter, events, alive;
} Group;

/* A cgroup of version 2 with the memory and processes of LIMITS, in or beside the caller's own,
 * where somebody has delegated that. Before users_enter(): the caller's rights decide, now and when
 * it is entered. FALSE: none can be made, and keep_watch() has to look. */
bool group_make(const Limits *limits, Group *group);
/* The calling process, and what it will start, is in GROUP, if there is one: LIMITS are told, and,
 * where it is asked for, standard output. */
void group_take(const Group *group, Limits *limits, bool say);
/* Whether the kernel has ended it for its memory. */
bool group_was_full(const Group *group);

/* ---- the first process (keep.c) ------------------------------------------------------------- */

/* Waits as process 1 of a namespace for CHILD, which leads a session, reaps all others, and ends
 * what is over LIMITS. Hands on to it what asks us to end. What is left in the namespace dies with
 * the caller. Returns CHILD's status, 128 + its signal. */
int keep_watch(int child, const Limits *limits);

#endif
