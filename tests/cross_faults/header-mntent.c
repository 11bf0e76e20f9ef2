/* mntent.h is not on every system */
#define _GNU_SOURCE
#include <mntent.h>
int main(void) { return 0; }
