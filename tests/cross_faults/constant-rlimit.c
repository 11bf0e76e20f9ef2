/* RLIMIT_NICE is Linux's */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/time.h>
#include <sys/resource.h>
int main(void) { return RLIMIT_NICE; }
