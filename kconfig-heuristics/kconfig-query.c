/* kconfig-query.c - asks the kernel tree's own Kconfig code about symbols.
 *
 * Compiled by tinyx against the objects that `make allnoconfig` left in
 * scripts/kconfig/ of the build folder, and run by the tree's own
 * `make config config-prog=…`, which sets the environment that Kconfig files
 * read. TINYX_QUERY holds the names (without CONFIG_), TINYX_ANSWER the file to
 * write. The answer is a block of "key<TAB>text" lines a symbol, each begun by
 * "symbol"; see tinyx/kernel/query.c, which reads it.
 *
 * Works with the Kconfig of Linux 6.1 to 6.12.
 */
#include "lkc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAR_MAX 3
#define NAME_MAX_LENGTH 96

/* "key<TAB>text" with the line breaks of TEXT as spaces. */
static void put(FILE *out, const char *key, const char *text)
{
	int space = 0;

	fprintf(out, "%s\t", key);
	for (; *text; text++) {
		if (isspace((unsigned char)*text)) {
			space = 1;
			continue;
		}
		if (space)
			putc(' ', out);
		space = 0;
		putc(*text, out);
	}
	putc('\n', out);
}

static void put_expr(FILE *out, const char *key, struct expr *expr)
{
	struct gstr text = str_new();

	expr_gstr_print(expr, &text);
	put(out, key, str_get(&text));
	str_free(&text);
}

/* What of the reverse dependencies (selects, implies) has the value LEVEL. */
static void put_reverse(FILE *out, const char *key, struct expr *expr, tristate level)
{
	struct gstr text = str_new();

	expr_gstr_print_revdep(expr, &text, level, "");
	if (*str_get(&text))
		put(out, key, str_get(&text));
	str_free(&text);
}

/* Levenshtein distance. */
static int distance(const char *a, const char *b)
{
	int row[NAME_MAX_LENGTH + 1];
	int length = (int)strlen(b);
	int i, j;

	if (length > NAME_MAX_LENGTH)
		return NAME_MAX_LENGTH;
	for (j = 0; j <= length; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		int corner = row[0];

		row[0] = i;
		for (j = 1; j <= length; j++) {
			int best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[length];
}

static void put_near(FILE *out, const char *name)
{
	struct symbol **all = sym_re_search("^[A-Z0-9]");
	struct symbol *near[NEAR_MAX] = { NULL };
	int scores[NEAR_MAX];
	int limit = (int)strlen(name) / 3 + 1;
	int i, k;

	for (i = 0; all && all[i]; i++) {
		struct symbol *symbol = all[i];
		int score = symbol->name ? distance(name, symbol->name) : limit + 1;

		if (score > limit)
			continue;
		for (k = 0; k < NEAR_MAX && symbol; k++) {
			struct symbol *other = near[k];
			int other_score = scores[k];

			if (other && other_score <= score)
				continue;
			near[k] = symbol;
			scores[k] = score;
			symbol = other;
			score = other_score;
		}
	}
	for (k = 0; k < NEAR_MAX && near[k]; k++)
		put(out, "near", near[k]->name);
	free(all);
}

static void put_prompt(FILE *out, struct symbol *symbol)
{
	struct property *prop;

	for_all_prompts(symbol, prop)
		put(out, "prompt", prop->text);
}

/* The choice that it is a member of, by its prompt. */
static void put_choice(FILE *out, struct symbol *symbol)
{
	struct property *prop;

	for_all_prompts(symbol, prop) {
		struct menu *parent = prop->menu ? prop->menu->parent : NULL;
		const char *name;

		if (!parent || !parent->sym || !sym_is_choice(parent->sym))
			continue;
		name = menu_get_prompt(parent);
		put(out, "choice", name ? name : "?");
	}
}

/* "range<TAB>LOW HIGH" for each range whose condition holds. */
static void put_range(FILE *out, struct symbol *symbol)
{
	struct property *prop;

	for_all_properties(symbol, prop, P_RANGE) {
		if (prop->visible.tri == no || !prop->expr)
			continue;
		fprintf(out, "range\t%s to ", sym_get_string_value(prop->expr->left.sym));
		fprintf(out, "%s\n", sym_get_string_value(prop->expr->right.sym));
	}
}

static void answer(FILE *out, const char *name)
{
	struct symbol *symbol = sym_find(name);

	put(out, "symbol", name);
	if (!symbol || symbol->type == S_UNKNOWN) {
		put_near(out, name);
		return;
	}
	sym_calc_value(symbol);
	put(out, "type", sym_type_name(symbol->type));
	put(out, "value", sym_get_string_value(symbol));
	put(out, "visible", symbol->visible == no ? "n" : "y");
	put_prompt(out, symbol);
	put_choice(out, symbol);
	put_range(out, symbol);
	if (symbol->dir_dep.expr && !expr_is_yes(symbol->dir_dep.expr)) {
		put(out, "depends-value", symbol->dir_dep.tri == no ? "n" : "y");
		put_expr(out, "depends", symbol->dir_dep.expr);
	}
	if (symbol->rev_dep.expr)
		put_reverse(out, "selected", symbol->rev_dep.expr, yes);
	if (symbol->implied.expr)
		put_reverse(out, "implied", symbol->implied.expr, yes);
}

int main(int argc, char **argv)
{
	const char *names = getenv("TINYX_QUERY");
	const char *path = getenv("TINYX_ANSWER");
	char *copy, *name;
	FILE *out;

	if (!names || !path || argc < 2) {
		fprintf(stderr, "kconfig-query: run by tinyx only\n");
		return 2;
	}
	conf_parse(argv[argc - 1]);
	if (conf_read(NULL))
		return 1;
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		return 1;
	}
	copy = strdup(names);
	for (name = strtok(copy, " "); name; name = strtok(NULL, " "))
		answer(out, name);
	free(copy);
	return fclose(out) != 0;
}
