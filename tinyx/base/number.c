/* number.c - whole numbers in text that others wrote. */
#include "base/number.h"

#include <math.h>

gboolean
number_take(const char **at, guint base, guint64 most, guint64 *value) {
  const char *digits = *at;
  guint64 number = 0;
  for (;; digits++) {
    int digit = g_ascii_xdigit_value(*digits);
    if (digit < 0 || (guint)digit >= base)
      break;
    if ((guint64)digit > most || number > (most - (guint64)digit) / base)
      return FALSE;
    number = number * base + (guint64)digit;
  }
  if (digits == *at)
    return FALSE;
  *at = digits;
  *value = number;
  return TRUE;
}

gboolean
number_parse_base(const char *text, guint base, guint64 most, guint64 *value) {
  guint64 number;
  if (text == NULL || !number_take(&text, base, most, &number) || *text != '\0')
    return FALSE;
  *value = number;
  return TRUE;
}

gboolean
number_parse(const char *text, guint64 most, guint64 *value) {
  return number_parse_base(text, 10, most, value);
}

double
number_clamp(double value, double least, double most) {
  return isnan(value) ? least : CLAMP(value, least, most);
}
