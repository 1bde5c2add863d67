/* fuzz.h - one source for libFuzzer and for replaying its corpus.
 *
 * A fuzz entry defines LLVMFuzzerTestOneInput and then includes this header.
 * Built plainly, main() replays the files and folders that are its arguments
 * and prints TAP; with -DTINYX_LIBFUZZER -fsanitize=fuzzer libFuzzer drives it
 * (make fuzz). Either way what GLib calls critical ends the program.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* DATA on the heap and no byte longer: a sanitizer sees one byte too far. Never NULL. g_free. */
static inline char *
fuzz_copy(const uint8_t *data, size_t size) {
  char *copy = malloc(size);
  g_assert_nonnull(copy);
  return size > 0 ? memcpy(copy, data, size) : copy;
}

/* GLib ends a program by a trap, after which libFuzzer would not say which input it was. */
static GLogWriterOutput
fuzz_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data) {
  GLogWriterOutput done = g_log_writer_standard_streams(level, fields, count, data);
  if (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    abort();
  return done;
}

#ifdef TINYX_LIBFUZZER

int LLVMFuzzerInitialize(int *argc, char ***argv);

int
LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  g_log_set_writer_func(fuzz_log, NULL, NULL);
  return 0;
}

#else

static int
replay_file(const char *path, int number) {
  g_autofree char *data = NULL;
  gsize size;
  if (!g_file_get_contents(path, &data, &size, NULL)) {
    printf("not ok %d - %s cannot be read\n", number, path);
    return 1;
  }
  LLVMFuzzerTestOneInput((const uint8_t *)data, size); /* a crash ends the program, and fails it */
  printf("ok %d - %s\n", number, path);
  return 0;
}

int
main(int argc, char **argv) {
  int count = 0, failed = 0;
  g_log_set_writer_func(fuzz_log, NULL, NULL);
  for (int i = 1; i < argc; i++) {
    g_autoptr(GDir) dir = g_dir_open(argv[i], 0, NULL);
    const char *name;
    if (dir == NULL)
      failed += replay_file(argv[i], ++count);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
      g_autofree char *path = g_build_filename(argv[i], name, NULL);
      failed += replay_file(path, ++count);
    }
  }
  printf("1..%d\n", count);
  return failed != 0 || count == 0;
}

#endif
#endif
