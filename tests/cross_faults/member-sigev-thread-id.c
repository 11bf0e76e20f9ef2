/* glibc's inside */
#define _GNU_SOURCE
#include <signal.h>
int main(void) { struct sigevent e = { 0 }; return (int)e._sigev_un._tid; }
