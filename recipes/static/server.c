/* server.c - HTTP in one static program: GET /primes/N answers how many primes there are up to N.
 * No package, no library, no interpreter: the image is this program, init and nothing else. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PORT 8000
#define MOST 1000000 /* a sieve of a megabyte */

static int
count_primes(int most) {
  static char composite[MOST + 1];
  int count = 0;
  memset(composite, 0, sizeof composite);
  for (int n = 2; n <= most; n++) {
    if (composite[n])
      continue;
    count++;
    for (long multiple = (long)n * n; multiple <= most; multiple += n)
      composite[multiple] = 1;
  }
  return count;
}

static void
answer(int client, const char *request) {
  char body[64], head[128], *end;
  const char *status = "404 Not Found";
  long most = strncmp(request, "GET /primes/", 12) == 0 ? strtol(request + 12, &end, 10) : -1;
  snprintf(body, sizeof body, "not found\n");
  if (most >= 0 && end != request + 12 && *end == ' ') {
    status = most <= MOST ? "200 OK" : "400 Bad Request";
    if (most <= MOST)
      snprintf(body, sizeof body, "%d\n", count_primes((int)most));
    else
      snprintf(body, sizeof body, "at most %d\n", MOST);
  }
  int length = snprintf(head, sizeof head,
                        "HTTP/1.0 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
                        status, strlen(body));
  if (write(client, head, (size_t)length) == length)
    (void)!write(client, body, strlen(body));
}

static void
serve(int client) {
  char request[1024];
  size_t used = 0;
  ssize_t got;
  while (used < sizeof request - 1 &&
         (got = read(client, request + used, sizeof request - 1 - used)) > 0) {
    used += (size_t)got;
    request[used] = '\0';
    if (strstr(request, "\r\n\r\n") != NULL) {
      answer(client, request);
      break;
    }
  }
  close(client);
}

int
main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval patience = {.tv_sec = 10};
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 64) != 0) {
    perror("server");
    return 1;
  }
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0)
      continue;
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    serve(client);
  }
}
