/* mempcpy is not on every system */
#define _GNU_SOURCE
#include <string.h>
int main(void) { char b[4]; return mempcpy(b, "a", 1) == 0; }
