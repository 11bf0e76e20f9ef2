/* bits/types.h is not on every system */
#define _GNU_SOURCE
#include <bits/types.h>
int main(void) { __uint32_t w = 0; return (int)w; }
