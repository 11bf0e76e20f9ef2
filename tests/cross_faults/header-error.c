/* error.h is not on every system */
#define _GNU_SOURCE
#include <error.h>
int main(void) { error(1, 0, "x"); }
