/* sys/signalfd.h is not on every system */
#define _GNU_SOURCE
#include <sys/signalfd.h>
int main(void) { return 0; }
