/* TCP_CORK is Linux's */
#define _GNU_SOURCE
#include <netinet/tcp.h>
int main(void) { return TCP_CORK; }
