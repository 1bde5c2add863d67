/* control.c - a keeper's socket: commands go to the guest's console, and their answers come back.
 */
#include "domain/control.h"

#include "base/number.h"
#include "guest/console.h"
#include "guest/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ASKERS_MOST 16
#define LINE_MOST 65536 /* of a console's line that is kept */

typedef struct {
  int fd;
  guint id;      /* of its command; 0: that has not come yet */
  GString *line; /* what has come of it */
} Asker;

struct Control {
  int listener;
  guint last_id;
  GPtrArray *askers; /* Asker* */
  GString *console;  /* its last, unfinished line */
};

static void
asker_free(gpointer data) {
  Asker *asker = data;
  close(asker->fd);
  g_string_free(asker->line, TRUE);
  g_free(asker);
}

/* The path of a socket has 107 bytes at most; that of a cache may be longer: it goes by the
 * folder's descriptor. */
static gboolean
socket_address(const Domain *domain, int *folder, struct sockaddr_un *address, GError **error) {
  *folder = open(domain->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (*folder < 0) {
    tinyx_fail(error, TINYX_ERROR_FAILED, "%s: %s", domain->folder, g_strerror(errno));
    return FALSE;
  }
  address->sun_family = AF_UNIX;
  g_snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/" DOMAIN_CONTROL,
             *folder);
  return TRUE;
}

static int
open_socket(const Domain *domain, gboolean listens, GError **error) {
  struct sockaddr_un address = {0};
  int folder, fd;
  if (!socket_address(domain, &folder, &address, error))
    return -1;
  fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (listens ? SOCK_NONBLOCK : 0), 0);
  if (fd < 0 ||
      (listens ? bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 8) != 0
               : connect(fd, (struct sockaddr *)&address, sizeof address) != 0)) {
    tinyx_fail(error, TINYX_ERROR_FAILED, "%s/" DOMAIN_CONTROL ": %s", domain->folder,
               g_strerror(errno));
    if (fd >= 0)
      close(fd);
    fd = -1;
  }
  close(folder);
  return fd;
}

int
control_connect(const Domain *domain, GError **error) {
  return open_socket(domain, FALSE, error);
}

Control *
control_open(const Domain *domain, GError **error) {
  int fd = open_socket(domain, TRUE, error);
  Control *control;
  if (fd < 0)
    return NULL;
  control = g_new0(Control, 1);
  control->listener = fd;
  control->askers = g_ptr_array_new_with_free_func(asker_free);
  control->console = g_string_new(NULL);
  return control;
}

void
control_close(Control *control) {
  if (control == NULL)
    return;
  close(control->listener);
  g_ptr_array_unref(control->askers);
  g_string_free(control->console, TRUE);
  g_free(control);
}

/* An asker that does not read its answers loses them: the guest must not wait for him. */
static void
answer(const Asker *asker, char kind, const char *text) {
  g_autofree char *line = g_strdup_printf("%c %s\n", kind, text);
  (void)!send(asker->fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* FALSE: it is done with. */
static gboolean
ask_guest(Control *control, Asker *asker, Guest *guest) {
  g_autoptr(GError) problem = NULL;
  g_autofree char *line = NULL;
  asker->id = ++control->last_id;
  g_string_truncate(asker->line, asker->line->len - 1);
  line = g_strdup_printf(CONSOLE_EXEC "%u %s", asker->id, asker->line->str);
  if (guest->host->launcher->tell(guest, line, &problem))
    return TRUE;
  answer(asker, 'e', problem->message);
  return FALSE;
}

/* FALSE: it is gone. One that has its command sends nothing more, but its end. */
static gboolean
asker_read(Control *control, Asker *asker, Guest *guest) {
  char bytes[CONTROL_LINE_MOST];
  ssize_t got = recv(asker->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  if (got == 0)
    return FALSE;
  if (asker->id != 0)
    return TRUE;
  g_string_append_len(asker->line, bytes, got);
  if (asker->line->len > CONTROL_LINE_MOST)
    return FALSE;
  return asker->line->str[asker->line->len - 1] != '\n' || ask_guest(control, asker, guest);
}

void
control_serve(Control *control, Guest *guest) {
  int fd;
  while (control->askers->len < ASKERS_MOST &&
         (fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
    Asker *asker = g_new0(Asker, 1);
    asker->fd = fd;
    asker->line = g_string_new(NULL);
    g_ptr_array_add(control->askers, asker);
  }
  for (guint i = control->askers->len; i-- > 0;)
    if (!asker_read(control, control->askers->pdata[i], guest))
      g_ptr_array_remove_index(control->askers, i);
}

/* ---- answers ----------------------------------------------------------- */

/* "ID: TEXT", or "ID ended STATUS". */
static void
take_answer(Control *control, const char *text) {
  guint64 id;
  if (!number_take(&text, 10, G_MAXUINT, &id))
    return;
  for (guint i = 0; i < control->askers->len; i++) {
    const Asker *asker = control->askers->pdata[i];
    if (asker->id != id)
      continue;
    if (g_str_has_prefix(text, ": ")) {
      answer(asker, 'o', text + 2);
    } else if (g_str_has_prefix(text, CONSOLE_EXEC_ENDED)) {
      answer(asker, 's', text + strlen(CONSOLE_EXEC_ENDED));
      g_ptr_array_remove_index(control->askers, i);
    }
    return;
  }
}

static void
take_line(Control *control) {
  GString *line = control->console;
  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate(line, line->len - 1);
  if (g_str_has_prefix(line->str, CONSOLE_EXECUTED))
    take_answer(control, line->str + strlen(CONSOLE_EXECUTED));
  g_string_truncate(line, 0);
}

void
control_take_console(Control *control, const char *bytes, gsize size) {
  for (gsize i = 0; control != NULL && i < size; i++) {
    if (bytes[i] == '\n')
      take_line(control);
    else if (control->console->len < LINE_MOST && bytes[i] != '\0')
      g_string_append_c(control->console, bytes[i]);
  }
}
