/* EREMOTEIO is Linux's */
#define _GNU_SOURCE
#include <errno.h>
int main(void) { return EREMOTEIO; }
