/* argp.h is not on every system */
#define _GNU_SOURCE
#include <argp.h>
int main(void) { return 0; }
