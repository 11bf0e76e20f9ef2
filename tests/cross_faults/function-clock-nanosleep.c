/* clock-nanosleep is not on every system */
#define _GNU_SOURCE
#include <time.h>
int main(void) { struct timespec t = { 0, 0 }; return clock_nanosleep(CLOCK_MONOTONIC, 0, &t, 0); }
