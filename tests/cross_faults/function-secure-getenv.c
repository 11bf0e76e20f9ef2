/* secure-getenv is not on every system */
#define _GNU_SOURCE
#include <stdlib.h>
int main(void) { return secure_getenv("x") == 0; }
