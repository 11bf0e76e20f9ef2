/* setproctitle is in no Linux libc */
#define _GNU_SOURCE
#include <sys/types.h>
#include <unistd.h>
#include <stdlib.h>
int main(void) { setproctitle("x"); return 0; }
