/* count.c - tinyx-count.so, a plugin of QEMU's translator (docs/devel/tcg-plugins.rst there): the
 * number of instructions that a guest has executed, as a 64-bit number in a file that others map.
 *
 * usage: qemu-system-x86_64 -accel tcg -plugin tinyx-count.so,counter=PATH; PATH exists and has
 * eight bytes. The part of QEMU's interface that is used stands here, since no package brings its
 * header.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define ADD_U64 0 /* enum qemu_plugin_op */

struct qemu_plugin_tb;
typedef uint64_t plugin_id;
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
                                           void (*translated)(plugin_id, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *target,
                                              uint64_t value);

EXPORT extern const int qemu_plugin_version;
EXPORT const int qemu_plugin_version = 1; /* the oldest that has these functions */
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

static uint64_t *counter;

/* Each time a block is executed, the number of its instructions is added. */
static void
count_block(plugin_id id, struct qemu_plugin_tb *tb) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, counter, qemu_plugin_tb_n_insns(tb));
}

int
qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
  static const char key[] = "counter=";
  void *place = MAP_FAILED;
  (void)info;
  if (argc == 1 && strncmp(argv[0], key, strlen(key)) == 0) {
    int fd = open(argv[0] + strlen(key), O_RDWR | O_CLOEXEC);
    place = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
      close(fd);
  }
  if (place == MAP_FAILED)
    return -1;
  counter = place;
  qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
  return 0;
}
