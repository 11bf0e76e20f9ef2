/* endian.h is not on every system */
#define _GNU_SOURCE
#include <endian.h>
int main(void) { return (int)htole32(1); }
