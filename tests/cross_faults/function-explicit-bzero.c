/* explicit-bzero is not on every system */
#define _GNU_SOURCE
#include <string.h>
#include <strings.h>
int main(void) { char b[4]; explicit_bzero(b, 4); return 0; }
