/* sys/socket.h is gone */
#include <arpa/inet.h>
int main(void) { return AF_INET6; }
