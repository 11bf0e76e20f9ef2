/* CLOCK_MONOTONIC_RAW is Linux's */
#define _GNU_SOURCE
#include <time.h>
int main(void) { return CLOCK_MONOTONIC_RAW; }
