/* sys/epoll.h is not on every system */
#define _GNU_SOURCE
#include <sys/epoll.h>
int main(void) { return epoll_create1(0); }
