/* netinet/in.h, which netdb.h includes on Linux, is gone */
#include <sys/types.h>
#include <netdb.h>
int main(void) { struct sockaddr_in sin; return sizeof(sin) == 0; }
