/* setresuid is not on every system */
#define _GNU_SOURCE
#include <unistd.h>
int main(void) { return setresuid(1, 1, 1); }
