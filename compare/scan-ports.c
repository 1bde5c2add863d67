/* scan-ports ADDRESS: prints the TCP ports, of all 65535, that take a connection. Many at a time: on an
 * emulated machine nc(1), one after the other, takes minutes. Linked statically with musl. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 200
#define WAIT_MS 2500 /* a lost packet is sent again after a second */

static struct sockaddr_in address = {.sin_family = AF_INET};

/* 1: open, 0: refused or no answer, -1: under way in *FD. */
static int begin(int port, int *fd)
{
	address.sin_port = htons(port);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return 0;
	if (connect(*fd, (struct sockaddr *)&address, sizeof address) == 0)
		return 1;
	return errno == EINPROGRESS ? -1 : 0;
}

static int is_open(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static void scan(int first, int count)
{
	struct pollfd slots[BATCH];
	int state[BATCH], left = 0;

	for (int i = 0; i < count; i++) {
		state[i] = begin(first + i, &slots[i].fd);
		slots[i].events = POLLOUT;
		left += state[i] < 0;
		if (slots[i].fd < 0)
			perror("socket");
	}
	while (left > 0) {
		struct pollfd waiting[BATCH];
		for (int i = 0; i < count; i++) {
			waiting[i] = slots[i];
			waiting[i].fd = state[i] < 0 ? slots[i].fd : -1;
		}
		if (poll(waiting, count, WAIT_MS) <= 0)
			break;
		for (int i = 0; i < count; i++)
			if (state[i] < 0 && waiting[i].revents != 0) {
				state[i] = is_open(slots[i].fd);
				left--;
			}
	}
	for (int i = 0; i < count; i++) {
		if (state[i] == 1)
			printf("%d ", first + i);
		if (slots[i].fd >= 0)
			close(slots[i].fd);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
		fputs("usage: scan-ports ADDRESS\n", stderr);
		return 2;
	}
	for (int first = 1; first <= 65535; first += BATCH)
		scan(first, 65536 - first < BATCH ? 65536 - first : BATCH);
	putchar('\n');
	return 0;
}
