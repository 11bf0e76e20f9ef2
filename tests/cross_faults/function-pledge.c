/* pledge without #ifdef __OpenBSD__ */
#define _GNU_SOURCE
#include <unistd.h>
int main(void) { return pledge("stdio", 0); }
