/* checks.h - checks the values of the keys of recipe.conf. */
#ifndef TINYX_RECIPE_CHECKS_H
#define TINYX_RECIPE_CHECKS_H

/* Each returns what is wrong with TEXT and what was expected ("'x'; expected …", to be freed), or
 * NULL. TEXT is a whole value, or one word of a list. */
char *recipe_check_command(const char *text);
char *recipe_check_path(const char *text);
char *recipe_check_file(const char *text);       /* of files=: PATH or PATH:TARGET */
char *recipe_check_assignment(const char *text); /* NAME=VALUE of environment= */
char *recipe_check_mount(const char *text);
char *recipe_check_format(const char *text);
char *recipe_check_option(const char *text);     /* SYMBOL=VALUE of options= */
char *recipe_check_candidate(const char *text);  /* SYMBOL or SYMBOL=VALUE of candidates= */
char *recipe_check_capability(const char *text); /* a word of capabilities= */
char *recipe_check_signal(const char *text);     /* of stop-signal=: QUIT */

#endif
