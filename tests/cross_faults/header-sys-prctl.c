/* sys/prctl.h is not on every system */
#define _GNU_SOURCE
#include <sys/prctl.h>
int main(void) { return prctl(PR_SET_DUMPABLE, 0); }
