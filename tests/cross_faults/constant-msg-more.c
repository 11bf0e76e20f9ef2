/* MSG_MORE is Linux's */
#define _GNU_SOURCE
#include <sys/types.h>
#include <sys/socket.h>
int main(void) { return MSG_MORE; }
