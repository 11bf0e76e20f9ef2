/* fallocate is not on every system */
#define _GNU_SOURCE
#include <fcntl.h>
int main(void) { return fallocate(1, 0, 0, 1); }
