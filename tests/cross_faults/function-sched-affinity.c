/* sched-affinity is not on every system */
#define _GNU_SOURCE
#include <sched.h>
int main(void) { cpu_set_t s; return sched_getaffinity(0, sizeof(s), &s); }
