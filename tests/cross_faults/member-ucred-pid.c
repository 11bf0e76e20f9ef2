/* struct ucred is Linux's */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>
int main(void) { struct ucred u = { 0 }; return (int)u.pid; }
