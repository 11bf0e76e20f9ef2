/* crypt.h is not on every system */
/* LIBS: -lcrypt */
#define _GNU_SOURCE
#include <crypt.h>
int main(void) { return crypt("a", "b") != 0; }
