/* launcher.h - what starts guests: xl on a Xen host, QEMU on this machine, …
 *
 * A Launcher is a struct of functions, found by its name. It opens a GuestHost (the place where its
 * guests run, with a tinyx-agent there), once for any number of guests, one at a time. What is done
 * with a guest (boot it, wait, test it, watch it) is guest/test.c and guest/run.c, once for all
 * launchers.
 *
 * Errors: TINYX_ERROR_GUEST is about this one guest ("it cannot be created") and makes a verdict;
 * every other code says that the host is not usable, or that tinyx itself failed.
 */
#ifndef TINYX_GUEST_LAUNCHER_H
#define TINYX_GUEST_LAUNCHER_H

#include "guest/agent.h"
#include "guest/guest.h"
#include "recipe/recipe.h"

typedef struct Launcher Launcher;

/* What a launcher's hosts can do beside running guests. */
typedef enum {
  GUEST_CAN_TRACE = 1 << 0, /* note which code runs: trace_* */
  GUEST_CAN_COUNT = 1 << 1, /* count instructions: counted */
  /* Disks are the host's own devices, given by DISKS when it is opened; a guest that wrote to one
   * has used it up. Else a guest is given a file, of which it changes a copy. */
  GUEST_OWNS_DISKS = 1 << 2,
  GUEST_HAS_PROCESSORS = 1 << 3, /* processors of other makers: GuestImage.processor */
  GUEST_HAS_CLOCKS = 1 << 4,     /* other times: clock_ahead */
  GUEST_CAN_SAVE = 1 << 5,       /* saved: save_restore() */
} GuestAbilities;

/* How a guest host is opened. */
typedef struct {
  const char *spec; /* --host as given, or NULL; each launcher has its own meaning for it */

  /* For measuring; a launcher that cannot do it says so (TINYX_ERROR_INPUT). */
  guint64 trace_low, trace_high; /* both 0, or: note which code between these addresses runs */
  const char *const *disks;      /* raw images that every host has: NULL-terminated, or NULL */
  gboolean measuring;            /* a host of its own, for DISKS (may be NULL) or COUNTED */
  gboolean counted;              /* the CPU's clock counts instructions, a nanosecond each */
} GuestHostOptions;

struct GuestHost {
  const Launcher *launcher;
  Agent *agent;
  char *folder;     /* there, the agent's working directory; the agent removes it in the end */
  char *name;       /* for messages: "embedded (QEMU TCG, Xen 4.17.7)" */
  gboolean is_here; /* it is this machine: its paths are this machine's */
  int patience;     /* how many times longer than usual things may take; 1 */
  gboolean takes;   /* its end ends all its guests: they need not be destroyed one by one */
  gboolean changed; /* it runs guests otherwise now than when the last one failed: try once more */
  char *trace;      /* with trace_*: the file that gets "0xADDRESS:" lines; else NULL */
  gpointer data;    /* the launcher's own */
};

/* A network interface of a guest: a network of two addresses, of which the host has the other. */
typedef struct {
  char *guest;   /* "10.77.3.2" */
  char *gateway; /* "10.77.3.1", the host's */
  char *mac;     /* "00:16:3e:…", or the launcher's own choice */
} GuestVif;

typedef enum {
  GUEST_RUNS,
  GUEST_POWERED_OFF,
  GUEST_REBOOTED,
  GUEST_CRASHED,
  GUEST_GONE,  /* it is no longer there; detail says what the launcher said */
  GUEST_ENDED, /* otherwise; detail has the reason */
} GuestEnd;

struct Guest {
  GuestHost *host;
  const Recipe *recipe;
  const GuestImage *image;
  char *name;   /* "tinyx-nginx-1a2b3c": no other guest of the host has it */
  char *folder; /* its own on the host; made by guest_new */
  GuestVif vifs[RECIPE_VIFS_MAX];
  int first_side, sides; /* of guest_make_sides(); AGENT_NO_SIDE, 0: there are none */

  /* By the agent's clock, in seconds; see agent.h. */
  double began;              /* set by create(): when the launcher began to create it */
  double created;            /* set by create() */
  double started;            /* set by start(): before its first instruction */
  double create_cpu_seconds; /* set by create() with image->counted: of the host, for it; -1 */

  GuestEnd end; /* as ended() last found it */
  char *detail; /* see GuestEnd; may be NULL */

  GString *console;     /* what came so far; grows while the agent is waited for */
  gint64 console_heard; /* when the last of it came: g_get_monotonic_time() */
  void (*on_console)(const char *bytes, gsize size, gpointer data); /* may be NULL */
  gpointer on_console_data;

  gpointer data; /* the launcher's own; freed by destroy() */
};

struct Launcher {
  const char *name;  /* "xl" */
  const char *title; /* "the Xen host", for messages */
  /* What begins a guest's life, for "4.2 s after %s": "xl create". */
  const char *act;

  /* Whether it can run here; a look, without starting anything. TOOL or HOST and why, if not. */
  gboolean (*check)(const GuestHostOptions *options, GError **error);
  /* Of a host that is opened by OPTIONS. */
  GuestAbilities (*abilities)(const GuestHostOptions *options);
  /* What runs its guests then, for people: "embedded Xen 4.17 in QEMU". g_free. */
  char *(*describe)(const GuestHostOptions *options);
  /* Fills HOST: agent, folder, name, … */
  gboolean (*open)(GuestHost *host, const GuestHostOptions *options, GError **error);
  void (*close)(GuestHost *host);

  /* Sends what GUEST needs, chooses its networks (guest->vifs), registers how it is destroyed if
   * tinyx dies (agent_at_end), and does all that comes before its first instruction. */
  gboolean (*create)(Guest *guest, GError **error);
  /* Its console first (agent_start with GUEST_CONSOLE_FILE), then itself. */
  gboolean (*start)(Guest *guest, GError **error);
  /* Sets guest->end and detail. */
  gboolean (*ended)(Guest *guest, GError **error);
  /* Saves it to a file, ends it, and goes on from there. NULL without GUEST_CAN_SAVE. */
  gboolean (*save_restore)(Guest *guest, GError **error);
  /* Asks it to power off, waits for SECONDS at most; leaves guest->end set. */
  gboolean (*shut_down)(Guest *guest, int seconds, GError **error);
  /* Ends it in whatever state it is; nothing of it stays. Never fails. */
  void (*destroy)(Guest *guest);
  /* CPU time that it has had, or -1. */
  double (*cpu_seconds)(Guest *guest);
  /* The name of the network device on the host that is the other end of VIF, from create() on.
   * g_free; NULL with ERROR. */
  char *(*device)(Guest *guest, int vif, GError **error);

  /* For guests in the background (tinyx/domain). A line for the input of its console. */
  gboolean (*tell)(Guest *guest, const char *line, GError **error);
  /* By what somebody else finds it again, once it has started; "" for one that cannot outlive us.
   * g_free. */
  char *(*identity)(Guest *guest, GError **error);
  /* Ends the guest of IDENTITY on the host that OPTIONS mean, if it is still there and no other by
   * its name. *WAS tells that it was. */
  gboolean (*end_lost)(const GuestHostOptions *options, const char *identity, gboolean *was,
                       GError **error);
};

/* NULL if there is none of that name. */
const Launcher *launcher_find(const char *name);

/* A host of the first of PLATFORM's launchers that can run here; INPUT where none of them is known,
 * else what the first of them says. */
GuestHost *guest_host_open(const Platform *platform, const GuestHostOptions *options,
                           GError **error);
/* Whether guests of PLATFORM can be run so, without starting anything: INPUT, TOOL or HOST, and why
 * not. */
gboolean guest_host_check(const Platform *platform, const GuestHostOptions *options,
                          GError **error);
/* Of the host that guest_host_open() would open; none, and NULL, where it would not. */
GuestAbilities guest_host_abilities(const Platform *platform, const GuestHostOptions *options);
char *guest_host_describe(const Platform *platform, const GuestHostOptions *options);
/* TRUE if PROBLEM is the host's, not the guest's: a host that is opened anew may do better. */
gboolean guest_host_failed(const GError *problem);
void guest_host_close(GuestHost *host); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestHost, guest_host_close)

/* For guest/test.c and guest/run.c. */
Guest *guest_new(GuestHost *host, const Recipe *recipe, const GuestImage *image);
void guest_free(Guest *guest); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Guest, guest_free)

/* Between create() and start(): each vif's other end goes into a network namespace of its own, in
 * which nothing else of the host is, and no other guest: what the guest reaches is the test alone.
 * With several they are as machines on the sides of the guest: what goes from one to the other
 * passes through it, or not at all. Without any the test has one that leads nowhere. */
gboolean guest_make_sides(Guest *guest, GError **error);
/* After destroy(), so that no device of a guest comes back to the host. */
void guest_drop_sides(Guest *guest);

/* For launchers. The names are of files in guest->folder. */
#define GUEST_CONSOLE_FILE "console"
#define GUEST_BUNDLE_FOLDER "bundle" /* the test's root */

/* "; ..." with how much memory GUEST should be given, where its kernel said that it has too little,
 * or it has less than its image is expected to need; else "". g_free. */
char *guest_memory_advice(const Guest *guest);

void guest_set_end(Guest *guest, GuestEnd end, const char *detail);
/* For agent_start(), with the guest as its data: fills guest->console. */
void guest_take_console(const char *bytes, gsize size, gpointer guest);
/* The kernel's command line: what IMAGE says, with ip= for each vif; g_free. */
char *guest_command_line(const Guest *guest);
/* Chooses a free network for each vif, and hardware addresses that begin with the three bytes
 * PREFIX ("00:16:3e"). */
gboolean guest_choose_networks(Guest *guest, const char *prefix, GError **error);
/* The file in the image's folder that goes along with the kernel, as PATH on this machine (with
 * what is given at boot, made in SCRATCH; g_free) and NAME; both NULL where there is none. */
gboolean guest_second_file(const GuestImage *image, const char *scratch, const char **name,
                           char **path, GError **error);
/* TRUE if that file is a disk, else the kernel gets it as its initramfs. */
gboolean guest_file_is_disk(const GuestImage *image);

#endif
