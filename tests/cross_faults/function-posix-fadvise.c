/* posix-fadvise is not on every system */
#define _GNU_SOURCE
#include <fcntl.h>
int main(void) { return posix_fadvise(1, 0, 0, POSIX_FADV_DONTNEED); }
