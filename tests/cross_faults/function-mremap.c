/* mremap is not on every system */
#define _GNU_SOURCE
#include <sys/mman.h>
int main(void) { return mremap(0, 1, 2, MREMAP_MAYMOVE) == MAP_FAILED; }
