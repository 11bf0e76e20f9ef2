/* SO_PEERCRED is Linux's and OpenBSD's */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>
int main(void) { return SO_PEERCRED; }
