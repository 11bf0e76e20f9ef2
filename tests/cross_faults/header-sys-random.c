/* sys/random.h is not on every system */
#define _GNU_SOURCE
#include <sys/random.h>
int main(void) { char b[4]; return getrandom(b, 4, 0) != 4; }
