/* MAP_POPULATE is Linux's */
#define _GNU_SOURCE
#include <sys/mman.h>
int main(void) { return MAP_POPULATE; }
