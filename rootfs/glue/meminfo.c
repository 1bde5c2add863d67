/* meminfo: the memory in use, by sysinfo(2), for images without /proc. Linked statically with musl.
 * Prints "tinyx: meminfo MemTotal=N MemFree=N" (kB). */
#include <sys/sysinfo.h>
#include <unistd.h>

static char line[96];
static char *end = line;

static void put_text(const char *text)
{
	while (*text)
		*end++ = *text++;
}

static void put_kb(unsigned long units, unsigned unit)
{
	unsigned long kb = units / 1024 * unit + units % 1024 * unit / 1024;
	char digits[24], *first = digits + sizeof digits;

	do
		*--first = '0' + kb % 10;
	while (kb /= 10);
	while (first < digits + sizeof digits)
		*end++ = *first++;
}

int main(void)
{
	struct sysinfo info;

	if (sysinfo(&info) != 0)
		return 1;
	put_text("tinyx: meminfo MemTotal=");
	put_kb(info.totalram, info.mem_unit);
	put_text(" MemFree=");
	put_kb(info.freeram, info.mem_unit);
	put_text("\n");
	return write(1, line, end - line) != end - line;
}
