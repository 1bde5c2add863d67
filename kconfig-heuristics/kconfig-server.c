/* kconfig-server.c - the kernel tree's own `conf`, kept running: parses Kconfig once, and then makes
 * one configuration after another in milliseconds.
 *
 * Compiled by tinyx together with the tree's scripts/kconfig/conf.c, and run by the tree's own
 * `make config config-prog=…`. Each line on standard input is a request, answered by "done STATUS":
 *
 *   apply<TAB>FRAGMENT<TAB>CONFIG   what `make allnoconfig KCONFIG_ALLCONFIG=FRAGMENT` writes
 *   symbols<TAB>CONFIG<TAB>ANSWER   every symbol that is on, or could be, in that configuration
 *
 * A request is served by a child that begins with what was just parsed, and by conf's own code.
 *
 * Works with the Kconfig of Linux 6.1 to 6.12.
 */
#define _GNU_SOURCE
static void serve(const char *kconfig);

#define main conf_main
#define conf_parse serve
#include "conf.c"
#undef conf_parse
#undef main

void conf_parse(const char *name); /* its declaration became one of serve() */

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_LENGTH 1024

/* "key<TAB>text" with the line breaks of TEXT as spaces. */
static void put(FILE *out, const char *key, const char *text)
{
	fprintf(out, "%s\t", key);
	for (; *text; text++)
		putc(*text == '\n' || *text == '\t' ? ' ' : *text, out);
	putc('\n', out);
}

static void put_range(FILE *out, struct symbol *symbol)
{
	struct property *prop;

	for_all_properties(symbol, prop, P_RANGE) {
		if (prop->visible.tri == no || !prop->expr)
			continue;
		put(out, "low", sym_get_string_value(prop->expr->left.sym));
		put(out, "high", sym_get_string_value(prop->expr->right.sym));
		return;
	}
}

static void put_selected(FILE *out, struct symbol *symbol)
{
	struct gstr text = str_new();

	if (!symbol->rev_dep.expr || symbol->rev_dep.tri == no)
		return;
	expr_gstr_print_revdep(symbol->rev_dep.expr, &text, yes, "");
	put(out, "selected", str_get(&text));
	str_free(&text);
}

/* The symbol of MENU, in the menus PATH. Those that are off and cannot be chosen are left out. */
static void put_symbol(FILE *out, struct menu *menu, const char *path)
{
	struct symbol *symbol = menu->sym;
	const char *prompt = menu->prompt ? menu->prompt->text : NULL;
	const char *value;

	sym_calc_value(symbol);
	value = sym_get_string_value(symbol);
	if (symbol->visible == no && (!*value || !strcmp(value, "n")))
		return;
	put(out, "symbol", symbol->name);
	put(out, "type", sym_type_name(symbol->type));
	put(out, "value", value);
	put(out, "visible", symbol->visible == no ? "n" : "y");
	put(out, "menu", path);
	if (prompt)
		put(out, "prompt", prompt);
	if (menu->parent && menu->parent->sym && sym_is_choice(menu->parent->sym)) {
		const char *name = menu_get_prompt(menu->parent);

		put(out, "choice", name ? name : "?");
	}
	put_selected(out, symbol);
	put_range(out, symbol);
}

static void walk(FILE *out, struct menu *menu, const char *path)
{
	for (; menu; menu = menu->next) {
		char below[PATH_LENGTH];
		const char *prompt = menu->prompt ? menu->prompt->text : NULL;

		if (menu->sym && menu->sym->name && menu->sym->type != S_UNKNOWN)
			put_symbol(out, menu, path);
		if (!menu->list)
			continue;
		if (prompt && *path)
			snprintf(below, sizeof below, "%s/%s", path, prompt);
		else
			snprintf(below, sizeof below, "%s", prompt ? prompt : path);
		walk(out, menu->list, below);
	}
}

static int put_symbols(const char *config, const char *answer)
{
	FILE *out;

	if (conf_read(config))
		return 1;
	out = fopen(answer, "w");
	if (!out)
		return 1;
	walk(out, rootmenu.list, "");
	return fclose(out) != 0;
}

/* Every symbol that the tree defines, a line each; those of two places are there twice. */
static void walk_names(FILE *out, struct menu *menu)
{
	for (; menu; menu = menu->next) {
		if (menu->sym && menu->sym->name && menu->sym->type != S_UNKNOWN)
			fprintf(out, "%s\n", menu->sym->name);
		if (menu->list)
			walk_names(out, menu->list);
	}
}

static int put_names(const char *answer)
{
	FILE *out = fopen(answer, "w");

	if (!out)
		return 1;
	walk_names(out, rootmenu.list);
	return fclose(out) != 0;
}

/* In the child. Comes back where conf's own main is to go on. */
static void begin(char *request)
{
	char *kind = strtok(request, "\t\n"), *from = strtok(NULL, "\t\n");
	char *to = strtok(NULL, "\t\n");
	int nowhere = open("/dev/null", O_RDWR);

	dup2(nowhere, 0);
	dup2(nowhere, 1);
	if (!kind || !from || !to)
		_exit(2);
	if (!strcmp(kind, "symbols"))
		_exit(put_symbols(from, to));
	if (!strcmp(kind, "names"))
		_exit(put_names(to));
	setenv("KCONFIG_ALLCONFIG", from, 1);
	setenv("KCONFIG_CONFIG", to, 1);
	/* auto.conf is none of our business: conf leaves one alone that is there. */
	setenv("KCONFIG_AUTOCONFIG", "/dev/null", 1);
}

static void serve(const char *kconfig)
{
	char request[3 * PATH_LENGTH];

	conf_parse(kconfig);
	printf("ready\n");
	fflush(stdout);
	while (fgets(request, sizeof request, stdin)) {
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			begin(request);
			return;
		}
		if (child < 0 || waitpid(child, &status, 0) != child)
			status = 1;
		printf("done %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 1);
		fflush(stdout);
	}
	exit(0);
}

int main(int argc, char **argv)
{
	char name[] = "conf", silent[] = "-s", mode[] = "--allnoconfig";
	char *arguments[] = { name, silent, mode, argv[argc - 1], NULL };

	return conf_main(4, arguments);
}
