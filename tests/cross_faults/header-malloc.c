/* malloc.h is not on every system */
#define _GNU_SOURCE
#include <malloc.h>
int main(void) { return malloc(1) == 0; }
