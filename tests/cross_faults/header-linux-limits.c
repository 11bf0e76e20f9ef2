/* linux/limits.h is not on every system */
#define _GNU_SOURCE
#include <linux/limits.h>
int main(void) { return PATH_MAX; }
