/* sys/sysinfo.h is not on every system */
#define _GNU_SOURCE
#include <sys/sysinfo.h>
int main(void) { struct sysinfo i; return sysinfo(&i); }
