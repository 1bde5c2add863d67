/* facts.h - what is seen of an application, as one list: evidence for the kernel's features, for
 * what is mounted, and for the glue.
 *
 * A fact has a kind, a value, and the file of the image that shows it: "import epoll_create1 in
 * /usr/sbin/nginx", "mount:proc", "net:ipv6 in /etc/nginx/nginx.conf". Rules
 * (kconfig-heuristics/features, rootfs/mounts.rules) name facts by kind and value.
 *
 * Every fact comes from one of the emitters below, each of which is a place in the code. A rule
 * that names what no emitter can say would never hold: fact_parse() refuses it.
 */
#ifndef TINYX_FACTS_FACTS_H
#define TINYX_FACTS_FACTS_H

#include "base/error.h"

typedef enum {
  FACT_IMPORT,     /* an undefined dynamic symbol of an ELF file */
  FACT_SYSCALL,    /* a "mov $NUMBER,%eax … syscall" in an ELF file's code */
  FACT_STRING,     /* bytes in an ELF file or script */
  FACT_CALL,       /* fcntl:2=6: an imported function is called with a number (facts/calls.h) */
  FACT_TYPE,       /* script, elf-dynamic, elf-static, elf-foreign, elf-hidden, go */
  FACT_PACKAGE,    /* a Debian package of the image */
  FACT_LOADER,     /* origin: the loader has to find the folder of the program itself */
  FACT_NET,        /* ipv6, multicast; syslog: messages go to /dev/log; port: others reach the
                      application by one */
  FACT_FORMAT,     /* of the root file system: cpio, squashfs; times of files */
  FACT_COMPRESSOR, /* of an initramfs: gzip, xz */
  FACT_MOUNT,      /* what the glue mounts: proc, sys, …; tmpfs for writable folders */
  FACT_APPLET,     /* a BusyBox applet that the glue or the recipe runs */
  FACT_RUN,        /* user: an application is started as another user or group */
  FACT_FEATURE,    /* asked for by name */
  FACT_KINDS
} FactKind;

/* Where facts come from. Which kind and values each may say is a table in facts.c. */
typedef enum {
  FACTS_FROM_IMPORTS,  /* facts/program.c: ELF symbol tables */
  FACTS_FROM_CODE,     /* facts/program.c: system calls in machine code */
  FACTS_FROM_BYTES,    /* facts/program.c: strings that a rule looks for */
  FACTS_FROM_CALLS,    /* facts/program.c: calls of imported functions with a number */
  FACTS_FROM_TYPES,    /* facts/program.c: what kind of program a file is */
  FACTS_FROM_RPATH,    /* facts/program.c: $ORIGIN in a program's RPATH or RUNPATH */
  FACTS_FROM_TEXT,     /* facts/text.c: configuration files, units, command lines, UDP ports */
  FACTS_FROM_TRACE,    /* trace/strace-net.c: calls on sockets in a traced test, by files.lock */
  FACTS_FROM_FORMAT,   /* rootfs/format.c: the form of the root file system */
  FACTS_FROM_PACKING,  /* rootfs/format.c: how an initramfs is packed */
  FACTS_FROM_MOUNTS,   /* rootfs/glue.c: what rc mounts */
  FACTS_FROM_WRITABLE, /* rootfs/glue.c: rc makes a tmpfs with copies */
  FACTS_FROM_APPLETS,  /* rootfs/glue.c */
  FACTS_FROM_USERS,    /* rootfs/glue.c: user= and group= of a [run] */
  FACTS_FROM_PORTS,    /* rootfs/glue.c: port=, ready= and ready-udp= of the recipe */
  FACTS_FROM_PACKAGES, /* rootfs/evidence.c: packages with files in the image */
  FACTS_FROM_NAMES,    /* kernel/choose.c: with= and --with */
  FACTS_EMITTERS
} FactsEmitter;

typedef struct {
  FactKind kind;
  char *value;
  char *file;       /* image path; NULL: it is known without a file */
  guint32 emitters; /* 1 << FactsEmitter of each that said it; 0: a person named it */
} Fact;

typedef struct Facts Facts;

Facts *facts_new(void);
void facts_free(Facts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Facts, facts_free)

/* EMITTER has seen VALUE, in FILE (or NULL). What is there already is not added twice. */
void facts_add(Facts *facts, FactsEmitter emitter, const char *value, const char *file);
/* Adds what OTHER has. */
void facts_add_all(Facts *facts, const Facts *other);

/* Adds what NAME says, which is written as a rule has it behind "fact": "mount:proc". INPUT for
 * what no emitter says. */
gboolean facts_add_named(Facts *facts, const char *name, GError **error);

/* The same of a trace, whose NAME and PROGRAM (an image path) a lock has; FALSE for what none
 * shows.
 */
gboolean facts_add_traced(Facts *facts, const char *name, const char *program);

/* The first such fact that counts; NULL: there is none. Of what a file's bytes show (import,
 * syscall, string, call, type), files whose base name matches one of EXCEPT (char*, globs; or NULL)
 * do not count. Owned by FACTS. */
const Fact *facts_find(const Facts *facts, FactKind kind, const char *value,
                       const GPtrArray *except);
/* All of them (Fact*), in the order in which they were seen; owned by FACTS. */
const GPtrArray *facts_list(const Facts *facts);

/* What cannot be known from the files (char*, one line each). */
const GPtrArray *facts_notes(const Facts *facts);
void facts_note(Facts *facts, const char *note);

/* "import epoll_create in /usr/sbin/nginx", "fact mount:proc". g_free. */
char *fact_text(const Fact *fact);
/* "mount:proc". g_free. */
char *fact_name(const Fact *fact);

/* WHEN is the first word of a condition in a rule and NAME one of those behind it: "import" and
 * "epoll_create", "fact" and "mount:proc". INPUT, without a place, where no emitter says such a
 * fact. */
Fact *fact_parse(const char *when, const char *name, GError **error);
void fact_free(Fact *fact);
/* TRUE if a rule's condition can begin with WORD; FACTS_WHEN_EXPECTED names those that do. */
gboolean fact_when_valid(const char *word);
#define FACTS_WHEN_EXPECTED "import, syscall, string, call, type, package or fact"

/* TRUE if EMITTER said VALUE (NULL: anything). For tests. */
gboolean facts_said_by(const Facts *facts, FactsEmitter emitter, const char *value);
/* Which kind EMITTER says, and which values, separated by blanks; NULL: any. For tests. */
FactKind facts_emitter_kind(FactsEmitter emitter);
const char *facts_emitter_values(FactsEmitter emitter);

/* TRUE if the base name of PATH matches one of PATTERNS (char*, globs; or NULL). */
gboolean facts_name_matches(const GPtrArray *patterns, const char *path);

#endif
