/* asm/types.h is not on every system */
#define _GNU_SOURCE
#include <asm/types.h>
int main(void) { __u32 w = 0; return (int)w; }
