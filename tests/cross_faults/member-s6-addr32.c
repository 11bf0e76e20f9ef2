/* s6_addr32 is glibc's name */
#define _GNU_SOURCE
#include <netinet/in.h>
int main(void) { struct in6_addr a = { 0 }; return (int)a.s6_addr32[0]; }
