/* byteswap.h is not on every system */
#define _GNU_SOURCE
#include <byteswap.h>
int main(void) { return (int)bswap_32(1); }
